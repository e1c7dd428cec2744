/**
 * How long a job takes; if asked, beside the same job on one thread, in one run and in turn: the machine is as busy for the one
 * as for the other.
 *
 * @internal
 */
import { availableParallelism } from "node:os"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { ShowProgress } from "../watched.ts"
import type { JobSettings } from "./options.ts"
import { inWords } from "./workers.ts"

export interface Measured<A> {
  readonly result: A
  /** Seconds; of several runs, the median. */
  readonly seconds: number
  /** Of what it was compared with. */
  readonly beside?: { readonly seconds: number; readonly ideal: number; readonly isSame: boolean }
  /** As "0.8 s on 2 threads, and 1.5 s on one: 1.93 times as fast". */
  readonly shown: string
}

/** How often each is measured. Once before that they run unmeasured: code that has just been loaded is slow. */
const rounds = 3

/** Runs `many`, and if the job is to be compared, `one` beside it; `isSame` says whether their results are one. */
export const measure = <A, E1, R1, E2, R2>(
  settings: JobSettings,
  programs: {
    readonly one: Effect.Effect<A, E1, R1>
    readonly many: Effect.Effect<A, E2, R2>
    readonly isSame: (one: A, many: A) => boolean
  }
): Effect.Effect<Measured<A>, E1 | E2, R1 | R2> =>
  Effect.gen(function* () {
    const where = inWords(settings.place, settings.workers)
    if (!settings.compare) {
      const { result, seconds } = yield* timed(programs.many)
      return { result, seconds, shown: `${seconds.toFixed(2)} s on ${where}` }
    }
    const runs = yield* Effect.replicateEffect(
      Effect.all({ one: timed(programs.one), many: timed(programs.many) }),
      rounds + 1
    ).pipe(Effect.provideService(ShowProgress, undefined))
    const one = median(runs.slice(1).map((run) => run.one.seconds))
    const many = median(runs.slice(1).map((run) => run.many.seconds))
    const isSame = runs.every((run) => programs.isSame(run.one.result, run.many.result))
    const ratio = (one / many).toFixed(2)
    return {
      result: runs[0]!.many.result,
      seconds: many,
      beside: { seconds: one, ideal: one / Math.min(settings.workers, availableParallelism()), isSame },
      shown:
        `${many.toFixed(2)} s on ${where}, and ${one.toFixed(2)} s on one thread: ${ratio} times as fast` +
        (isSame ? "" : ", with another result")
    }
  })

/** Calls a function for each element, in a loop that leaves the thread to others in between: Ctrl-C is heard. */
export const onThisThread = <A>(elements: Iterable<A>, f: (element: A) => unknown): Effect.Effect<void> =>
  Effect.forEach(
    elements,
    (element) =>
      Effect.andThen(
        Effect.sync(() => f(element)),
        Effect.yieldNow
      ),
    { discard: true }
  )

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const start = yield* Clock.currentTimeNanos
    const result = yield* effect
    return { result, seconds: Number((yield* Clock.currentTimeNanos) - start) / 1e9 }
  })

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
