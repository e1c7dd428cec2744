/** The command line of `pnpm soak`. */
import { parseArgs } from "node:util"
import type { Place } from "./Plan.ts"

export interface Options {
  /** Infinite when only a number of tasks is asked for. */
  readonly minutes: number
  readonly tasks: number
  readonly seed: number
  readonly places: ReadonlyArray<Place>
  /** Only this one. */
  readonly episode: number | undefined
  readonly json: boolean
}

export const usage = `Usage: pnpm soak [options]

Random tasks on random pools under every fault there is; a ledger shows that none is lost.

  --minutes <number>               how long (default: 2, or without end when --tasks is given)
  --tasks <number>                 until at least so many tasks have been settled; no pool has more than half of them
  --seed <number>                  decides tasks and faults (default: another one each time)
  --place <thread|process|both>    (default: both)
  --episode <number>               only this episode of the seed
  --json                           print the ledger as JSON
  --help                           print this
`

/** What the command line asks for; or, as text, what is wrong with it. */
export const parseOptions = (args: ReadonlyArray<string>): Options | "help" | { readonly problem: string } => {
  let values: Record<string, string | boolean | undefined>
  try {
    ;({ values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string" },
        tasks: { type: "string" },
        seed: { type: "string" },
        place: { type: "string" },
        episode: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" }
      }
    }))
  } catch (cause) {
    return { problem: (cause as Error).message }
  }
  if (values["help"] === true) return "help"
  const problems: Array<string> = []
  const number = (name: string, isFit: (value: number) => boolean, what: string): number | undefined => {
    const text = values[name]
    if (text === undefined) return undefined
    const value = text === "" ? Number.NaN : Number(text)
    if (!isFit(value)) problems.push(`--${name} is ${what}, not "${text}"`)
    return value
  }
  const isCount = (value: number) => Number.isSafeInteger(value) && value > 0
  const minutes = number("minutes", (value) => value > 0 && value < Number.POSITIVE_INFINITY, "a number above 0")
  const tasks = number("tasks", isCount, "a whole number above 0")
  const seed = number("seed", Number.isSafeInteger, "a whole number")
  const episode = number("episode", (value) => value === 0 || isCount(value), "a whole number from 0")
  const place = values["place"] ?? "both"
  if (place !== "thread" && place !== "process" && place !== "both") {
    problems.push(`--place is thread, process or both, not "${place}"`)
  }
  if (problems.length > 0) return { problem: problems.join("\n") }
  return {
    minutes: minutes ?? (tasks === undefined ? 2 : Number.POSITIVE_INFINITY),
    tasks: tasks ?? Number.POSITIVE_INFINITY,
    seed: seed ?? Date.now() % 2 ** 31,
    places: place === "both" ? ["thread", "process"] : [place as Place],
    episode,
    json: values["json"] === true
  }
}

/** The line that runs an episode again. */
export const replayOf = ({ places, seed, tasks }: Options, episode: number): string =>
  [
    `pnpm soak --seed ${seed} --episode ${episode}`,
    ...(places.length === 1 ? [`--place ${places[0]}`] : []),
    ...(Number.isFinite(tasks) ? [`--tasks ${tasks}`] : [])
  ].join(" ")
