/** The orderly end of a pool: what was accepted is finished, or counted. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as places from "../fixtures/places.ts"

const sum = { a: 20, b: 22 }

const fork = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

for (const place of places.all) {
  describe(place.name, () => {
    it.live("W16: drain finishes what was accepted, queued calls too, and refuses the rest", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1 })
        const waiting = yield* fork(pool.run("Wait", { label: "w" }))
        yield* heard("started w")
        const queued = yield* Effect.forEach(Array.from({ length: 20 }), () => fork(pool.run("Add", sum)))
        const refusing = yield* fork(Effect.exit(pool.run("Refuse", { code: 1 })))
        const draining = yield* fork(pool.drain())
        const refused = yield* Effect.flip(pool.run("Add", sum))
        assert.instanceOf(refused, Pool.PoolClosed)
        assert.instanceOf(yield* Effect.flip(pool.broadcast("Add", sum)), Pool.PoolClosed)
        assert.isUndefined(draining.pollUnsafe())
        // Whoever withdraws a call is not waited for.
        yield* Fiber.interrupt(waiting)
        assert.deepEqual(yield* Fiber.join(draining), { finished: 21, unfinished: 0 })
        const results = yield* Effect.forEach(queued, Fiber.join)
        assert.deepEqual([...new Set(results)], [42])
        assert.isTrue(Exit.isFailure(yield* Fiber.join(refusing)))
        assert.deepEqual((yield* pool.stats).workers, [])
      })
    )

    it.live("W16: an idle pool drains at once, and may be drained again", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        yield* pool.run("Add", sum)
        const nothing = { finished: 0, unfinished: 0 }
        assert.deepEqual(yield* Effect.all([pool.drain(), pool.drain()], { concurrency: 2 }), [nothing, nothing])
        assert.deepEqual(yield* pool.drain({ deadline: 0 }), nothing)
        assert.instanceOf(yield* Effect.flip(pool.ready), Pool.PoolClosed)
        assert.instanceOf(yield* Effect.flip(pool.warmUp), Pool.PoolClosed)
      })
    )

    it.effect("W17, P63: at the deadline the rest fails with PoolClosed, and is counted", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 1 })
        const running = yield* fork(Effect.flip(pool.run("Wait", { label: "w" })))
        yield* heard("started w")
        const queued = yield* Effect.forEach(Array.from({ length: 10 }), () => fork(Effect.flip(pool.run("Add", sum))))
        const draining = yield* fork(pool.drain({ deadline: "1 minute" }))
        yield* TestClock.adjust("59 seconds")
        assert.isUndefined(draining.pollUnsafe())
        yield* TestClock.adjust("1 second")
        assert.deepEqual(yield* Fiber.join(draining), { finished: 0, unfinished: 11 })
        const errors = yield* Effect.all([Fiber.join(running), ...queued.map((fiber) => Fiber.join(fiber))])
        assert.deepEqual([...new Set(errors.map(({ _tag }) => _tag))], ["PoolClosed"])
        // By the ladder, from its first rung.
        assert.include(said(), "finalized w")
      })
    )

    it.live("a deadline that makes no sense leaves the pool as it was", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 1 })
        assert.instanceOf(yield* Effect.flip(pool.drain({ deadline: -1 })), Pool.InvalidOption)
        assert.equal(yield* pool.run("Add", sum), 42)
      })
    )

    it.live("a drain goes on when whoever asked for it is interrupted; the scope cuts it short", () =>
      Effect.gen(function* () {
        const [task, second] = yield* Effect.scoped(
          Effect.gen(function* () {
            const { heard, pool } = yield* place.make({ size: 1 })
            const task = yield* Effect.forkDetach(Effect.flip(pool.run("Wait", { label: "w" })))
            yield* heard("started w")
            const first = yield* fork(pool.drain())
            yield* Fiber.interrupt(first)
            assert.instanceOf(yield* Effect.flip(pool.run("Add", sum)), Pool.PoolClosed)
            return [task, yield* Effect.forkDetach(pool.drain(), { startImmediately: true })] as const
          })
        )
        assert.instanceOf(yield* Fiber.join(task), Pool.PoolClosed)
        assert.deepEqual(yield* Fiber.join(second), { finished: 0, unfinished: 1 })
      })
    )

    it.live("P43: 10,000 queued sleeps stop promptly", () =>
      Effect.gen(function* () {
        const errors = yield* Effect.scoped(
          Effect.gen(function* () {
            const { heard, pool, said } = yield* place.make({ size: 2 })
            const calls = yield* Effect.forEach(Array.from({ length: 10_000 }), (_, index) =>
              Effect.forkDetach(Effect.flip(pool.run("Wait", { label: `${index}` })), { startImmediately: true })
            )
            yield* heard("started")
            assert.isBelow(said().length, 10)
            return calls
          })
        )
        const tags = yield* Effect.forEach(errors, (fiber) => Effect.map(Fiber.join(fiber), ({ _tag }) => _tag))
        assert.deepEqual([tags.length, [...new Set(tags)]], [10_000, ["PoolClosed"]])
      })
    )
  })
}

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("W17: a task that does not yield is stopped after the grace, by the ladder", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, grace: 50 })
        const task = yield* fork(Effect.flip(pool.run("Spin", { label: "s" })))
        yield* heard("started s")
        assert.deepEqual(yield* pool.drain({ deadline: 0 }), { finished: 0, unfinished: 1 })
        assert.instanceOf(yield* Fiber.join(task), Pool.PoolClosed)
      })
    )

    it.live("W16: a worker that dies while the pool drains is replaced, for what is left", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1 })
        const [waiting, crash, rest] = [
          yield* fork(pool.run("Wait", { label: "w" })),
          yield* fork(Effect.flip(pool.run("Exit", { code: 1 }))),
          yield* Effect.forEach(Array.from({ length: 5 }), () => fork(pool.run("Add", sum)))
        ]
        yield* heard("started w")
        const draining = yield* fork(pool.drain())
        yield* Fiber.interrupt(waiting)
        assert.deepEqual(yield* Fiber.join(draining), { finished: 5, unfinished: 1 })
        assert.instanceOf(yield* Fiber.join(crash), Pool.WorkerCrashed)
        assert.deepEqual(yield* Effect.forEach(rest, Fiber.join), [42, 42, 42, 42, 42])
      })
    )
  })
}
