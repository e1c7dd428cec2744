/** What crosses to each place, and how: copied, moved, shared, checked, or refused with its path. */
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads"
import { assert, describe, it } from "@effect/vitest"
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pool from "@ropewalk/core/Pool"
import * as Process from "@ropewalk/core/Process"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as Thread from "@ropewalk/core/Thread"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Transfer from "@ropewalk/core/Transfer"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import type * as functions from "../fixtures/payload/functions.ts"
import { handlers } from "../fixtures/payload/handlers.ts"
import { Payloads } from "../fixtures/payload/tasks.ts"
import { errorOf } from "../support/exits.ts"

const worker = new URL("../fixtures/payload/worker.ts", import.meta.url)
const url = new URL("../fixtures/payload/functions.ts", import.meta.url)
const mebibyte = 2 ** 20

const pools = {
  thread: (options?: Partial<ThreadPool.Options>) => ThreadPool.make(Payloads, { worker, size: 1, ...options }),
  process: (options?: Partial<ProcessPool.Options>) => ProcessPool.make(Payloads, { worker, size: 1, ...options })
}

/** Of a value that could not be sent. */
const refusal = (exit: Exit.Exit<unknown, unknown>) => {
  const error = errorOf(exit)
  assert.instanceOf(error, Pool.EncodeFailed)
  return [error.what, error.path]
}

describe("thread: what is moved", () => {
  it.live("the memory of a payload is moved to the worker, by its schema or by `move`", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const bytes = Uint8Array.from({ length: mebibyte }, (_, index) => index)
      const reversed = yield* pool.run("Reverse", { bytes })
      assert.deepEqual([bytes.byteLength, reversed.length, reversed[0], reversed.at(-1)], [0, mebibyte, 255, 0])
      const other = new Uint8Array(mebibyte).fill(3)
      const echoed = yield* pool.run("Echo", Transfer.move({ value: { other } }, [other.buffer]))
      assert.strictEqual(other.byteLength, 0)
      assert.deepEqual((echoed as { other: Uint8Array }).other, new Uint8Array(mebibyte).fill(3))
    })
  )

  it.live("the memory of a result is moved to the program, by its schema or by `move`", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const left = { copied: mebibyte, moved: 0 }
      for (const how of ["copied", "moved"] as const) {
        const made = (yield* pool.run("Make", { length: mebibyte, how })) as { readonly bytes: Uint8Array }
        assert.deepEqual(made.bytes, new Uint8Array(mebibyte).fill(7))
        assert.strictEqual(yield* pool.run("Left"), left[how])
      }
      yield* pool.run("Reverse", { bytes: new Uint8Array(8) })
      assert.strictEqual(yield* pool.run("Left"), 0)
    })
  )

  it.live("a port is moved", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const { port1, port2 } = new MessageChannel()
      yield* pool.run("Say", Transfer.move({ port: port2, text: "hello" }, [port2]))
      assert.strictEqual(receiveMessageOnPort(port1)?.message, "hello")
      port1.close()
    })
  )

  it.live("memory that two values share is moved once, and they still share it", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const bytes = new Uint8Array([1, 2, 3, 4])
      const halves = { left: bytes.subarray(0, 2), right: bytes.subarray(2) }
      assert.deepEqual(yield* pool.run("Halves", halves), [1, 1, 2, 3, 4])
      assert.strictEqual(bytes.byteLength, 0)
    })
  )

  it.live("what a schema would move and can't be moved is copied: a pooled Buffer; or stays shared", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const pooled = Buffer.from("abc")
      assert.isBelow(pooled.byteLength, pooled.buffer.byteLength)
      assert.deepEqual(yield* pool.run("Reverse", { bytes: pooled }), new Uint8Array(Buffer.from("cba")))
      assert.strictEqual(pooled.toString(), "abc")
      const shared = new Uint8Array(new SharedArrayBuffer(2)) as unknown as Uint8Array<ArrayBuffer>
      assert.strictEqual((yield* pool.run("Reverse", { bytes: shared })).length, 2)
      assert.strictEqual(shared.byteLength, 2)
    })
  )

  it.live("when sending fails nothing has been moved, and the path leads to what was refused", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const { port1, port2 } = new MessageChannel()
      const bytes = new Uint8Array(mebibyte)
      const value = { ports: [{ port2 }], bytes, bad: [{ f: () => 1 }] }
      const payload = Transfer.move({ value }, [port2, bytes.buffer])
      assert.deepEqual(refusal(yield* Effect.exit(pool.run("Echo", payload))), ["payload", ["value", "bad", 0, "f"]])
      assert.strictEqual(bytes.byteLength, mebibyte)
      port2.postMessage("still ours")
      assert.strictEqual(receiveMessageOnPort(port1)?.message, "still ours")
      port1.close()
      const result = yield* Effect.exit(pool.run("Make", { length: 16, how: "not at all" }))
      assert.deepEqual(refusal(result), ["result", ["refused", "here"]])
      assert.strictEqual(yield* pool.run("Left"), 16)
    })
  )

  it.live("what was moved before can't be sent again", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const bytes = new Uint8Array(8)
      const payload = Transfer.move({ value: bytes }, [bytes.buffer])
      yield* pool.run("Echo", payload)
      assert.strictEqual(refusal(yield* Effect.exit(pool.run("Echo", payload)))[0], "payload")
    })
  )

  it.live("a task whose payload was moved to a worker that dies before it starts it fails, and is not sent empty", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const output = () => Effect.asVoid(Deferred.succeed(started, undefined))
      // It may run both at the same time, so it is sent both at once; but the first never lets it come to the second.
      const pool = yield* pools.thread({ grace: 1, concurrency: 2, output })
      const spinning = yield* Effect.forkChild(pool.run("Spin", { label: "x" }), { startImmediately: true })
      const bytes = new Uint8Array(8)
      const moved = yield* Effect.forkChild(pool.run("Echo", Transfer.move({ value: bytes }, [bytes.buffer])), {
        startImmediately: true
      })
      yield* Deferred.await(started)
      assert.strictEqual(bytes.byteLength, 0)
      yield* Fiber.interrupt(spinning)
      assert.instanceOf(errorOf(yield* Fiber.await(moved)), Pool.WorkerCrashed)
    })
  )

  it.live("the arguments and results of plain functions are moved, without Effect in the worker", () =>
    Effect.gen(function* () {
      const pool = yield* ThreadPool.module<typeof functions>(url, { size: 1 })
      assert.deepEqual(yield* pool.make(mebibyte), new Uint8Array(mebibyte).fill(7))
      assert.strictEqual(yield* pool.left(), 0)
      const bytes = new Uint8Array(mebibyte)
      assert.strictEqual(yield* pool.lengthOf("before", Transfer.move(bytes, [bytes.buffer])), mebibyte)
      assert.strictEqual(bytes.byteLength, 0)
      const loaded = yield* pool.loadedScripts()
      assert.deepEqual(
        loaded.filter((script) => script.includes("/node_modules/effect/")),
        []
      )
    })
  )

  it.live("a map moves the payloads and the results of its chunks", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const bytes = Array.from({ length: 20 }, (_, index) => new Uint8Array([index, 1]))
      const reversed = yield* pool.map(
        "Reverse",
        bytes.map((bytes) => ({ bytes }))
      )
      assert.deepEqual(
        reversed,
        bytes.map((_, index) => new Uint8Array([1, index]))
      )
      assert.isTrue(bytes.every(({ byteLength }) => byteLength === 0))
      assert.strictEqual(yield* pool.run("Left"), 0)
      const others = Array.from({ length: 20 }, () => new Uint8Array(8))
      yield* pool.map(
        "Echo",
        others.map((value) => Transfer.move({ value }, [value.buffer]))
      )
      assert.isTrue(others.every(({ byteLength }) => byteLength === 0))
      const made = yield* pool.map(
        "Make",
        Array.from({ length: 20 }, () => ({ length: 16, how: "moved" as const }))
      )
      assert.lengthOf(made, 20)
      assert.strictEqual(yield* pool.run("Left"), 0)
    })
  )

  it.live("a dedicated thread is given what is moved", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array([1, 2])
      const thread = yield* Thread.start(Payloads, "Reverse", { bytes }, { worker })
      assert.deepEqual(yield* thread.join, new Uint8Array([2, 1]))
      assert.strictEqual(bytes.byteLength, 0)
    })
  )
})

describe("process: what is moved", () => {
  it.live("memory is copied, and stays with its sender", () =>
    Effect.gen(function* () {
      const pool = yield* pools.process()
      const bytes = new Uint8Array([1, 2, 3])
      assert.deepEqual(yield* pool.run("Reverse", { bytes }), new Uint8Array([3, 2, 1]))
      const echoed = yield* pool.run("Echo", Transfer.move({ value: bytes }, [bytes.buffer]))
      assert.deepEqual(echoed, new Uint8Array([1, 2, 3]))
      yield* pool.run("Make", { length: 5, how: "moved" })
      assert.strictEqual(yield* pool.run("Left"), 5)
    })
  )

  it.live("a port is refused, also one that nobody said is to be moved", () =>
    Effect.gen(function* () {
      const pool = yield* pools.process()
      const { port1, port2 } = new MessageChannel()
      const payload = { port: port2, text: "hello" }
      for (const given of [{ ...payload }, Transfer.move({ ...payload }, [port2])]) {
        const error = errorOf(yield* Effect.exit(pool.run("Say", given)))
        assert.instanceOf(error, Pool.EncodeFailed)
        assert.match(error.message, /MessagePort|port/i)
      }
      port1.close()
    })
  )
})

describe("fiber: what is moved", () => {
  it.effect("stays where it is, and so does everything else", () =>
    Effect.gen(function* () {
      const pool = yield* FiberPool.make(Payloads)
      const bytes = new Uint8Array([1, 2])
      const payload = Transfer.move({ value: bytes }, [bytes.buffer])
      assert.strictEqual(yield* pool.run("Echo", payload), bytes)
      assert.strictEqual(bytes.byteLength, 2)
    }).pipe(Effect.provide(handlers))
  )
})

describe("shared memory", () => {
  it.live("is shared with a thread, in both directions", () =>
    Effect.gen(function* () {
      const pool = yield* pools.thread()
      const memory = new SharedArrayBuffer(4)
      yield* pool.run("Increment", { memory })
      assert.strictEqual(new Int32Array(memory)[0], 1)
      const echoed = (yield* pool.run("Echo", { value: new Map([["deep", [memory]]]) })) as Map<
        string,
        [SharedArrayBuffer]
      >
      new Int32Array(echoed.get("deep")?.[0] as SharedArrayBuffer)[0] = 5
      assert.strictEqual(new Int32Array(memory)[0], 5)
    })
  )

  it.live("is refused to a process wherever it is, with its path", () =>
    Effect.gen(function* () {
      const pool = yield* pools.process()
      const memory = new SharedArrayBuffer(8)
      const values: ReadonlyArray<readonly [unknown, ReadonlyArray<string | number>]> = [
        [memory, []],
        [new Int32Array(memory), []],
        [new DataView(memory), []],
        [Buffer.from(memory), []],
        [{ a: [1, { b: memory }] }, ["a", 1, "b"]],
        [new Map([["key", [new Uint8Array(memory)]]]), ["key", 0]],
        [new Set([0, memory]), [1]],
        [new Error("no", { cause: memory }), ["cause"]]
      ]
      for (const [value, path] of values) {
        assert.deepEqual(refusal(yield* Effect.exit(pool.run("Echo", { value }))), ["payload", ["value", ...path]])
      }
      assert.strictEqual(new Uint8Array(memory)[0], 0)
    })
  )

  it.live("is refused in the result of a process", () =>
    Effect.gen(function* () {
      const pool = yield* pools.process()
      const paths = { memory: [], view: ["deep", 0], map: ["key", "memory"], set: [1], error: ["cause"] }
      for (const [how, path] of Object.entries(paths)) {
        const exit = yield* Effect.exit(pool.run("Share", { how: how as keyof typeof paths }))
        assert.deepEqual(refusal(exit), ["result", path])
      }
    })
  )
})

for (const place of ["thread", "process"] as const) {
  describe(`${place}: bytes`, () => {
    it.live("cross as bytes and not as text, 33 MiB of them too", () =>
      Effect.gen(function* () {
        const pool = yield* pools[place]()
        for (const length of [0, 1, 8191, 8192, 65_536, 33 * mebibyte]) {
          const bytes = new Uint8Array(length).fill(length % 251)
          const echoed = (yield* pool.run("Echo", { value: bytes })) as Uint8Array
          assert.instanceOf(echoed, Uint8Array)
          assert.strictEqual(Buffer.compare(echoed, bytes), 0)
        }
      })
    )
  })

  describe(`${place}: validation`, () => {
    /** Another version of the group: its numbers were texts. */
    class Other extends RpcGroup.make(
      Rpc.make("Lie", {
        payload: { text: Schema.Number },
        success: Schema.Struct({ list: Schema.Array(Schema.Number) })
      })
    ) {}

    it.live("a payload is checked where it arrives, when that was asked for", () =>
      Effect.gen(function* () {
        const make = place === "thread" ? ThreadPool.make : ProcessPool.make
        const strict = yield* make(Other, { worker, size: 1, validate: true })
        const error = errorOf(yield* Effect.exit(strict.run("Lie", { text: 1 })))
        assert.instanceOf(error, Pool.DecodeFailed)
        assert.deepEqual([error.what, error.path], ["payload", ["text"]])
        const trusting = yield* make(Other, { worker, size: 1 })
        assert.deepEqual(yield* trusting.run("Lie", { text: 1 }), { list: [1, 1] })
      })
    )

    it.live("a result is checked where it arrives, when that was asked for", () =>
      Effect.gen(function* () {
        const strict = yield* pools[place]({ validate: true })
        const error = errorOf(yield* Effect.exit(strict.run("Lie", { text: "no number" })))
        assert.instanceOf(error, Pool.DecodeFailed)
        assert.deepEqual([error.what, error.path], ["result", ["list", 1]])
      })
    )

    it.live("of a dedicated worker too", () =>
      Effect.gen(function* () {
        const start = place === "thread" ? Thread.start : Process.start
        const dedicated = yield* start(Payloads, "Lie", { text: "no number" }, { worker, validate: true })
        assert.instanceOf(errorOf(yield* Effect.exit(dedicated.join)), Pool.DecodeFailed)
      })
    )
  })
}
