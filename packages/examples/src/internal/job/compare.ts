/**
 * A job beside the same job on one thread, in one run and in turn: the machine is as busy for the one as for the other.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

export interface Timed<A> {
  readonly result: A
  /** Milliseconds; of several runs, the median. */
  readonly ms: number
}

export interface Comparison<A> {
  readonly one: Timed<A>
  readonly many: Timed<A>
  /** How many times as fast. */
  readonly ratio: number
}

/** How long it takes, on a clock that nobody sets. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Timed<A>, E, R> =>
  Effect.gen(function* () {
    const start = yield* Clock.currentTimeNanos
    const result = yield* effect
    return { result, ms: Number((yield* Clock.currentTimeNanos) - start) / 1e6 }
  })

/** How often each is measured. Once before that they run unmeasured: code that has just been loaded is slow. */
const rounds = 3

export const compare = <A, E1, R1, E2, R2>(
  one: Effect.Effect<A, E1, R1>,
  many: Effect.Effect<A, E2, R2>
): Effect.Effect<Comparison<A>, E1 | E2, R1 | R2> =>
  Effect.gen(function* () {
    const runs = yield* Effect.replicateEffect(Effect.all([timed(one), timed(many)]), rounds + 1)
    const measured = runs.slice(1)
    const comparison = { one: medianOf(measured.map(([run]) => run)), many: medianOf(measured.map(([, run]) => run)) }
    return { ...comparison, ratio: comparison.one.ms / comparison.many.ms }
  })

const medianOf = <A>(runs: ReadonlyArray<Timed<A>>): Timed<A> =>
  runs.toSorted((a, b) => a.ms - b.ms)[Math.floor(runs.length / 2)]!
