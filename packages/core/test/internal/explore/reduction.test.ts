/** Effect programs of which each order of dependent steps is run once: how many there are, and that none is lost. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Ref from "effect/Ref"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import * as Explore from "../../../src/testing/Explore.ts"
import { randomProgram, run } from "./programs.ts"
import { detached, explored, increment, times } from "./reduced.ts"

const binomial = (n: number, k: number): number => (k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k)

describe("the number of traces", () => {
  for (const n of [1, 3, 6]) {
    it.live(`is 1 for two fibers with ${n} steps each on refs of their own`, () =>
      Effect.gen(function* () {
        const report = yield* explored(
          Effect.gen(function* () {
            const [a, b] = [yield* Ref.make(0), yield* Ref.make(0)]
            yield* detached(times(n, increment(a)), times(n, increment(b)))
          })
        )
        assert.deepInclude(report, { runs: 1, pruned: 0, distinct: 1, complete: true, preemptions: Infinity })
      })
    )
  }

  for (const [n, m] of [
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 4]
  ] as const) {
    it.live(`is ${n + m} over ${n} for ${n} and ${m} writes of the same ref`, () =>
      Effect.gen(function* () {
        const report = yield* explored(
          Effect.gen(function* () {
            const ref = yield* Ref.make(0)
            yield* detached(times(n, increment(ref)), times(m, increment(ref)))
          })
        )
        const traces = binomial(n + m, n)
        assert.deepInclude(report, { runs: traces, distinct: traces, complete: true })
      })
    )
  }

  it.live("is n + 1 for one write among n reads, and 1 for reads alone", () =>
    Effect.gen(function* () {
      const program = (body: (ref: Ref.Ref<number>) => Effect.Effect<unknown>) =>
        Effect.gen(function* () {
          const ref = yield* Ref.make(0)
          yield* detached(times(5, Ref.get(ref)), body(ref))
        })
      assert.deepInclude(yield* explored(program((ref) => Ref.set(ref, 1))), { runs: 6, distinct: 6, complete: true })
      assert.deepInclude(yield* explored(program((ref) => times(5, Ref.get(ref)))), { runs: 1, complete: true })
    })
  )

  it.live("is n! for n fibers that are waited for together: the last one goes on with it", () =>
    Effect.gen(function* () {
      const waited = (n: number) =>
        Effect.replicateEffect(Effect.yieldNow, n, { concurrency: "unbounded", discard: true })
      for (const [n, traces] of [
        [1, 1],
        [2, 2],
        [3, 6],
        [4, 24]
      ] as const) {
        assert.deepInclude(yield* explored(waited(n)), { runs: traces, distinct: traces, complete: true })
      }
    })
  )

  it.live(
    "is 2 for a deferred that one fiber completes and another asks for, and for one of two that complete it",
    () =>
      Effect.gen(function* () {
        const program = (other: (deferred: Deferred.Deferred<number>) => Effect.Effect<unknown>) =>
          Effect.gen(function* () {
            const deferred = yield* Deferred.make<number>()
            yield* detached(Deferred.succeed(deferred, 1), other(deferred))
          })
        assert.deepInclude(yield* explored(program(Deferred.isDone)), { runs: 2, complete: true })
        assert.deepInclude(yield* explored(program((deferred) => Deferred.succeed(deferred, 2))), {
          runs: 2,
          complete: true
        })
      })
  )
})

describe("no order is lost: of random programs", () => {
  const outcomes = (program: ReturnType<typeof randomProgram>, options: Explore.Options<string, never>) =>
    Effect.gen(function* () {
      const ends = new Set<string>()
      const report = yield* explored(Effect.scoped(run(program)), {
        expect: (exit) => void ends.add(Exit.isSuccess(exit) ? exit.value : "a failure"),
        ...options
      })
      assert.isUndefined(report.finding, `${Explore.format(report)} of ${JSON.stringify(program)}`)
      return { report, ends }
    })

  const samples = Array.from({ length: 15 }, (_, sample) => sample)

  it.live("every end that other strategies come to, without reduction, is among those with it", () =>
    Effect.gen(function* () {
      const prng = new Prng()
      let most = 0
      for (const sample of samples) {
        prng.reset(2030, sample)
        const program = randomProgram(prng, 2, 2)
        const reduced = yield* outcomes(program, {})
        assert.isTrue(reduced.report.complete)
        assert.strictEqual(reduced.report.runs, reduced.report.distinct)
        most = Math.max(most, reduced.ends.size)
        for (const options of [
          { strategy: Explore.random, schedules: 200 },
          { strategy: Explore.exhaustive({ preemptions: 1 }) },
          { strategy: Explore.exhaustive({ preemptions: 1, sharing: "declared" as const }) }
        ]) {
          const { ends } = yield* outcomes(program, options)
          for (const end of ends) assert.isTrue(reduced.ends.has(end), `${JSON.stringify(program)} can end with ${end}`)
        }
      }
      assert.isAbove(most, 4)
    })
  )

  it.live("with a bound, the ends are those without reduction", () =>
    Effect.gen(function* () {
      const prng = new Prng()
      for (const sample of samples) {
        prng.reset(2031, sample)
        const program = randomProgram(prng, 2, 2)
        const all = yield* outcomes(program, { strategy: Explore.exhaustive({ preemptions: 1 }) })
        const reduced = yield* outcomes(program, {
          strategy: Explore.exhaustive({ preemptions: 1, sharing: "declared" })
        })
        assert.deepStrictEqual([...reduced.ends].toSorted(), [...all.ends].toSorted(), JSON.stringify(program))
      }
    })
  )

  it.live("three ways of leaving out what is equivalent agree on the number of traces", () =>
    Effect.gen(function* () {
      const prng = new Prng()
      let compared = 0
      for (const sample of samples) {
        prng.reset(2032, sample)
        const program = randomProgram(prng, 2, 1)
        const bySourceSets = yield* outcomes(program, {})
        const bySleepSets = yield* outcomes(program, { invariant: () => true })
        const byBeginnings = yield* outcomes(program, {
          strategy: Explore.exhaustive({ preemptions: 99, sharing: "declared" }),
          schedules: 2000
        })
        assert.strictEqual(bySleepSets.report.distinct, bySourceSets.report.distinct, JSON.stringify(program))
        if (!byBeginnings.report.complete) continue
        compared++
        assert.strictEqual(byBeginnings.report.distinct, bySourceSets.report.distinct, JSON.stringify(program))
      }
      assert.isAbove(compared, 5)
    })
  )
})

describe("with an invariant", () => {
  /** Never true of both, once each has run; for a moment true of one. */
  const flags = (when: (a: Ref.Ref<boolean>, b: Ref.Ref<boolean>) => Effect.Effect<void>) =>
    Effect.gen(function* () {
      const [a, b] = [yield* Ref.make(false), yield* Ref.make(false)]
      const raise = (ref: Ref.Ref<boolean>) => Effect.andThen(Ref.set(ref, true), Ref.set(ref, false))
      yield* detached(Effect.andThen(when(a, b), raise(a)), raise(b))
    })

  const neverBoth = (a: Ref.Ref<boolean>, b: Ref.Ref<boolean>) =>
    Explore.invariant("never both", () => !(Ref.getUnsafe(a) && Ref.getUnsafe(b)))

  it.live("every state is looked at, although the steps that lead there are independent", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* explored(flags(neverBoth))).finding?.kind, "invariant")
      assert.deepInclude(yield* explored(flags(() => Effect.void)), { runs: 1, complete: true })
    })
  )
})
