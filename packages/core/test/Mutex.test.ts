import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as Mutex from "../src/Mutex.ts"
import { settle } from "./support/settle.ts"
import { endOf, runAll, Stay, Steps, turns, usersOf } from "./support/users.ts"

describe("Mutex", () => {
  it.effect("serves its waiters first come, first served, and skips one that was interrupted", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      const order: Array<number> = []
      yield* mutex.acquire
      const waiters = yield* Effect.forEach([0, 1, 2, 3], (index) =>
        Effect.forkChild(
          mutex.withLock(
            Effect.andThen(
              Effect.yieldNow,
              Effect.sync(() => order.push(index))
            )
          ),
          {
            startImmediately: true
          }
        )
      )
      yield* Fiber.interrupt(waiters[1]!)
      yield* mutex.release
      assert.isFalse(yield* mutex.tryAcquire, "the lock belongs to the longest waiter already")
      yield* Effect.forEach([0, 2, 3], (index) => Fiber.join(waiters[index]!))
      assert.deepStrictEqual(order, [0, 2, 3])
    })
  )

  it.effect("a scope releases in whichever fiber closes it", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      const scope = yield* Scope.make()
      const holder = yield* Effect.forkChild(Scope.provide(mutex.acquireScoped, scope))
      yield* Fiber.join(holder)
      assert.isTrue(yield* mutex.isLocked)
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(yield* mutex.isLocked)
    })
  )

  const Use = Schema.Struct({
    how: Schema.Literals(["withLock", "scoped", "try", "within", "twice"]),
    ...Stay
  })

  it.effect.prop(
    "admits one fiber at a time in any schedule, and is free in the end",
    { users: usersOf(Use, 6), steps: Steps },
    ({ users, steps }) =>
      Effect.gen(function* () {
        const mutex = yield* Mutex.makeReentrant()
        const inside = new Set<number>()
        const broken: Array<string> = []
        const body = (use: typeof Use.Type) =>
          Effect.withFiber((fiber) =>
            Effect.acquireUseRelease(
              Effect.sync(() => {
                if (inside.size > 0) broken.push("two at a time")
                inside.add(fiber.id)
              }),
              () =>
                Effect.gen(function* () {
                  yield* turns(use.turns)
                  const owner = yield* mutex.owner
                  if (owner._tag === "None" || owner.value !== fiber.id) broken.push("not the owner inside")
                  if (use.how === "twice") yield* mutex.withLock(Effect.yieldNow)
                  yield* endOf(use)
                }),
              () => Effect.sync(() => inside.delete(fiber.id))
            )
          )
        const perform = (use: typeof Use.Type): Effect.Effect<unknown, unknown> => {
          switch (use.how) {
            case "withLock":
            case "twice":
              return mutex.withLock(body(use))
            case "scoped":
              return Effect.scoped(Effect.andThen(mutex.acquireScoped, body(use)))
            case "try":
              return mutex.tryWithLock(body(use))
            case "within":
              return Effect.acquireUseRelease(
                mutex.acquireWithin("1 second"),
                () => body(use),
                () => Effect.orDie(mutex.release)
              )
          }
        }
        assert.deepStrictEqual(yield* runAll(users, steps, perform), [])
        assert.deepStrictEqual(broken, [])
        assert.isFalse(yield* mutex.isLocked)
        assert.isTrue(yield* mutex.tryAcquire, "no waiter is left behind")
      })
  )
})

describe("Mutex deadlocks", () => {
  /** Fiber i takes lock i, then asks for lock i + 1: the last one closes the ring. */
  const ring = (size: number) =>
    Effect.gen(function* () {
      const names = Array.from({ length: size }, (_, index) => `lock ${index}`)
      const locks = yield* Effect.forEach(names, (name) => Mutex.make({ name }))
      const held = yield* Effect.forEach(names, () => Deferred.make<void>())
      const fibers = yield* Effect.forEach(names, (_, index) =>
        Effect.forkChild(
          locks[index]!.withLock(
            Effect.gen(function* () {
              yield* Deferred.succeed(held[index]!, undefined)
              yield* Effect.forEach(held, Deferred.await)
              return yield* locks[(index + 1) % size]!.withLock(Effect.succeed(index))
            })
          )
        )
      )
      return { fibers, locks, exits: yield* Effect.forEach(fibers, Fiber.await) }
    })

  for (const size of [2, 3, 5]) {
    it.effect(`a ring of ${size} fails the one that closes it, by name; the others go on`, () =>
      Effect.gen(function* () {
        const { exits, fibers, locks } = yield* ring(size)
        const failures = exits.flatMap((exit, index) => (Exit.isFailure(exit) ? [{ exit, index }] : []))
        assert.strictEqual(failures.length, 1)
        const [{ exit, index }] = failures as [(typeof failures)[number]]
        const error = yield* Effect.flip(exit)
        const at = (offset: number) => (index + offset) % size
        assert.deepStrictEqual(
          error.cycle,
          Array.from({ length: size }, (_, offset) => ({
            waiter: fibers[at(offset)]!.id,
            lock: `lock ${at(offset + 1)}`,
            owner: fibers[at(offset + 1)]!.id
          }))
        )
        for (const lock of locks) assert.isFalse(yield* lock.isLocked)
      })
    )
  }

  for (const [when, limitedAfter, otherAfter] of [
    ["opens", 1, 10],
    ["closes", 10, 1]
  ] as const) {
    it.effect(`a wait with a limit that ${when} a ring is no deadlock: it ends by itself`, () =>
      Effect.gen(function* () {
        const [a, b] = yield* Effect.all([Mutex.make(), Mutex.make()])
        const limited = yield* Effect.forkChild(
          a.withLock(Effect.andThen(turns(limitedAfter), Effect.flip(b.acquireWithin("1 second"))))
        )
        const other = yield* Effect.forkChild(
          b.withLock(Effect.andThen(turns(otherAfter), a.withLock(Effect.succeed("both"))))
        )
        yield* settle
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(limited))._tag, "LockTimeout")
        assert.strictEqual(yield* Fiber.join(other), "both")
      })
    )
  }

  it.effect("a waiter that was interrupted is in no ring, though it still cleans up", () =>
    Effect.gen(function* () {
      const [a, b] = yield* Effect.all([Mutex.make(), Mutex.make()])
      const [cleaning, cleaned] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      yield* a.acquire
      const cleanUp = Effect.andThen(Deferred.succeed(cleaning, undefined), Deferred.await(cleaned))
      const waiter = yield* Effect.forkChild(b.withLock(Effect.onInterrupt(a.withLock(Effect.void), () => cleanUp)), {
        startImmediately: true
      })
      yield* Effect.forkChild(Fiber.interrupt(waiter))
      yield* Deferred.await(cleaning)
      const other = yield* Effect.forkChild(Effect.andThen(settle, Deferred.succeed(cleaned, undefined)))
      yield* b.withLock(Effect.void)
      yield* Fiber.join(other)
    })
  )
})
