import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { assert, describe, it } from "@effect/vitest"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { CallContext, type Place } from "../src/internal/codec/CallContext.ts"
import * as SharedValue from "../src/SharedValue.ts"
import { Counting } from "./fixtures/shared-value-tasks.ts"
import type { Job } from "./fixtures/shared-value-worker.ts"

const worker = new URL("./fixtures/shared-value-pool-worker.ts", import.meta.url)

const startWorker = (job: Job) =>
  Effect.acquireRelease(
    Effect.sync(() => new Worker(new URL("./fixtures/shared-value-worker.ts", import.meta.url), { workerData: job })),
    (worker) => Effect.promise(() => worker.terminate())
  )

const runThreads = (count: number, what: Job["what"], times = 1) =>
  Effect.gen(function* () {
    const counter = yield* SharedValue.make("int32", 0)
    const readers = yield* SharedValue.make("int32", 0)
    const job: Job = { what, counter: counter.handle, readers: readers.handle, parties: count, times }
    const workers = yield* Effect.forEach(Array.from({ length: count }), () => startWorker(job))
    const codes = yield* Effect.forEach(workers, (worker) => Effect.promise(() => once(worker, "exit")), {
      concurrency: "unbounded"
    })
    assert.deepStrictEqual(
      codes.flat(),
      Array.from({ length: count }, () => 0)
    )
    return yield* counter.get
  })

const { MAX_SAFE_INTEGER, MAX_VALUE, MIN_VALUE, NaN: nan, NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number

/** For each kind: what it holds, and what it doesn't. */
const samples: {
  readonly [K in SharedValue.Kind]: readonly [ReadonlyArray<SharedValue.Values[K]>, ReadonlyArray<unknown>]
} = {
  int32: [
    [0, 1, -1, -(2 ** 31), 2 ** 31 - 1],
    [0.5, 2 ** 31, -(2 ** 31) - 1, nan, POSITIVE_INFINITY, 1n, "1", true, undefined]
  ],
  uint32: [
    [0, 1, 2 ** 31, 2 ** 32 - 1],
    [-1, 0.5, 2 ** 32, nan, 1n, null]
  ],
  int64: [
    [0n, -1n, -(2n ** 63n), 2n ** 63n - 1n, BigInt(MAX_SAFE_INTEGER) + 2n],
    [2n ** 63n, -(2n ** 63n) - 1n, 1, "1"]
  ],
  float64: [
    [0, -0, 0.1, nan, POSITIVE_INFINITY, NEGATIVE_INFINITY, MAX_VALUE, MIN_VALUE, -MAX_VALUE],
    [1n, "1", undefined]
  ],
  boolean: [
    [true, false],
    [0, 1, "true", undefined]
  ]
}
const kinds = Object.keys(samples) as ReadonlyArray<SharedValue.Kind>

describe("SharedValue, one thread", () => {
  for (const kind of kinds) {
    // One kind at a time, typed as the union of all: the values are checked at run time, which is the point.
    const [held, refused] = samples[kind] as readonly [ReadonlyArray<never>, ReadonlyArray<never>]

    it.effect(`${kind}: holds every value that it can, exactly`, () =>
      Effect.gen(function* () {
        for (const value of held) {
          const cell: SharedValue.SharedValue<SharedValue.Kind> = yield* SharedValue.make(kind, value)
          assert.isTrue(Object.is(yield* cell.get, value))
          assert.isTrue(Object.is(SharedValue.fromHandle(structuredClone(cell.handle)).getUnsafe(), value))
          for (const next of held) {
            yield* cell.set(next)
            assert.isTrue(Object.is(cell.getUnsafe(), next))
            assert.isTrue(yield* cell.compareAndSet(next, value), `finds ${String(next)}`)
            assert.isTrue(Object.is(yield* cell.getAndUpdate(() => next), value))
            assert.strictEqual(yield* cell.compareAndSet(value, value), Object.is(value, next))
          }
        }
      })
    )

    it.effect(`${kind}: refuses every other, and changes nothing`, () =>
      Effect.gen(function* () {
        const [initial] = held as readonly [never]
        const cell: SharedValue.SharedValue<SharedValue.Kind> = yield* SharedValue.make(kind, initial)
        for (const value of refused) {
          const attempts: ReadonlyArray<Effect.Effect<unknown, SharedValue.InvalidSharedValue>> = [
            SharedValue.make(kind, value),
            cell.set(value),
            cell.update(() => value),
            cell.updateAndGet(() => value),
            cell.modify(() => ["result", value] as const),
            cell.compareAndSet(value, initial),
            cell.compareAndSet(initial, value)
          ]
          for (const attempt of attempts) {
            const error = yield* Effect.flip(attempt)
            assert.strictEqual(error.kind, kind)
            assert.include(error.message, "it holds")
          }
          assert.throws(() => cell.setUnsafe(value), SharedValue.InvalidSharedValue)
          assert.throws(() => cell.updateUnsafe(() => value), SharedValue.InvalidSharedValue)
          assert.isTrue(Object.is(cell.getUnsafe(), initial))
        }
      })
    )
  }

  it.effect("a sum that is out of range fails and changes nothing; it never wraps", () =>
    Effect.gen(function* () {
      const int32 = yield* SharedValue.make("int32", 2 ** 31 - 2)
      assert.strictEqual(yield* int32.add(1), 2 ** 31 - 1)
      assert.strictEqual((yield* Effect.flip(int32.add(1))).value, "2147483648")
      assert.strictEqual((yield* Effect.flip(int32.add(0.5)))._tag, "InvalidSharedValue")
      assert.strictEqual(yield* int32.get, 2 ** 31 - 1)
      const uint32 = yield* SharedValue.make("uint32", 0)
      assert.throws(() => uint32.addUnsafe(-1), /uint32/)
      assert.strictEqual(uint32.addUnsafe(2 ** 32 - 1), 2 ** 32 - 1)
      const int64 = yield* SharedValue.make("int64", 2n ** 63n - 1n)
      assert.strictEqual((yield* Effect.flip(int64.add(1n)))._tag, "InvalidSharedValue")
      assert.strictEqual(yield* int64.add(-1n), 2n ** 63n - 2n)
      const float64 = yield* SharedValue.make("float64", 0.1)
      assert.strictEqual(yield* float64.add(0.2), 0.1 + 0.2)
    })
  )

  it.effect("an update whose function throws is a defect and changes nothing", () =>
    Effect.gen(function* () {
      const cell = yield* SharedValue.make("int32", 7)
      const failing = cell.update(() => {
        throw new Error("oh")
      })
      assert.isTrue(Exit.hasDies(yield* Effect.exit(failing)))
      assert.strictEqual(yield* cell.modify((value) => [`was ${value}`, value * 2]), "was 7")
      assert.strictEqual(yield* cell.updateAndGet((value) => value + 1), 15)
    })
  )
})

describe("SharedValue crosses to a thread and nowhere else", () => {
  const Payload = Schema.Struct({ counter: SharedValue.schema("int32") })
  const encodeFor = (place: Place | undefined, counter: SharedValue.SharedValue<"int32">) =>
    Schema.encodeEffect(Payload)({ counter }).pipe(
      Effect.provideService(CallContext, place === undefined ? undefined : { place, onSettled: () => {} })
    )

  for (const place of ["fiber", "thread", undefined] as const) {
    it.effect(`both sides have the same memory (place: ${place})`, () =>
      Effect.gen(function* () {
        const counter = yield* SharedValue.make("int32", 1)
        const received = yield* Schema.decodeEffect(Payload)(structuredClone(yield* encodeFor(place, counter)))
        yield* received.counter.set(2)
        assert.strictEqual(yield* counter.get, 2)
      })
    )
  }

  it.effect("encoding for a process fails, names the path and says what to use", () =>
    Effect.gen(function* () {
      const counter = yield* SharedValue.make("int32", 1)
      const error = yield* Effect.flip(encodeFor("process", counter))
      assert.include(error.message, "use a Manager")
      assert.include(error.message, `["counter"]`)
    })
  )

  it.effect("so does JSON", () =>
    Effect.gen(function* () {
      const counter = yield* SharedValue.make("int32", 1)
      const error = yield* Effect.flip(Schema.encodeEffect(Schema.toCodecJson(Payload))({ counter }))
      assert.include(error.message, `["counter"]["buffer"]`)
    })
  )

  it.live("a task on a thread counts in the caller's memory, and gives the same cell back", () =>
    Effect.gen(function* () {
      const pool = yield* ThreadPool.make(Counting, { worker, size: 2 })
      const counter = yield* SharedValue.make("int32", 0)
      const payloads = Array.from({ length: 4 }, () => ({ counter, times: 1_000 }))
      const [returned] = yield* pool.map("Count", payloads)
      assert.strictEqual(yield* counter.get, 4_000)
      yield* counter.add(1)
      assert.strictEqual(returned?.getUnsafe(), 4_001)
    })
  )

  it.live("a task on a process refuses it, with the path, before anything is sent", () =>
    Effect.gen(function* () {
      const pool = yield* ProcessPool.make(Counting, { worker, size: 1 })
      const counter = yield* SharedValue.make("int32", 0)
      const error = yield* Effect.flip(pool.run("Count", { counter, times: 1 }))
      assert(error._tag === "EncodeFailed")
      assert.include(error.message, "use a Manager")
      assert.include(error.message, "counter")
    })
  )

  it.effect("a value of another kind, or a handle that isn't one, is refused", () =>
    Effect.gen(function* () {
      const flag = yield* SharedValue.make("boolean", true)
      assert.isTrue(SharedValue.isSharedValue(flag))
      assert.isFalse(SharedValue.isSharedValue(flag, "int32"))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Schema.encodeUnknownEffect(Payload)({ counter: flag }))))
      const copies: ReadonlyArray<unknown> = [
        { kind: "int32", buffer: new ArrayBuffer(8) },
        { kind: "int32", buffer: new SharedArrayBuffer(4) },
        { kind: "toString", buffer: new SharedArrayBuffer(8) },
        JSON.parse(JSON.stringify(flag.handle))
      ]
      for (const copy of copies) {
        assert.throws(() => SharedValue.fromHandle(copy as SharedValue.Handle), TypeError, "processes share no memory")
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Schema.decodeUnknownEffect(Payload)({ counter: copy }))))
      }
      assert.throws(() => structuredClone(flag), /could not be cloned/, "the value itself: send its handle")
    })
  )
})

describe("SharedValue, many threads", () => {
  it.live("4 threads × 10,000 increments make exactly 40,000", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* runThreads(4, "add", 10_000), 40_000)
    })
  )

  it.live("so does a compare-and-set that is tried until it succeeds", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* runThreads(4, "compareAndSet", 10_000), 40_000)
    })
  )

  it.live("get and then set loses updates: of 4 that read together, one is left", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* runThreads(4, "getAndSet"), 1)
    })
  )

  it.live("a thread that is terminated in the middle of an update has changed nothing and blocks nobody", () =>
    Effect.gen(function* () {
      const counter = yield* SharedValue.make("int32", 0)
      const job: Job = { what: "stuckInUpdate", counter: counter.handle, readers: counter.handle, parties: 1, times: 1 }
      const victim = yield* startWorker(job)
      yield* Effect.promise(() => once(victim, "message"))
      assert.strictEqual(yield* counter.add(1), 1, "nothing is held while it is stuck")
      yield* Effect.promise(() => victim.terminate())
      assert.strictEqual(yield* counter.add(1), 2)
    })
  )
})
