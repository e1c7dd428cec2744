/** Callers that leave: one of thousands, all of them, by an interrupt, by a timeout, before they have begun. */
import { getEventListeners } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as places from "../fixtures/places.ts"
import { errorOf } from "../support/exits.ts"

const sum = { a: 20, b: 22 }

/** In the order of `labels`: each call is in the pool when this returns. */
const waiting = (pool: Effect.Success<ReturnType<places.Place["make"]>>["pool"], labels: Iterable<number | string>) =>
  Effect.forEach(labels, (label) =>
    Effect.forkChild(pool.run("Wait", { label: String(label) }), { startImmediately: true })
  )

/** How many listeners the program has where a pool could have left some. */
const listeners = (): number =>
  process.eventNames().reduce((count, event) => count + process.listenerCount(event), 0) +
  [process.stdout, process.stderr].reduce(
    (count, stream) => count + stream.eventNames().reduce((sum, event) => sum + stream.listenerCount(event), 0),
    0
  )

for (const place of places.all) {
  describe(place.name, () => {
    it.live("P43: 10,000 queued tasks stop at once, and none of them starts", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 1 })
        const [running] = yield* waiting(pool, ["first"])
        yield* heard("started first")
        const queued = yield* waiting(
          pool,
          Array.from({ length: 10_000 }, (_, n) => n)
        )
        assert.equal((yield* pool.stats).queued, 10_000)
        yield* Fiber.interruptAll(queued)
        assert.equal((yield* pool.stats).queued, 0)
        yield* Fiber.interrupt(running as Fiber.Fiber<void, unknown>)
        assert.equal(yield* pool.run("Add", sum), 42)
        assert.deepEqual(
          said().filter((line) => line.startsWith("started")),
          ["started first"]
        )
      })
    )

    it.live("P57: cancelling those that wait leaves those that run alone: they finish", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 2 })
        const napping = yield* Effect.forEach(["a", "b"], (label) =>
          Effect.forkChild(pool.run("Nap", { label, millis: 300 }), { startImmediately: true })
        )
        yield* Effect.all([heard("started a"), heard("started b")])
        const queued = yield* waiting(pool, ["c", "d", "e"])
        yield* Fiber.interruptAll(queued)
        assert.deepEqual(yield* Effect.forEach(napping, Fiber.join), ["a", "b"])
        const { queued: left, running } = yield* pool.stats
        assert.deepEqual([left, running], [0, 0])
      })
    )

    it.live("P60: the first failure is heard at once, and what ran beside it has stopped by then", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 3 })
        const refuse = Effect.andThen(
          Effect.all([heard("started a"), heard("started b")]),
          pool.run("Refuse", { code: 3 })
        )
        const waits = ["a", "b"].map((label) => pool.run("Wait", { label }))
        const error = yield* Effect.flip(Effect.all([...waits, refuse], { concurrency: "unbounded" }))
        assert.equal(error._tag, "Refused")
        assert.equal((yield* pool.stats).running, 0)
        yield* Effect.all([heard("finalized a"), heard("finalized b")])
      })
    )

    it.live("P73: of nested time limits only the one that ran out is heard of", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const inner = pool.run("Wait", { label: "x" }, { timeout: 20 }).pipe(Effect.timeout("1 hour"))
        assert.instanceOf(errorOf(yield* Effect.exit(inner)), Pool.TaskTimeout)
        const outer = pool.run("Wait", { label: "y" }, { timeout: "1 hour" }).pipe(Effect.timeout(20))
        assert.instanceOf(errorOf(yield* Effect.exit(outer)), Cause.TimeoutError)
        assert.equal((yield* pool.stats).running, 0)
      })
    )

    it.live("P74: an interrupt from outside is no timeout", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make()
        const fiber = yield* Effect.forkChild(pool.run("Wait", { label: "x" }, { timeout: "1 hour" }))
        yield* heard("started x")
        yield* Fiber.interrupt(fiber)
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      })
    )

    it.live("W9: a call that is interrupted before it begins never starts, though a worker is free", () =>
      Effect.gen(function* () {
        const { pool, said } = yield* place.make({ size: 1 })
        const calls = yield* Effect.forEach(Array.from({ length: 100 }), () =>
          Effect.forkChild(pool.run("Wait", { label: "never" }))
        )
        yield* Fiber.interruptAll(calls)
        assert.equal(yield* pool.run("Add", sum), 42)
        assert.deepEqual(said(), [])
      })
    )

    it.live("W8: a signal that was aborted before the call stops it all the same", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 1 })
        const run = Effect.runPromiseExit(pool.run("Wait", { label: "x" }), { signal: AbortSignal.abort() })
        const exit = yield* Effect.promise(() => run)
        assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
        assert.equal((yield* pool.stats).running, 0)
      })
    )

    it.live("W10: 10,000 tasks under one signal, and some that were aborted, leave no listener", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 1 })
        const warnings: Array<Error> = []
        const warn = (warning: Error) => void warnings.push(warning)
        process.on("warning", warn)
        yield* Effect.addFinalizer(() => Effect.sync(() => void process.off("warning", warn)))
        const before = listeners()
        const { signal } = new AbortController()
        const aborted = AbortSignal.abort()
        const calls = Array.from(
          { length: 10_000 },
          (_, n): Promise<Exit.Exit<unknown, unknown>> =>
            n % 100 === 0
              ? Effect.runPromiseExit(pool.run("Wait", { label: "x" }), { signal: aborted })
              : Effect.runPromiseExit(pool.run("Add", { a: n, b: 1 }), { signal })
        )
        const exits = yield* Effect.promise(() => Promise.all(calls))
        assert.equal(exits.filter(Exit.isSuccess).length, 9900)
        assert.deepEqual(getEventListeners(aborted, "abort"), [])
        assert.deepEqual(getEventListeners(signal, "abort"), [])
        assert.equal(listeners(), before)
        assert.deepEqual(warnings, [])
      })
    )
  })
}
