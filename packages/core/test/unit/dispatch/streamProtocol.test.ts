/** The stream protocol, step by step, against a worker that says and does what the test wants. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { makePool } from "../../../src/internal/dispatch/workerPool.ts"
import type { FromWorker, ToWorker, Transport, WorkerEvents } from "../../../src/internal/transport/Transport.ts"
import { Terminated, Uncaught, WorkerCrashed } from "../../../src/Pool.ts"
import { collect } from "../../support/collect.ts"
import { settle } from "../../support/settle.ts"

class Group extends RpcGroup.make(
  Rpc.make("Numbers", { success: Schema.Number, stream: true }),
  Rpc.make("Once", { success: Schema.Number })
) {}

/** Each worker does `script` for what it hears. */
const transportOf = (script: (message: ToWorker, worker: ScriptedWorker) => void) => {
  const workers: Array<ScriptedWorker> = []
  const transport: Transport = {
    place: "thread",
    workerFile: "scripted",
    spawn: (_, events) => {
      const worker = new ScriptedWorker(workers.length + 1, events)
      workers.push(worker)
      queueMicrotask(() => worker.say({ kind: "ready" }))
      const send = (message: ToWorker): void => {
        worker.heard.push(message)
        if (message.kind === "close") return worker.end()
        queueMicrotask(() => script(message, worker))
      }
      const end = () => worker.end()
      return {
        id: worker.id,
        send,
        revoke: () => false,
        hasStarted: () => true,
        measure: () => {},
        terminate: end,
        kill: end
      }
    }
  }
  return { transport, workers }
}

class ScriptedWorker {
  readonly id: number
  readonly heard: Array<ToWorker> = []
  private readonly events: WorkerEvents
  private ended = false

  constructor(id: number, events: WorkerEvents) {
    this.id = id
    this.events = events
  }

  say(message: unknown): void {
    if (!this.ended) this.events.onMessage(message as FromWorker)
  }

  /** As a thread's end: some time after it was asked for. */
  end(): void {
    if (this.ended) return
    this.ended = true
    queueMicrotask(() => this.events.onExit({ code: 1, signal: undefined, outOfMemory: false, uncaught: undefined }))
  }

  get kinds(): ReadonlyArray<string> {
    return this.heard.map(({ kind }) => kind)
  }
}

const poolOf = (script: (message: ToWorker, worker: ScriptedWorker) => void) => {
  const { transport, workers } = transportOf(script)
  return Effect.map(makePool(Group, Effect.succeed(transport), { size: 1, concurrency: 2, grace: 1000 }), (pool) => ({
    pool,
    workers
  }))
}

const success = (id: number): FromWorker => ({ kind: "settled", id, exit: { kind: "success", value: undefined } })

describe("the credit of a stream", () => {
  it.live("the run message grants the window, and what the consumer is done with is granted anew, in halves", () =>
    Effect.gen(function* () {
      let next = 4
      const { pool, workers } = yield* poolOf((message, worker) => {
        if (message.kind === "run") {
          assert.deepEqual(message.extras, { window: 4 })
          worker.say({ kind: "elements", id: message.id, values: [0, 1, 2] })
          worker.say({ kind: "elements", id: message.id, values: [3] })
        }
        if (message.kind === "credit" && next < 10) {
          worker.say({ kind: "elements", id: message.id, values: [next++, next++] })
          if (next === 10) worker.say(success(message.id))
        }
      })
      const { error, values } = yield* collect(pool.stream("Numbers", undefined, { window: 4 }))
      assert.isUndefined(error)
      assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      const credits = workers[0]!.heard.flatMap((message) => (message.kind === "credit" ? [message.count] : []))
      assert.deepEqual(credits, [2, 2, 2, 2, 2])
    })
  )

  const breaches: Record<string, (id: number) => ReadonlyArray<unknown>> = {
    "more elements than were granted": (id) => [{ kind: "elements", id, values: [0, 1, 2, 3, 4] }],
    "more elements than were granted anew": (id) => [
      { kind: "elements", id, values: [0, 1, 2, 3] },
      { kind: "elements", id, values: [4, 5, 6, 7, 8] }
    ],
    "no element at all": (id) => [{ kind: "elements", id, values: [] }],
    "elements of an unknown call": (id) => [{ kind: "elements", id: id + 1, values: [0] }],
    "elements after the end": (id) => [success(id), { kind: "elements", id, values: [0] }],
    "elements that are none": (id) => [{ kind: "elements", id, values: "0" }],
    "elements without an id": () => [{ kind: "elements", values: [0] }]
  }
  for (const [what, messages] of Object.entries(breaches)) {
    it.live(`a worker that sends ${what} is replaced`, () =>
      Effect.gen(function* () {
        const { pool, workers } = yield* poolOf((message, worker) => {
          if (message.kind !== "run") return
          if (worker.id === 1) for (const bad of messages(message.id)) worker.say(bad)
          else worker.say(success(message.id))
        })
        const { error } = yield* collect(pool.stream("Numbers", undefined, { window: 4 }))
        if (what === "elements after the end") assert.isUndefined(error)
        else {
          assert.instanceOf(error, WorkerCrashed)
          const { reason } = error as WorkerCrashed
          assert.instanceOf(reason, Uncaught)
          assert.match(String((reason as Uncaught).cause), /broke the protocol/)
        }
        yield* settle
        assert.isUndefined((yield* collect(pool.stream("Numbers"))).error)
        assert.equal(workers.length, 2)
        assert.equal((yield* pool.stats).restarts, 1)
      })
    )
  }

  it.live("elements for a call that answers once break the protocol", () =>
    Effect.gen(function* () {
      const { pool } = yield* poolOf((message, worker) => {
        if (message.kind === "run") worker.say({ kind: "elements", id: message.id, values: [0] })
      })
      const error = yield* Effect.flip(pool.run("Once"))
      assert.instanceOf(error, WorkerCrashed)
    })
  )
})

/** One step of the protocol: what the worker has said before it dies, and what the consumer has then got. */
const deaths: Record<
  string,
  { readonly says: (id: number) => ReadonlyArray<FromWorker>; readonly values: Array<number> }
> = {
  "when it is given the task": { says: () => [], values: [] },
  "after its first elements": { says: (id) => [{ kind: "elements", id, values: [0] }], values: [0] },
  "when it has used up its credit": {
    says: (id) => [{ kind: "elements", id, values: [0, 1, 2, 3] }],
    values: [0, 1, 2, 3]
  }
}

describe("a worker that dies in a stream", () => {
  for (const [when, { says, values }] of Object.entries(deaths)) {
    it.live(`P53: ${when}`, () =>
      Effect.gen(function* () {
        const { pool } = yield* poolOf((message, worker) => {
          if (message.kind !== "run") return
          for (const word of says(message.id)) worker.say(word)
          worker.end()
        })
        const collected = yield* collect(pool.stream("Numbers", undefined, { window: 4 }))
        assert.instanceOf(collected.error, WorkerCrashed)
        assert.deepEqual(collected.values, values)
      })
    )
  }

  it.live("P53: when it is granted credit", () =>
    Effect.gen(function* () {
      const { pool } = yield* poolOf((message, worker) => {
        if (message.kind === "run") worker.say({ kind: "elements", id: message.id, values: [0, 1, 2, 3] })
        if (message.kind === "credit") worker.end()
      })
      const { error, values } = yield* collect(pool.stream("Numbers", undefined, { window: 4 }))
      assert.instanceOf(error, WorkerCrashed)
      assert.deepEqual(values, [0, 1, 2, 3])
    })
  )

  it.live("P53: after its last word, while the consumer has elements left: the stream is whole", () =>
    Effect.gen(function* () {
      const { pool } = yield* poolOf((message, worker) => {
        if (message.kind !== "run") return
        worker.say({ kind: "elements", id: message.id, values: [0, 1, 2, 3] })
        worker.say(success(message.id))
        worker.end()
      })
      const { error, values } = yield* collect(pool.stream("Numbers", undefined, { window: 4 }))
      assert.isUndefined(error)
      assert.deepEqual(values, [0, 1, 2, 3])
    })
  )

  it.live("P53: when it is interrupted: the consumer goes on", () =>
    Effect.gen(function* () {
      const { pool, workers } = yield* poolOf((message, worker) => {
        if (message.kind === "run") worker.say({ kind: "elements", id: message.id, values: [0, 1] })
        if (message.kind === "interrupt") worker.end()
      })
      assert.deepEqual(yield* Stream.runCollect(Stream.take(pool.stream("Numbers"), 1)), [0])
      assert.include(workers[0]!.kinds, "interrupt")
      assert.equal((yield* pool.stats).running, 0)
    })
  )

  it.live("P53: elements and an end that cross an interrupt disturb nobody", () =>
    Effect.gen(function* () {
      const { pool, workers } = yield* poolOf((message, worker) => {
        if (message.kind === "run") worker.say({ kind: "elements", id: message.id, values: [0, 1] })
        if (message.kind === "interrupt") {
          worker.say({ kind: "elements", id: message.id, values: [2, 3] })
          worker.say(success(message.id))
        }
      })
      assert.deepEqual(yield* Stream.runCollect(Stream.take(pool.stream("Numbers"), 1)), [0])
      assert.equal(workers.length, 1)
      assert.equal((yield* pool.stats).restarts, 0)
    })
  )

  it.live("P53: one that does not end its task is stopped after the grace", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const { transport, workers } = transportOf((message, worker) => {
        if (message.kind !== "run") return
        worker.say({ kind: "elements", id: message.id, values: [0] })
        Deferred.doneUnsafe(started, Exit.void)
      })
      const pool = yield* makePool(Group, Effect.succeed(transport), { size: 1, concurrency: 2, grace: 10 })
      const neighbour = yield* Effect.forkChild(collect(pool.stream("Numbers")))
      yield* Deferred.await(started)
      yield* Stream.runDrain(Stream.take(pool.stream("Numbers"), 1))
      const { error, values } = yield* Fiber.join(neighbour)
      assert.deepEqual(values, [0])
      assert.instanceOf(error, WorkerCrashed)
      assert.instanceOf((error as WorkerCrashed).reason, Terminated)
      yield* settle
      assert.equal(workers.length, 2)
    })
  )
})
