/** What holds of a mutex under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mutex from "../../src/Mutex.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { atMost, everything, together, twoVisitors } from "../support/explored.ts"

const it = withExplore(base)

const free = (mutex: Mutex.Mutex) =>
  Effect.gen(function* () {
    assert.equal(yield* mutex.isLocked, false)
    yield* mutex.withLock(Effect.void)
  })

describe("Mutex, explored", () => {
  for (const strategy of [Explore.random, Explore.pct({ depth: 3 }), Explore.exhaustive({ preemptions: 2 })]) {
    it.explore(
      `admits one at a time: ${strategy.name}`,
      Effect.gen(function* () {
        const mutex = yield* Mutex.make()
        const body = yield* atMost(1)
        yield* together([mutex.withLock(body), mutex.withLock(body), mutex.withLock(body)])
        yield* free(mutex)
      }),
      { strategy, schedules: 2000 }
    )
  }

  it.explore(
    "is left free by a waiter, and by a holder, that is interrupted anywhere",
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      const body = yield* atMost(1)
      const use = mutex.withLock(body)
      yield* together([Explore.interrupted(use), Explore.interrupted(use), use])
      yield* free(mutex)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "is left free by acquireScoped and acquireWithin that are interrupted anywhere",
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      const scoped = Effect.scoped(Effect.andThen(mutex.acquireScoped, Effect.yieldNow))
      const within = Effect.acquireUseRelease(
        mutex.acquireWithin("1 second"),
        () => Effect.sleep("2 seconds"),
        () => Effect.orDie(mutex.release)
      )
      yield* together([Explore.interrupted(scoped), Explore.interrupted(within), Effect.exit(within), scoped])
      yield* free(mutex)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "is whole for two visitors under every schedule",
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      yield* twoVisitors(mutex.withLock)
      yield* free(mutex)
    }),
    { strategy: everything, schedules: Number.POSITIVE_INFINITY }
  )

  it.explore(
    "never deadlocks: of two that close a ring, one is told",
    Effect.gen(function* () {
      const a = yield* Mutex.make({ name: "a" })
      const b = yield* Mutex.make({ name: "b" })
      const exits = yield* together([
        Effect.exit(a.withLock(b.withLock(Effect.void))),
        Effect.exit(b.withLock(a.withLock(Effect.void)))
      ])
      assert.ok(exits.filter(Exit.isFailure).length <= 1)
      yield* free(a)
      yield* free(b)
    }),
    { strategy: Explore.exhaustive({ preemptions: 2 }) }
  )
})
