/** Workers that die, spin, or can't be talked to: each is its own error, for the task it hit and for no other. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as places from "../fixtures/places.ts"
import { errorOf, reasonOf } from "../support/exits.ts"

const later = { a: 20, b: 22 }

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("W15: process.exit fails its task with its code; the next one runs on a new worker", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const [before] = (yield* pool.stats).workers
        for (const code of [7, 0]) {
          assert.deepEqual(reasonOf(yield* Effect.exit(pool.run("Exit", { code }))), new Pool.Exited({ code }))
        }
        assert.equal(yield* pool.run("Add", later), 42)
        const { crashed, restarts, workers } = yield* pool.stats
        assert.deepEqual([crashed, restarts, workers.length], [2, 2, 1])
        assert.notEqual(workers[0]?.id, before?.id)
      })
    )

    it.live("W15: what is thrown outside of a task fails the tasks of that worker, with its cause", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const thrown = (how: "throw" | "reject" | "null") =>
          Effect.map(Effect.exit(pool.run("ThrowLater", { how })), (exit) => {
            const reason = reasonOf(exit)
            assert.instanceOf(reason, Pool.Uncaught)
            return reason.cause
          })
        assert.equal(((yield* thrown("throw")) as Error).message, "thrown later")
        assert.equal(((yield* thrown("reject")) as Error).message, "rejected later")
        assert.isNull(yield* thrown("null"))
        assert.equal(yield* pool.run("Add", later), 42)
      })
    )

    it.live("W21: out of memory is its own error", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ heapLimit: 48 })
        assert.instanceOf(reasonOf(yield* Effect.exit(pool.run("ExhaustHeap"))), Pool.OutOfMemory)
        assert.equal(yield* pool.run("Add", later), 42)
      })
    )

    it.live("P54: a crash hurts its own task and no other", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 2 })
        const bystander = yield* Effect.forkChild(pool.run("Wait", { label: "bystander" }))
        yield* heard("started bystander")
        reasonOf(yield* Effect.exit(pool.run("Exit", { code: 1 })))
        assert.equal(yield* pool.run("Add", later), 42)
        assert.isUndefined(bystander.pollUnsafe())
      })
    )

    it.live("P54: tasks beside the victim on one worker fail with the reason", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, concurrency: 2 })
        const neighbour = yield* Effect.forkChild(pool.run("Wait", { label: "neighbour" }))
        yield* heard("started neighbour")
        reasonOf(yield* Effect.exit(pool.run("Exit", { code: 5 })))
        assert.deepEqual(reasonOf(yield* Fiber.await(neighbour)), new Pool.Exited({ code: 5 }))
      })
    )

    for (const task of ["Spin", "Stubborn"] as const) {
      it.live(`W8: a task that does not yield (${task}) is stopped after the grace, and its worker replaced`, () =>
        Effect.gen(function* () {
          const { heard, pool } = yield* place.make({ size: 1, grace: 50 })
          const [before] = (yield* pool.stats).workers
          const fiber = yield* Effect.forkChild(pool.run(task, { label: "x" }))
          yield* heard("started x")
          yield* Fiber.interrupt(fiber)
          // Stopped means stopped: the worker that ran it is gone before the interrupt returns.
          assert.notInclude(
            (yield* pool.stats).workers.map((_) => _.id),
            before?.id
          )
          assert.equal(yield* pool.run("Add", later), 42)
        })
      )
    }

    it.live("W11: stopping a task that spins hurts no task on another worker", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 2, grace: 50 })
        const bystander = yield* Effect.forkChild(pool.run("Wait", { label: "bystander" }))
        const spinning = yield* Effect.forkChild(pool.run("Spin", { label: "x" }))
        yield* Effect.all([heard("started bystander"), heard("started x")])
        yield* Fiber.interrupt(spinning)
        assert.isUndefined(bystander.pollUnsafe())
      })
    )

    it.live("P38: an argument that can't be sent fails at once, says where, and hurts nobody", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const error = errorOf(yield* Effect.exit(pool.run("Echo", { value: { list: [1, { f: () => 1 }] } })))
        assert.instanceOf(error, Pool.EncodeFailed)
        assert.deepEqual([error.what, error.path], ["payload", ["value", "list", 1, "f"]])
        assert.equal(yield* pool.run("Add", later), 42)
        assert.equal((yield* pool.stats).restarts, 0)
      })
    )

    it.live("P53: a result that can't be sent, or does not fit its schema, is a typed error", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const unsendable = errorOf(yield* Effect.exit(pool.run("BadResult", { kind: "function" })))
        assert.instanceOf(unsendable, Pool.EncodeFailed)
        assert.deepEqual([unsendable.what, unsendable.path], ["result", ["inside", 1]])
        const error = errorOf(yield* Effect.exit(pool.run("BadError")))
        assert.instanceOf(error, Pool.EncodeFailed)
        assert.deepEqual([error.what, error.path], ["result", ["detail", "f"]])
        const unfit = errorOf(yield* Effect.exit(pool.run("BadResult", { kind: "schema" })))
        assert.instanceOf(unfit, Pool.EncodeFailed)
        assert.equal(yield* pool.run("Add", later), 42)
      })
    )

    it.live("P53: a group of another version is a typed error on either side", () =>
      Effect.gen(function* () {
        class Other extends RpcGroup.make(
          Rpc.make("Mirror", { payload: { point: Schema.String }, success: Schema.String }),
          Rpc.make("Refuse", { payload: { code: Schema.Int }, error: Schema.DateFromString }),
          Rpc.make("Unheard")
        ) {}
        const make = place.name === "thread" ? ThreadPool.make : ProcessPool.make
        const pool = yield* make(Other, { worker: places.worker, size: 1 })
        const payload = errorOf(yield* Effect.exit(pool.run("Mirror", { point: "no point" })))
        assert.instanceOf(payload, Pool.DecodeFailed)
        assert.deepEqual([payload.what, payload.path], ["payload", ["point"]])
        const result = errorOf(yield* Effect.exit(pool.run("Refuse", { code: 1 })))
        assert.instanceOf(result, Pool.DecodeFailed)
        assert.equal(result.what, "result")
        const unheard = errorOf(yield* Effect.exit(pool.run("Unheard")))
        assert.instanceOf(unheard, Pool.DecodeFailed)
        assert.match(unheard.message, /no handler for "Unheard"/)
      })
    )

    it.live("W19: what a worker prints is not lost when it exits", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make()
        reasonOf(yield* Effect.exit(pool.run("PrintAndExit", { lines: 2000 })))
        yield* heard("line 1999")
        assert.deepEqual(
          said(),
          Array.from({ length: 2000 }, (_, line) => `line ${line}`)
        )
      })
    )

    it.live("P47: a message of 16 MiB arrives whole", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const bytes = new Uint8Array(16 * 1024 * 1024).map((_, index) => index * 31)
        const echoed = yield* pool.run("Echo", { value: bytes })
        assert.isTrue(Buffer.compare(echoed as Uint8Array, bytes) === 0)
      })
    )
  })
}

describe("process", () => {
  it.live("P54: a worker that was killed fails its task with the signal, and is replaced", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.process.make()
      for (const signal of ["SIGKILL", "SIGTERM", "SIGABRT"]) {
        assert.deepEqual(reasonOf(yield* Effect.exit(pool.run("KillSelf", { signal }))), new Pool.Killed({ signal }))
      }
      assert.equal(yield* pool.run("Add", later), 42)
    })
  )

  it.live("tasks run in processes of their own", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.process.make()
      const pid = yield* pool.run("Pid")
      assert.notEqual(pid, process.pid)
      assert.equal(pid, (yield* pool.stats).workers[0]?.id)
    })
  )

  it.live("shared memory is refused, not copied", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.process.make()
      for (const value of [new SharedArrayBuffer(8), new Int32Array(new SharedArrayBuffer(8))]) {
        const error = errorOf(yield* Effect.exit(pool.run("Echo", { value })))
        assert.instanceOf(error, Pool.EncodeFailed)
      }
    })
  )
})

describe("thread", () => {
  it.live("what a task posts to the parent by itself disturbs nobody", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.thread.make()
      assert.isUndefined(yield* pool.run("PostGarbage"))
      assert.equal(yield* pool.run("Add", later), 42)
      assert.equal((yield* pool.stats).restarts, 0)
    })
  )

  it.live("shared memory is shared", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.thread.make()
      const echoed = (yield* pool.run("Echo", { value: new SharedArrayBuffer(8) })) as SharedArrayBuffer
      assert.instanceOf(echoed, SharedArrayBuffer)
    })
  )
})
