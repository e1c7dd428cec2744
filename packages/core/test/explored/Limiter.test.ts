/** What holds of a limiter under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Limiter from "../../src/Limiter.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { atMost, everything, together, twoVisitors } from "../support/explored.ts"

const it = withExplore(base)

const whole = (limiter: Limiter.Limiter, permits: number) =>
  Effect.gen(function* () {
    assert.equal(yield* limiter.waiting, 0)
    assert.equal(yield* limiter.running, 0)
    assert.equal(yield* limiter.available, permits)
  })

describe("Limiter, explored", () => {
  for (const strategy of [Explore.random, Explore.pct({ depth: 3 }), Explore.exhaustive({ preemptions: 2 })]) {
    it.explore(
      `admits as many as it has permits: ${strategy.name}`,
      Effect.gen(function* () {
        const limiter = yield* Limiter.make({ permits: 2 })
        const use = limiter.withPermit(yield* atMost(2))
        yield* together([use, use, use, limiter.tryWithPermit(Effect.yieldNow)])
        yield* whole(limiter, 2)
      }),
      { strategy, schedules: 2000 }
    )
  }

  it.explore(
    "loses no permit to an interrupt, of a waiter, a holder or a scope, anywhere",
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      const use = limiter.withPermit(yield* atMost(1))
      const scoped = Effect.scoped(Effect.andThen(limiter.acquireScoped, Effect.yieldNow))
      yield* together([Explore.interrupted(use), Explore.interrupted(scoped), use])
      yield* whole(limiter, 1)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "with a rate, loses neither a permit nor its turn to an interrupt anywhere",
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 2, limit: 1, per: "1 second" })
      const use = limiter.withPermit(yield* atMost(2))
      yield* together([Explore.interrupted(use), Explore.interrupted(use), use])
      yield* Effect.sleep("1 second")
      yield* whole(limiter, 1)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "forgets a key whose users were interrupted anywhere",
    Effect.gen(function* () {
      const limits = yield* Limiter.keyed<string>({ permits: 1 })
      const use = limits.of("a").withPermit(yield* atMost(1))
      yield* together([Explore.interrupted(use), Explore.interrupted(use), use])
      assert.equal(yield* limits.size, 0)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "is whole for two visitors under every schedule",
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      yield* twoVisitors(limiter.withPermit)
      yield* whole(limiter, 1)
    }),
    { strategy: everything, schedules: Number.POSITIVE_INFINITY }
  )
})
