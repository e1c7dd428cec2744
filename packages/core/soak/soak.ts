/** One episode after the other, until the time is up, the tasks are done, or one of them went wrong. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type Course, runEpisode } from "./episode.ts"
import { heapInUse } from "./heap.ts"
import { judge } from "./judge.ts"
import { type Footprint, footprint, leftBehind } from "./leaks.ts"
import { type Options, replayOf } from "./options.ts"
import { type Episode, episodeOf, type Place } from "./Plan.ts"
import type { Tally } from "./Tally.ts"

/** Fills `tally` as it goes, so that whoever interrupts it has the ledger so far. */
export const soak = (options: Options, tally: Tally, onEpisode: (line: string) => void): Effect.Effect<void> =>
  Effect.gen(function* () {
    const largest = Math.max(1, Math.ceil(options.tasks / 2))
    const planned = (number: number) => episodeOf(options.seed, number, options.places, largest)
    const end = performance.now() + options.minutes * 60_000
    yield* warmUp(options.places)
    const before = footprint()
    for (let number = options.episode ?? 0; ; number++) {
      const episode = planned(number)
      const [time, problems] = yield* Effect.timed(attend(episode, before, tally))
      onEpisode(inWords(episode, Duration.toSeconds(time), problems))
      if (problems.length > 0) tally.problems.push(`again: ${replayOf(options, number)}`)
      const isLast = options.episode !== undefined || performance.now() >= end || tally.accepted >= options.tasks
      if (isLast || problems.length > 0) return
    }
  })

/** Loads and starts what is started once: a first pool of each place, and Node's own threads. */
const warmUp = (places: ReadonlyArray<Place>): Effect.Effect<void> =>
  Effect.forEach(
    places,
    (place) =>
      runEpisode({
        ...episodeOf(0, 0, [place], 1),
        strikes: [{ afterSettled: 1, kind: "stop", worker: 0, millis: 1 }],
        end: { kind: "idle" }
      }),
    { discard: true }
  )

const attend = (episode: Episode, before: Footprint, tally: Tally): Effect.Effect<Array<string>> =>
  Effect.gen(function* () {
    const course = yield* runEpisode(episode)
    const left = yield* leftBehind(before, episode.place === "process" ? workersOf(course) : [])
    const problems = [...course.problems, ...judge(course.trial), ...left]
    tally.add(course, problems.slice(0, 20), heapInUse())
    return problems
  })

const workersOf = ({ trial }: Course): Set<number> => new Set(trial.runs.map(({ worker }) => worker))

const inWords = (episode: Episode, seconds: number, problems: ReadonlyArray<string>): string => {
  const { calls, concurrency, end, number, place, size, weather } = episode
  const how = end.kind === "idle" ? "" : `, ${end.kind === "drain" ? "drained" : "closed"} after ${end.afterSettled}`
  const what = `${weather} of ${calls.length} on ${size} × ${concurrency} ${place}`
  return `${number}: ${what}${how}, ${seconds.toFixed(1)} s${problems.length === 0 ? "" : `: ${problems[0]}`}`
}
