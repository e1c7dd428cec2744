import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import * as Mutex from "../../src/Mutex.ts"

/** Another fiber that holds the mutex until it is interrupted. */
const heldByAnother = (mutex: Mutex.Mutex) =>
  Effect.gen(function* () {
    const entered = yield* Deferred.make<void>()
    const holder = yield* Effect.forkChild(
      mutex.withLock(Effect.andThen(Deferred.succeed(entered, undefined), Effect.never))
    )
    yield* Deferred.await(entered)
    return holder
  })

for (const make of [Mutex.make, Mutex.makeReentrant]) {
  describe(`Mutex.${make.name}, fibers`, () => {
    it.effect("L1: a try on a held lock answers at once", () =>
      Effect.gen(function* () {
        const mutex = yield* make()
        const holder = yield* heldByAnother(mutex)
        assert.isFalse(yield* mutex.tryAcquire)
        assert.isTrue(Option.isNone(yield* mutex.tryWithLock(Effect.die("must not run"))))
        yield* Fiber.interrupt(holder)
        assert.deepStrictEqual(yield* mutex.tryWithLock(mutex.isLocked), Option.some(true))
        assert.isTrue(yield* mutex.tryAcquire)
      })
    )

    it.effect("L2: a body that fails, dies or is interrupted releases", () =>
      Effect.gen(function* () {
        const mutex = yield* make()
        for (const use of [mutex.withLock, mutex.tryWithLock]) {
          assert.strictEqual(yield* Effect.flip(use(Effect.fail("no"))), "no")
          assert.isFalse(yield* mutex.isLocked)
          assert.isTrue(Exit.hasDies(yield* Effect.exit(use(Effect.die("oh")))))
          assert.isFalse(yield* mutex.isLocked)
        }
        const holder = yield* heldByAnother(mutex)
        assert.deepStrictEqual(yield* mutex.owner, Option.some(holder.id))
        yield* Fiber.interrupt(holder)
        assert.deepStrictEqual(yield* mutex.owner, Option.none())
      })
    )

    it.effect("L3: a negative timeout is rejected, also when the lock is free", () =>
      Effect.gen(function* () {
        const mutex = yield* make()
        assert.strictEqual((yield* Effect.flip(mutex.acquireWithin(-1)))._tag, "InvalidTimeout")
        assert.isFalse(yield* mutex.isLocked)
      })
    )

    it.effect("L5: release by another fiber fails with NotOwner and changes nothing", () =>
      Effect.gen(function* () {
        const mutex = yield* make({ name: "the till" })
        const holder = yield* heldByAnother(mutex)
        const error = yield* Effect.flip(mutex.release)
        assert.deepStrictEqual(
          { lock: error.lock, owner: error.owner, caller: error.caller },
          { lock: "the till", owner: holder.id, caller: yield* Effect.fiberId }
        )
        assert.deepStrictEqual(yield* mutex.owner, Option.some(holder.id))
      })
    )

    it.effect("L6: a waiter that timed out leaves nothing behind, and the next one moves up", () =>
      Effect.gen(function* () {
        const mutex = yield* make()
        const holder = yield* heldByAnother(mutex)
        const limited = yield* Effect.forkChild(Effect.flip(mutex.acquireWithin("1 second")))
        yield* TestClock.adjust("999 millis")
        assert.isUndefined(limited.pollUnsafe(), "not before its time")
        const next = yield* Effect.forkChild(mutex.withLock(Effect.fiberId), { startImmediately: true })
        yield* TestClock.adjust("1 millis")
        const error = yield* Fiber.join(limited)
        assert.strictEqual(error._tag, "LockTimeout")
        assert.include(error.message, `#${holder.id}`)
        yield* Fiber.interrupt(holder)
        assert.strictEqual(yield* Fiber.join(next), next.id)
        assert.isFalse(yield* mutex.isLocked)
      })
    )

    it.effect("L6: a wait with a limit that gets the lock leaves it with the fiber that asked", () =>
      Effect.gen(function* () {
        const mutex = yield* make()
        const holder = yield* heldByAnother(mutex)
        const waiter = yield* Effect.forkChild(
          Effect.gen(function* () {
            yield* mutex.acquireWithin("1 second")
            assert.deepStrictEqual(yield* mutex.owner, Option.some(yield* Effect.fiberId))
            yield* mutex.release
          })
        )
        yield* TestClock.adjust("500 millis")
        yield* Fiber.interrupt(holder)
        yield* Fiber.join(waiter)
        assert.isFalse(yield* mutex.isLocked)
      })
    )

    it.effect("L7: releasing once too often fails, before and after use", () =>
      Effect.gen(function* () {
        const mutex = yield* make()
        for (const use of [Effect.void, mutex.withLock(Effect.void)]) {
          yield* use
          const error = yield* Effect.flip(mutex.release)
          assert.isUndefined(error.owner)
        }
        assert.isTrue(
          Exit.hasDies(yield* Effect.exit(mutex.withLock(mutex.release))),
          "the body released what it was lent"
        )
        assert.isFalse(yield* mutex.isLocked)
      })
    )
  })
}

describe("Mutex, the holder again", () => {
  it.effect("L4: a plain mutex does not admit its own holder, and says so at once", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make({ name: "the till" })
      const id = yield* Effect.fiberId
      yield* mutex.acquire
      const again = [
        mutex.acquire,
        mutex.withLock(Effect.void),
        Effect.scoped(mutex.acquireScoped),
        mutex.acquireWithin("1 hour")
      ]
      for (const acquire of again) {
        const error = yield* Effect.flip(acquire)
        assert(error._tag === "Deadlock")
        assert.deepStrictEqual(error.cycle, [{ waiter: id, lock: "the till", owner: id }])
        assert.include(error.message, "makeReentrant")
      }
      assert.isFalse(yield* mutex.tryAcquire)
      yield* mutex.release
      assert.isFalse(yield* mutex.isLocked)
    })
  )

  it.effect("L4 L5: a re-entrant one counts: free when released as often as acquired", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.makeReentrant()
      yield* mutex.acquire
      yield* mutex.acquireWithin("1 second")
      assert.isTrue(yield* mutex.tryAcquire)
      assert.strictEqual(yield* mutex.withLock(Effect.succeed(1)), 1)
      for (const locked of [true, true, false]) {
        yield* mutex.release
        assert.strictEqual(yield* mutex.isLocked, locked)
      }
      assert.strictEqual((yield* Effect.flip(mutex.release))._tag, "NotOwner")
    })
  )

  it.effect("L4: a child of the holder is another owner", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.makeReentrant()
      yield* mutex.acquire
      const child = yield* Effect.forkChild(mutex.tryAcquire)
      assert.isFalse(yield* Fiber.join(child))
    })
  )
})
