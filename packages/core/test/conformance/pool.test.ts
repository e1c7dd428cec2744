/** What a pool owes to each task, in every place: CPython's and the Node pools' own suites, by their numbers. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as places from "../fixtures/places.ts"
import { Point, Refused } from "../fixtures/tasks.ts"
import { errorOf } from "../support/exits.ts"

/** The one error of a failed exit. */

const defectOf = (exit: Exit.Exit<unknown, unknown>): unknown => {
  const die = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isDieReason) : undefined
  assert.isDefined(die, "it should have died")
  return die?.defect
}

const later = { a: 20, b: 22 }

for (const place of places.all) {
  describe(place.name, () => {
    it.live("answers with the task's result, of its own class", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        assert.equal(yield* pool.run("Add", later), 42)
        const mirrored = yield* pool.run("Mirror", { point: new Point({ x: 3, y: 4 }), when: new Date() })
        assert.instanceOf(Option.getOrThrow(mirrored), Point)
        assert.deepEqual(Option.getOrThrow(mirrored), new Point({ x: 4, y: 3 }))
      })
    )

    it.live("fills in the defaults of a payload", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        assert.equal(yield* pool.run("Defaulted", {}), 7)
      })
    )

    it.live("refuses a payload that its schema refuses, and says where", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const error = errorOf(yield* Effect.exit(pool.run("Add", { a: 1, b: "2" as never })))
        assert.instanceOf(error, Pool.EncodeFailed)
        assert.deepEqual(error.path, ["b"])
        assert.equal(yield* pool.run("Add", later), 42)
      })
    )

    it.live("P42: a typed error keeps its class, its fields, its cause and the worker's line", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const error = errorOf(yield* Effect.exit(pool.run("Refuse", { code: 9 })))
        assert.instanceOf(error, Refused)
        assert.equal(error.advice, "refused with 9")
        assert.deepEqual([error.at.getTime(), error.note], [0, Option.some("no")])
        assert.match(String(error.stack), /handlers\.ts/)
        assert.equal((error.cause as Error).message, "root")
      })
    )

    it.live("P42: what is thrown dies here as it was thrown there", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const thrown = (what: "error" | "null" | "undefined" | "string" | "object" | "nested") =>
          Effect.map(Effect.exit(pool.run("Throw", { what })), defectOf)
        const error = yield* thrown("error")
        assert.instanceOf(error, TypeError)
        assert.match(String((error as Error).stack), /handlers\.ts/)
        assert.isNull(yield* thrown("null"))
        assert.isUndefined(yield* thrown("undefined"))
        assert.equal(yield* thrown("string"), "text")
        assert.deepEqual(yield* thrown("object"), { reason: "plain" })
        const nested = (yield* thrown("nested")) as Error & { readonly code: number }
        assert.deepEqual([nested.name, nested.code], ["Nested", 42])
        assert.instanceOf(nested.cause, RangeError)
        assert.equal(yield* pool.run("Add", later), 42)
      })
    )

    it.live("P42: one task's failure is not another's", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        const [refused, sum] = yield* Effect.all(
          [Effect.exit(pool.run("Refuse", { code: 1 })), Effect.exit(pool.run("Add", later))],
          { concurrency: "unbounded" }
        )
        assert.equal((errorOf(refused) as Refused).code, 1)
        assert.deepEqual(sum, Exit.succeed(42))
      })
    )

    it.live("P46: no payload, no result", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        assert.deepEqual(yield* pool.map("Add", []), [])
      })
    )

    it.live("P40: one failure stops no sibling where nobody asked for that", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        const results = yield* Effect.forEach(
          Array.from({ length: 40 }, (_, n) => n),
          (n) => Effect.result(n % 4 === 0 ? pool.run("Refuse", { code: n }) : pool.run("Add", { a: n, b: 1 })),
          { concurrency: "unbounded" }
        )
        for (const [n, result] of results.entries()) {
          if (Result.isFailure(result)) assert.equal((result.failure as Refused).code, n)
          else assert.strictEqual<unknown>(result.success, n + 1)
          assert.equal(Result.isFailure(result), n % 4 === 0)
        }
      })
    )

    it.live("P48: an empty message is a message", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        for (const value of [undefined, null, "", new Uint8Array(0), [], {}, new Map()]) {
          assert.deepEqual(yield* pool.run("Echo", { value }), value)
        }
      })
    )

    it.live("maps in the order of the payloads, more of them than workers", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        const payloads = Array.from({ length: 100 }, (_, a) => ({ a, b: a }))
        assert.deepEqual(
          yield* pool.map("Add", payloads),
          payloads.map(({ a }) => 2 * a)
        )
      })
    )

    it.live("a map stops at its first failure, and interrupts what runs", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 2 })
        const waiting = yield* Effect.forkChild(pool.run("Wait", { label: "bystander" }))
        yield* heard("started bystander")
        const error = errorOf(yield* Effect.exit(pool.map("Refuse", [{ code: 1 }, { code: 2 }, { code: 3 }])))
        assert.equal((error as Refused).code, 1)
        assert.isUndefined(waiting.pollUnsafe())
      })
    )

    it.live("W1: a task starts only when a worker is free, in the order of the calls", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 1 })
        const first = yield* Effect.forkChild(pool.run("Wait", { label: "1" }))
        yield* heard("started 1")
        const second = yield* Effect.forkChild(pool.run("Wait", { label: "2" }), { startImmediately: true })
        const third = yield* Effect.forkChild(pool.run("Wait", { label: "3" }), { startImmediately: true })
        const { queued, running } = yield* pool.stats
        assert.deepEqual([queued, running], [2, 1])
        yield* Fiber.interrupt(first)
        yield* heard("started 2")
        yield* Fiber.interrupt(second)
        yield* heard("started 3")
        yield* Fiber.interrupt(third)
        assert.deepEqual(
          said().filter((line) => line.startsWith("started")),
          ["started 1", "started 2", "started 3"]
        )
      })
    )

    it.live("W22: one worker runs its tasks strictly in the order of the calls, however many there are", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 1 })
        const expected = Array.from({ length: 2000 }, (_, n) => n)
        const turns = yield* Effect.forEach(expected, () => pool.run("Turn"), { concurrency: "unbounded" })
        assert.deepEqual(turns, expected)
      })
    )

    it.live("W8: interrupting a running task runs its finalizers, and keeps its worker", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make()
        const before = yield* pool.stats
        const fiber = yield* Effect.forkChild(pool.run("Wait", { label: "x" }))
        yield* heard("started x")
        yield* Fiber.interrupt(fiber)
        yield* heard("finalized x")
        assert.equal(yield* pool.run("Add", later), 42)
        const after = yield* pool.stats
        assert.deepEqual(
          after.workers.map((_) => _.id),
          before.workers.map((_) => _.id)
        )
        assert.equal(after.running, 0)
      })
    )

    it.live("W9: a task that was interrupted in the queue never starts", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 1 })
        const running = yield* Effect.forkChild(pool.run("Wait", { label: "1" }))
        yield* heard("started 1")
        const queued = yield* Effect.forkChild(pool.run("Wait", { label: "never" }), { startImmediately: true })
        yield* Fiber.interrupt(queued)
        assert.equal((yield* pool.stats).queued, 0)
        yield* Fiber.interrupt(running)
        assert.equal(yield* pool.run("Add", later), 42)
        assert.notInclude(said(), "started never")
      })
    )

    it.live("W11: interrupting one task leaves its neighbour on the same worker alone", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, concurrency: 2 })
        const one = yield* Effect.forkChild(pool.run("Wait", { label: "one" }))
        const two = yield* Effect.forkChild(pool.run("Wait", { label: "two" }))
        yield* Effect.all([heard("started one"), heard("started two")])
        yield* Fiber.interrupt(one)
        assert.isUndefined(two.pollUnsafe())
        assert.equal((yield* pool.stats).running, 1)
        yield* Fiber.interrupt(two)
      })
    )

    it.live("a timeout says whether the task was queued or running, and stops it", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1 })
        const running = errorOf(yield* Effect.exit(pool.run("Wait", { label: "late" }, { timeout: "1 second" })))
        assert.instanceOf(running, Pool.TaskTimeout)
        assert.deepEqual([running.phase, running.millis], ["running", 1000])
        yield* heard("finalized late")
        yield* Effect.forkChild(pool.run("Wait", { label: "busy" }))
        yield* heard("started busy")
        const queued = errorOf(yield* Effect.exit(pool.run("Add", later, { timeout: 10 })))
        assert.equal((queued as Pool.TaskTimeout).phase, "queued")
      })
    )

    it.live("a closed pool refuses tasks, and fails those that it had", () =>
      Effect.gen(function* () {
        const fibers = yield* Effect.scoped(
          Effect.gen(function* () {
            const { heard, pool } = yield* place.make({ size: 1 })
            const running = yield* Effect.forkDetach(pool.run("Wait", { label: "1" }))
            yield* heard("started 1")
            const queued = yield* Effect.forkDetach(pool.run("Add", later), { startImmediately: true })
            return { running, queued, pool }
          })
        )
        assert.instanceOf(errorOf(yield* Fiber.await(fibers.running)), Pool.PoolClosed)
        assert.instanceOf(errorOf(yield* Fiber.await(fibers.queued)), Pool.PoolClosed)
        assert.instanceOf(errorOf(yield* Effect.exit(fibers.pool.run("Add", later))), Pool.PoolClosed)
      })
    )

    it.live("rejects options that make no sense", () =>
      Effect.gen(function* () {
        for (const options of [{ size: 0 }, { size: 1.5 }, { concurrency: -1 }, { grace: -1 }]) {
          if (place.name === "fiber" && "grace" in options) continue
          const error = errorOf(yield* Effect.exit(place.make(options)))
          assert.instanceOf(error, Pool.InvalidOption)
          assert.equal(error.option, Object.keys(options)[0])
        }
      })
    )
  })
}

describe("fiber", () => {
  it.live("P38: what can't be sent elsewhere is handed over as it is: nothing is cloned here", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.fiber.make()
      const value = { list: [1, { f: () => 1 }] }
      assert.strictEqual(yield* pool.run("Echo", { value }), value)
      const { inside } = (yield* pool.run("BadResult", { kind: "function" })) as { readonly inside: Array<unknown> }
      assert.isFunction(inside[1])
    })
  )
})
