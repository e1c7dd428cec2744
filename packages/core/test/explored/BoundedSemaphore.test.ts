/** What holds of a semaphore under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as BoundedSemaphore from "../../src/BoundedSemaphore.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { everything, together } from "../support/explored.ts"

const it = withExplore(base)

/** Bodies that take permits, of which there are so many. */
const bodies = (permits: number) =>
  Effect.gen(function* () {
    let taken = 0
    yield* Explore.invariant(`no more than ${permits} permits are out`, () => taken <= permits)
    return (count: number) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          taken += count
        }),
        () => Effect.yieldNow,
        () =>
          Effect.sync(() => {
            taken -= count
          })
      )
  })

describe("BoundedSemaphore, explored", () => {
  for (const strategy of [Explore.random, Explore.pct({ depth: 3 }), Explore.exhaustive({ preemptions: 2 })]) {
    it.explore(
      `never hands out more than it has: ${strategy.name}`,
      Effect.gen(function* () {
        const semaphore = yield* BoundedSemaphore.make(2)
        const body = yield* bodies(2)
        yield* together([1, 2, 1].map((count) => semaphore.withPermits(count)(body(count))))
        assert.equal(yield* semaphore.available, 2)
      }),
      { strategy, schedules: 2000 }
    )
  }

  it.explore(
    "is whole for two that take more than there is, under every schedule",
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      yield* together([1, 2].map((count) => semaphore.withPermits(count)(Effect.yieldNow)))
      assert.equal(yield* semaphore.available, 2)
    }),
    { strategy: everything, schedules: Number.POSITIVE_INFINITY }
  )

  it.explore(
    "loses no permit to an interrupt, of a waiter or of a holder, anywhere",
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      const body = yield* bodies(2)
      const use = (count: number) => semaphore.withPermits(count)(body(count))
      yield* together([Explore.interrupted(use(2)), Explore.interrupted(use(1)), use(1)])
      assert.equal(yield* semaphore.available, 2)
    }),
    { schedules: 3000 }
  )
})
