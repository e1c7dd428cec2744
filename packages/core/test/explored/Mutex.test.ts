/** What holds of a mutex under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mutex from "../../src/Mutex.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"

const it = withExplore(base)

/** All orders of steps that share something. Ends only when all were run. */
const everything = Explore.exhaustive({ sharing: "declared" })

const together = <A, E, R>(effects: Iterable<Effect.Effect<A, E, R>>) =>
  Effect.all(effects, { concurrency: "unbounded" })

/** A body that two fibers must not be in. */
const exclusive = Effect.gen(function* () {
  let inside = 0
  yield* Explore.invariant("one at a time", () => inside <= 1)
  return Effect.acquireUseRelease(
    Effect.sync(() => inside++),
    () => Effect.yieldNow,
    () => Effect.sync(() => inside--)
  )
})

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
        const body = yield* exclusive
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
      const body = yield* exclusive
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
      const book = Explore.shared({ entries: 0 })
      const visit = mutex.withLock(
        Effect.gen(function* () {
          const before = book.entries
          yield* Effect.yieldNow
          book.entries = before + 1
        })
      )
      yield* together([visit, visit])
      assert.equal(book.entries, 2)
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
