import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as BoundedSemaphore from "../../src/BoundedSemaphore.ts"
import { settle } from "../support/settle.ts"

describe("BoundedSemaphore, fibers", () => {
  it.effect("L1: a try answers at once, held or not", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(1)
      assert.isTrue(yield* semaphore.tryAcquire())
      assert.isFalse(yield* semaphore.tryAcquire())
      assert.strictEqual((yield* Effect.flip(semaphore.acquireOrFail()))._tag, "SemaphoreEmpty")
      assert.strictEqual(yield* semaphore.available, 0)
    })
  )

  it.effect("L2: a body that fails, dies or is interrupted gives its permits back", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      type Use = <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, unknown>
      const uses: ReadonlyArray<Use> = [semaphore.withPermit, semaphore.withPermits(2), semaphore.withPermitOrFail]
      for (const use of uses) {
        assert.strictEqual(yield* Effect.flip(use(Effect.fail("no"))), "no")
        assert.isTrue(Exit.hasDies(yield* Effect.exit(use(Effect.die("oh")))))
        const entered = yield* Deferred.make<void>()
        const stuck = yield* Effect.forkChild(use(Effect.andThen(Deferred.succeed(entered, undefined), Effect.never)))
        yield* Deferred.await(entered)
        assert.isBelow(yield* semaphore.available, 2)
        yield* Fiber.interrupt(stuck)
        assert.strictEqual(yield* semaphore.available, 2)
      }
    })
  )

  it.effect("L2: permits of a scope come back when it closes", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* semaphore.acquireScoped()
          yield* semaphore.acquireScoped(1)
          assert.strictEqual(yield* semaphore.available, 0)
        })
      )
      assert.strictEqual(yield* semaphore.available, 2)
    })
  )

  it.effect("L3: a negative timeout is rejected, also when a permit is available", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(1)
      for (const timeout of [-1, "-1 seconds", "-Infinity", Number.NaN] as const) {
        const error = yield* Effect.flip(semaphore.acquireWithin(timeout))
        assert.strictEqual(error._tag, "InvalidTimeout")
        assert.include(error.message, "zero or more")
      }
      assert.strictEqual(yield* semaphore.available, 1)
    })
  )

  it.effect("L6: a waiter that timed out leaves nothing behind", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      yield* semaphore.acquire()
      const large = yield* Effect.forkChild(Effect.flip(semaphore.acquireWithin("1 second", 2)))
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(large.pollUnsafe(), "not before its time")
      assert.isFalse(yield* semaphore.tryAcquire(), "nobody overtakes a waiter")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(large))._tag, "SemaphoreEmpty")
      assert.isTrue(yield* semaphore.tryAcquire(), "the queue is empty again")
      yield* semaphore.release(2)
      assert.strictEqual(yield* semaphore.available, 2)
    })
  )

  it.effect("L6: when a waiter gives up, the next one moves up", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      yield* semaphore.acquire()
      yield* Effect.forkChild(Effect.flip(semaphore.acquireWithin("1 second", 2)), { startImmediately: true })
      const small = yield* Effect.forkChild(semaphore.acquire(), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(small)
      assert.strictEqual(yield* semaphore.available, 0)
    })
  )

  it.effect("L6: a timeout of zero doesn't wait", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(1)
      yield* semaphore.acquireWithin(0)
      assert.strictEqual((yield* Effect.flip(semaphore.acquireWithin("0 seconds")))._tag, "SemaphoreEmpty")
    })
  )

  it.effect("L7 L14: releasing too much fails with SemaphoreFull and changes nothing, before and after use", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      const overRelease = Effect.gen(function* () {
        const error = yield* Effect.flip(semaphore.release())
        assert.deepStrictEqual({ ...error }, { ...new BoundedSemaphore.SemaphoreFull({ permits: 2, max: 2 }) })
        assert.strictEqual(yield* semaphore.available, 2)
      })
      yield* overRelease
      yield* semaphore.withPermits(2)(Effect.void)
      yield* overRelease
      yield* semaphore.acquire()
      const error = yield* Effect.flip(semaphore.release(2))
      assert.strictEqual(error._tag, "SemaphoreFull")
      assert.strictEqual(yield* semaphore.available, 1, "all or none")
      yield* semaphore.release()
      yield* overRelease
    })
  )

  it.effect("L7: a body that releases the permit it is lent is a defect", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(1)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(semaphore.withPermit(semaphore.release()))))
      assert.strictEqual(yield* semaphore.available, 1)
    })
  )

  it.effect("L12: a bound that is no count is rejected; 0 is one, as in Python", () =>
    Effect.gen(function* () {
      for (const max of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
        assert.strictEqual((yield* Effect.flip(BoundedSemaphore.make(max)))._tag, "InvalidPermits")
      }
      const none = yield* BoundedSemaphore.make(0)
      assert.isFalse(yield* Effect.exit(none.tryAcquire()).pipe(Effect.map(Exit.isSuccess)))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(none.acquire())), "not a wait that never ends")
      assert.strictEqual((yield* Effect.flip(none.acquire(1)))._tag, "InvalidPermits")
    })
  )

  it.effect("L12: so is a count of permits that there can't be, in every operation", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(2)
      for (const permits of [-1, 0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 3]) {
        const operations: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>> = [
          semaphore.acquire(permits),
          semaphore.tryAcquire(permits),
          semaphore.acquireOrFail(permits),
          semaphore.acquireWithin("1 second", permits),
          Effect.scoped(semaphore.acquireScoped(permits)),
          semaphore.withPermits(permits)(Effect.void),
          semaphore.release(permits)
        ]
        for (const operation of operations) {
          assert.strictEqual((yield* Effect.flip(operation))._tag, "InvalidPermits")
        }
      }
      assert.strictEqual(yield* semaphore.available, 2)
    })
  )

  it.effect("L13: release(n) admits exactly n waiters", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(5)
      yield* semaphore.acquire(5)
      let admitted = 0
      const waiter = Effect.andThen(
        semaphore.acquire(),
        Effect.sync(() => admitted++)
      )
      yield* Effect.forEach(Array.from({ length: 5 }), () => Effect.forkChild(waiter))
      yield* settle
      assert.strictEqual(admitted, 0)
      for (const [released, expected] of [
        [3, 3],
        [1, 4],
        [1, 5]
      ] as const) {
        yield* semaphore.release(released)
        yield* settle
        assert.strictEqual(admitted, expected)
        assert.strictEqual(yield* semaphore.available, 0)
      }
    })
  )
})
