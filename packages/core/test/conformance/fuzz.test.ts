/**
 * Workers that do anything at all, drawn from a seed: whatever they send or write, the program neither throws nor waits for
 * ever, and no call has another one's answer. A failure names its seed; `ROPEWALK_SEED` runs it again.
 */
import { PassThrough } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Rpc from "effect/rpc/Rpc"
import { taskCodec } from "../../src/internal/codec/taskCodec.ts"
import { type Call, ObservedCall, type Outcome } from "../../src/internal/dispatch/Call.ts"
import { Dispatcher } from "../../src/internal/dispatch/Dispatcher.ts"
import { moduleCodec } from "../../src/internal/dispatch/moduleCodec.ts"
import { settingsOf } from "../../src/internal/dispatch/settings.ts"
import { Prng } from "../../src/internal/explore/Prng.ts"
import { encodeCloned } from "../../src/internal/transport/clonedFormat.ts"
import { readFrames } from "../../src/internal/transport/frames.ts"
import { isFromWorker } from "../../src/internal/transport/fromWorker.ts"
import { MessageDecoder, MessageEncoder } from "../../src/internal/transport/MessageFormat.ts"
import type { FromWorker } from "../../src/internal/transport/Transport.ts"
import { FakeTransport } from "../fixtures/hostile/FakeTransport.ts"
import type * as hostile from "../fixtures/hostile/worker.ts"
import { Tasks } from "../fixtures/tasks.ts"

const given = process.env["ROPEWALK_SEED"]
const first = given === undefined ? Date.now() % 2 ** 31 : Number(given)
const seeds = (count: number) => Array.from({ length: given === undefined ? count : 1 }, (_, index) => first + index)

const random = (seed: number): Prng => {
  const prng = new Prng()
  prng.reset(seed, 0)
  return prng
}

/** Runs a body for each seed, and names the one that fails. */
const forSeeds = (count: number, body: (seed: number, prng: Prng) => void): void => {
  for (const seed of seeds(count)) {
    try {
      body(seed, random(seed))
    } catch (cause) {
      throw new Error(`ROPEWALK_SEED=${seed}`, { cause })
    }
  }
}

const pick = <A>(prng: Prng, items: ReadonlyArray<A>): A => items[prng.below(items.length)] as A

const thrown = () => ({
  kind: "error",
  name: "TypeError",
  message: "no",
  stack: "at",
  fields: { code: 1 },
  cause: undefined,
  errors: undefined
})

const samples: ReadonlyArray<unknown> = [
  { kind: "ready" },
  { kind: "dropped", id: 3 },
  { kind: "startFailed", cause: thrown() },
  { kind: "settled", id: 1, exit: { kind: "success", value: { a: 1, list: [1, "two", { three: 3 }] } } },
  { kind: "settled", id: 2, exit: { kind: "success", value: new Uint8Array([1, 2, 3]) } },
  {
    kind: "settled",
    id: 3,
    exit: { kind: "failure", reasons: [{ kind: "die", defect: thrown() }, { kind: "interrupt" }] }
  },
  {
    kind: "settled",
    id: 4,
    exit: { kind: "failure", reasons: [{ kind: "fail", error: { code: 1 }, origin: thrown() }] }
  },
  {
    kind: "settled",
    id: 5,
    exit: { kind: "failure", reasons: [{ kind: "thrown", thrown: { kind: "value", value: null } }] }
  },
  { kind: "settled", id: 6, exit: { kind: "unsendable", path: ["a", 1], cause: { ...thrown(), cause: thrown() } } }
]

const oddities: ReadonlyArray<unknown> = [
  null,
  undefined,
  -1,
  0.5,
  Number.NaN,
  "",
  [],
  {},
  { kind: "value" },
  { toString: 1 },
  true,
  2n
]

/** A copy in which some parts are other ones. */
const distorted = (value: unknown, prng: Prng): unknown => {
  if (prng.below(12) === 0) return pick(prng, prng.below(2) === 0 ? oddities : samples)
  if (Array.isArray(value)) return value.map((member) => distorted(member, prng))
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) if (prng.below(20) > 0) copy[key] = distorted(member, prng)
  return copy
}

const codecs = [
  moduleCodec("task"),
  ...Array.from(Tasks.requests.values(), (rpc) => taskCodec(rpc as unknown as Rpc.AnyWithProps))
]

/** All that becomes of a message in the program. Answers whether it was one. */
const read = (message: unknown): boolean => {
  if (!isFromWorker(message)) return false
  if (message.kind === "settled") {
    for (const codec of codecs) {
      const exit = Effect.runSyncExit(codec.decodeExit(message.exit))
      if (Exit.isFailure(exit)) {
        const error = Option.getOrUndefined(Exit.findErrorOption(exit))
        if (error instanceof Error) assert.isString(error.message)
      }
    }
  }
  return true
}

describe("messages", () => {
  it("whatever parts of it are wrong, a message is refused or can be read", () => {
    let messages = 0
    let refused = 0
    forSeeds(3000, (_, prng) => {
      if (read(distorted(pick(prng, samples), prng))) messages++
      else refused++
    })
    if (given === undefined) assert.isTrue(messages > 100 && refused > 100, `${messages} messages, ${refused} refused`)
  })

  const flipped = (bytes: Buffer, prng: Prng): Buffer => {
    const copy = Buffer.from(bytes.subarray(0, prng.below(4) === 0 ? prng.below(bytes.length + 1) : bytes.length))
    if (copy.length > 0)
      for (let count = prng.below(4); count > 0; count--) copy[prng.below(copy.length)] = prng.below(256)
    return prng.below(8) === 0 ? Buffer.concat([copy, Buffer.from([prng.below(256)])]) : copy
  }

  it("whatever bytes of it are wrong, a message in a ring is refused or can be read", () => {
    let messages = 0
    let refused = 0
    forSeeds(5000, (_, prng) => {
      const target = Buffer.alloc(4096)
      const view = new DataView(target.buffer, target.byteOffset, target.length)
      const message = pick(prng, samples) as FromWorker
      const end = new MessageEncoder().encode(message, target, view, 0, target.length)
      assert.isAbove(end, 0)
      const bytes = flipped(target.subarray(0, end), prng)
      let decoded: unknown
      try {
        decoded = new MessageDecoder().decode(
          bytes,
          new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
          0,
          bytes.length
        )
      } catch (cause) {
        assert.instanceOf(cause, Error)
        refused++
        return
      }
      if (read(decoded)) messages++
    })
    if (given === undefined) assert.isTrue(messages > 100 && refused > 100, `${messages} messages, ${refused} refused`)
  })

  it("whatever bytes of it are wrong, a message on a socket is refused or can be read", () => {
    forSeeds(3000, (_, prng) => {
      const stream = new PassThrough()
      const errors: Array<unknown> = []
      readFrames(stream, read, (cause) => errors.push(cause))
      for (let frames = 0; frames < 4; frames++) {
        const body = flipped(encodeCloned(pick(prng, samples)), prng)
        const header = Buffer.alloc(4)
        header.writeUInt32LE(prng.below(10) === 0 ? prng.next() : body.length)
        stream.emit("data", Buffer.from(Uint8Array.from(Buffer.concat([header, body])).buffer))
      }
      assert.isAtMost(errors.length, 1)
    })
  })
})

describe("a pool", () => {
  it("whatever its workers say, and whenever they die: each call has one outcome, and no other's answer", () => {
    let replied = 0
    let crashed = 0
    forSeeds(400, (_, prng) => {
      const transport = new FakeTransport(prng)
      const size = 1 + prng.below(3)
      const settings = Effect.runSync(
        settingsOf({ size, concurrency: 1 + prng.below(2), grace: "1 hour", startTimeout: "1 hour" })
      )
      const dispatcher = new Dispatcher(transport, settings)
      const outcomes: Array<Array<Outcome>> = []
      const calls: Array<Call> = []
      let stopped = 0
      let withdrawn = 0
      dispatcher.staff.start(() => {})
      for (let step = 0; step < 200; step++) {
        const choice = prng.below(10)
        if (choice < 4) {
          const heard: Array<Outcome> = []
          const call = new ObservedCall("task", calls.length, (outcome) => heard.push(outcome))
          outcomes.push(heard)
          calls.push(call)
          dispatcher.submit(call)
        } else if (choice === 4 && calls.length > 0) {
          const call = pick(prng, calls)
          if (call.isForgotten) continue
          withdrawn++
          dispatcher.withdraw(call, () => stopped++)
        } else if (choice < 9) transport.behave()
        else transport.misbehave(() => distorted(pick(prng, samples), prng))
      }
      let closed = false
      dispatcher.close(() => {
        closed = true
      })
      transport.endAll()
      assert.isTrue(closed)
      assert.strictEqual(stopped, withdrawn)
      for (const [number, heard] of outcomes.entries()) {
        assert.lengthOf(heard, 1)
        const [outcome] = heard as [Outcome]
        if (outcome.kind === "failed" && outcome.error._tag === "WorkerCrashed") crashed++
        if (outcome.kind !== "replied" || outcome.exit.kind !== "success") continue
        replied++
        assert.strictEqual(outcome.exit.value, number)
      }
    })
    if (given === undefined) assert.isTrue(replied > 1000 && crashed > 100, `${replied} replied, ${crashed} crashed`)
  })
})

const url = new URL("../fixtures/hostile/worker.ts", import.meta.url)

const crashedBy = (exit: Exit.Exit<unknown, unknown>, seed: number): void => {
  const error = Exit.isFailure(exit) ? Option.getOrUndefined(Exit.findErrorOption(exit)) : undefined
  assert.instanceOf(error, Pool.WorkerCrashed, `ROPEWALK_SEED=${seed}`)
  assert.instanceOf((error as Pool.WorkerCrashed).reason, Pool.Uncaught, `ROPEWALK_SEED=${seed}`)
}

describe("thread", () => {
  it.live("random words and bytes in its rings: it is replaced, and all other calls are answered right", () =>
    Effect.gen(function* () {
      const pool = yield* ThreadPool.module<typeof hostile>(url, { size: 1 })
      const neighbour = yield* ThreadPool.module<typeof hostile>(url, { size: 1 })
      for (const seed of seeds(20)) {
        const [exit, sum] = yield* Effect.all([Effect.exit(pool.fuzz(seed)), neighbour.add(seed, 1)], {
          concurrency: "unbounded"
        })
        crashedBy(exit, seed)
        assert.strictEqual(sum, seed + 1)
        assert.strictEqual(yield* pool.add(seed, 2), seed + 2)
      }
    })
  )

  it.live.each([
    ["toWorker.read", 0x7fff_fff8],
    ["toWorker.read", 3],
    ["fromWorker.written", -8],
    ["fromWorker.written", 0x4000_0000],
    ["fromWorker.written", 5]
  ] as const)("%s becomes %i: it is replaced, whoever notices it", ([word, value]) =>
    Effect.gen(function* () {
      const concurrency = 64
      const pool = yield* ThreadPool.module<typeof hostile>(url, { size: 1, concurrency })
      assert.strictEqual(yield* pool.add(1, 2), 3)
      // More than its ring has room for: so the program looks how far the worker is.
      const text = "x".repeat(7000)
      const done = new Int32Array(new SharedArrayBuffer(4))
      const scribbling = yield* Effect.forkChild(pool.scribble(word, value, done), { startImmediately: true })
      yield* Effect.promise(async () => Atomics.waitAsync(done, 0, 0).value)
      const lengths = yield* Effect.forEach(Array.from({ length: 100 }), () => Effect.exit(pool.lengthOf(text)), {
        concurrency
      })
      const exit = yield* Fiber.await(scribbling)
      crashedBy(exit, value)
      // They were before the worker as well, which runs as many at the same time; or were never sent to it.
      for (const length of lengths) if (Exit.isSuccess(length)) assert.strictEqual(length.value, text.length)
      assert.isTrue(Exit.isSuccess(lengths.at(-1) as Exit.Exit<unknown, unknown>))
      assert.strictEqual(yield* pool.add(1, 2), 3)
    })
  )
})

describe("process", () => {
  it.live("random words and bytes in its file of rings: it is replaced, and all other calls are answered right", () =>
    Effect.gen(function* () {
      const pool = yield* ProcessPool.module<typeof hostile>(url, { size: 1 })
      for (const seed of seeds(10)) {
        crashedBy(yield* Effect.exit(pool.fuzzFile(seed)), seed)
        assert.strictEqual(yield* pool.add(seed, 2), seed + 2)
      }
    })
  )

  it.live("random bytes on its channel: it is replaced, and all other calls are answered right", () =>
    Effect.gen(function* () {
      const pool = yield* ProcessPool.module<typeof hostile>(url, { size: 1 })
      for (const seed of seeds(10)) {
        const prng = random(seed)
        // A length that is below the limit announces a message that never comes: nobody can tell it from a slow one.
        const bytes = Uint8Array.from({ length: 4 + prng.below(4096) }, () => prng.below(256))
        bytes[3] = 0x20 + prng.below(0xe0)
        crashedBy(yield* Effect.exit(pool.write(bytes)), seed)
        assert.strictEqual(yield* pool.add(seed, 2), seed + 2)
      }
    })
  )

  it.live("a message cut short, and its end: the call fails with the exit", () =>
    Effect.gen(function* () {
      const pool = yield* ProcessPool.module<typeof hostile>(url, { size: 1 })
      const message = encodeCloned({ kind: "settled", id: 1, exit: { kind: "success", value: "no" } })
      const header = Buffer.alloc(4)
      header.writeUInt32LE(message.length)
      const exit = yield* Effect.exit(pool.writeAndExit(Buffer.concat([header, message.subarray(0, -1)]), 5))
      const error = Exit.isFailure(exit) ? Option.getOrUndefined(Exit.findErrorOption(exit)) : undefined
      assert.instanceOf(error, Pool.WorkerCrashed)
      assert.deepEqual((error as Pool.WorkerCrashed).reason, new Pool.Exited({ code: 5 }))
      assert.strictEqual(yield* pool.add(20, 22), 42)
    })
  )
})
