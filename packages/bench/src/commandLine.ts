/** The arguments of `pnpm bench`. What is wrong with them is said in one line. */
import { parseArgs } from "node:util"
import type { Case } from "./Case.ts"

export interface Command {
  readonly action: "run" | "list" | "help"
  readonly cases: ReadonlyArray<Case>
  readonly rounds: number
  /** The numbers of workers asked for; each case's own without it. */
  readonly workers: ReadonlyArray<number> | undefined
  /** Parts of contenders' names; all contenders without it. */
  readonly contenders: ReadonlyArray<string> | undefined
  readonly quick: boolean
  readonly json: string | undefined
  readonly publish: boolean
}

/** Something for the user to correct. */
export class Mistake extends Error {
  override readonly name = "Mistake"
}

export const help = `pnpm bench [case…] [options]

Runs Ropewalk beside its peers and beside the raw mechanism. Each case runs in a process of its own, in which
all contenders are measured in turn. Without a case: all of them. A part of a name chooses all that begin so.

  --rounds <n>        how often each contender is measured (5; with --quick 3)
  --workers <n,n>     with how many workers (each case says: mostly 1 and 2)
  --only <part,part>  only the contenders whose name contains one of these
  --quick             a tenth of the work: a look, no result to publish
  --json <file>       writes all samples
  --publish           writes packages/bench/results/latest.json, docs/benchmarks.md and its plots
  --list              the cases
  --help              this text`

const options = {
  rounds: { type: "string" },
  workers: { type: "string" },
  only: { type: "string" },
  quick: { type: "boolean" },
  json: { type: "string" },
  publish: { type: "boolean" },
  list: { type: "boolean" },
  help: { type: "boolean", short: "h" }
} as const

export const parse = (args: ReadonlyArray<string>, all: ReadonlyArray<Case>): Command => {
  const { positionals, values } = read(args)
  const quick = values.quick === true
  const publish = values.publish === true
  if (publish && (quick || values.only !== undefined)) {
    throw new Mistake("--publish wants a full run: leave out --quick and --only")
  }
  const chosen = positionals.map((prefix) => {
    const found = all.filter(({ name }) => name.startsWith(prefix))
    if (found.length === 0) throw new Mistake(`There is no case "${prefix}": --list shows them`)
    return found
  })
  const chosenCases = positionals.length === 0 ? all : [...new Set(chosen.flat())]
  const contenders = values.only?.split(",").map((part) => part.trim().toLowerCase())
  if (!chosenCases.some((one) => one.contenders.some(({ name }) => isNamedIn(contenders)(name)))) {
    throw new Mistake(`No contender of these cases has a name with "${values.only}" in it: their tables show the names`)
  }
  return {
    action: values.help === true ? "help" : values.list === true ? "list" : "run",
    cases: chosenCases,
    rounds: values.rounds === undefined ? (quick ? 3 : 5) : count("--rounds", values.rounds),
    workers: values.workers?.split(",").map((text) => count("--workers", text)),
    contenders,
    quick,
    json: values.json,
    publish
  }
}

/** Whether a contender's name has one of these parts; without any, it may be any. */
export const isNamedIn =
  (parts: ReadonlyArray<string> | undefined) =>
  (name: string): boolean =>
    parts?.some((part) => name.toLowerCase().includes(part)) ?? true

const read = (args: ReadonlyArray<string>) => {
  try {
    // pnpm hands on the `--` that npm's users are used to write.
    return parseArgs({ args: args.filter((arg) => arg !== "--"), options, allowPositionals: true })
  } catch (cause) {
    throw new Mistake(`${(cause as Error).message.split(". ")[0]}: --help shows what there is`, { cause })
  }
}

const count = (option: string, text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Mistake(`${option} takes whole numbers from 1 on, not "${text}"`)
  }
  return value
}
