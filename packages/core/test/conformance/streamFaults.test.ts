/** Workers that die, or break the protocol, in the middle of a stream: at each step, exactly one end, and the pool goes on. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as places from "../fixtures/streams/places.ts"
import { collect } from "../support/collect.ts"
import { errorOf, reasonOf } from "../support/exits.ts"
import { numbers } from "../support/numbers.ts"

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("P53: a worker that ends in mid-stream fails it, after the elements that had arrived", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        for (const count of [0, 1, 100]) {
          const { exit, values } = yield* collect(pool.stream("ThenExit", { count }))
          assert.deepEqual(values, numbers(count))
          assert.deepEqual(reasonOf(exit), new Pool.Exited({ code: 3 }))
        }
        // It never comes to the end: its consumer has enough before.
        const taken = pool.stream("ThenExit", { count: 20 }, { window: 4 }).pipe(Stream.take(3), Stream.runCollect)
        assert.deepEqual(yield* taken, [0, 1, 2])
        assert.deepEqual(yield* Stream.runCollect(pool.stream("Range", { count: 3 })), [0, 1, 2])
        assert.equal((yield* pool.stats).crashed, 3)
      })
    )

    it.live("P53: a worker that ends while it is interrupted ends the interrupt too", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const [before] = (yield* pool.stats).workers
        assert.deepEqual(yield* pool.stream("ExitOnInterrupt").pipe(Stream.take(1), Stream.runCollect), [0])
        const { running, workers } = yield* pool.stats
        assert.equal(running, 0)
        assert.notEqual(workers[0]?.id, before?.id)
        assert.equal(yield* pool.run("Add", { a: 20, b: 22 }), 42)
      })
    )

    it.live("W8: a task that spins in mid-stream is stopped after the grace, and its worker replaced", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ grace: 50 })
        const [before] = (yield* pool.stats).workers
        const consume = collect(pool.stream("ThenSpin", { count: 2 }))
        const fiber = yield* Effect.forkChild(consume)
        yield* heard("started")
        yield* Fiber.interrupt(fiber)
        assert.notInclude(
          (yield* pool.stats).workers.map((_) => _.id),
          before?.id
        )
        assert.equal(yield* pool.run("Add", { a: 20, b: 22 }), 42)
      })
    )

    it.live("P54: streams beside the one that ends their worker fail with its reason", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ concurrency: 2 })
        const neighbour = yield* Effect.forkChild(
          collect(pool.stream("Count", { label: "n" }, { window: 2 }), () => Effect.yieldNow)
        )
        yield* heard("made 5")
        assert.deepEqual(
          reasonOf((yield* collect(pool.stream("ThenExit", { count: 1 }))).exit),
          new Pool.Exited({ code: 3 })
        )
        const { exit, values } = yield* Fiber.join(neighbour)
        assert.deepEqual(reasonOf(exit), new Pool.Exited({ code: 3 }))
        assert.deepEqual(values, numbers(values.length))
      })
    )

    for (const kind of ["function", "schema"] as const) {
      it.live(`P38: an element that can't be sent (${kind}) fails with its place, after those before it`, () =>
        Effect.gen(function* () {
          const { heard, pool } = yield* place.make()
          const { exit, values } = yield* collect(pool.stream("Unsendable", { kind }))
          assert.equal(values.length, 2)
          const error = errorOf(exit)
          assert.instanceOf(error, Pool.EncodeFailed)
          assert.equal(error.what, "result")
          assert.deepEqual(error.path, kind === "function" ? [2, "inside", 1] : [2])
          yield* heard("finalized unsendable")
          assert.equal(yield* pool.run("Add", { a: 20, b: 22 }), 42)
          assert.equal((yield* pool.stats).restarts, 0)
        })
      )
    }

    it.live("P53: a group of another version is a typed error on either side", () =>
      Effect.gen(function* () {
        class Other extends RpcGroup.make(
          Rpc.make("Range", { payload: { count: Schema.Number }, success: Schema.Number }),
          Rpc.make("Add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number, stream: true }),
          Rpc.make("Blocks", {
            payload: { count: Schema.Number, bytes: Schema.Number },
            success: Schema.DateFromString,
            stream: true
          })
        ) {}
        const make = place.name === "thread" ? ThreadPool.make : ProcessPool.make
        const pool = yield* make(Other, { worker: places.worker, size: 1 })
        const once = errorOf(yield* Effect.exit(pool.run("Range", { count: 1 })))
        assert.instanceOf(once, Pool.DecodeFailed)
        assert.match(once.message, /"Range" is a stream/)
        const many = errorOf((yield* collect(pool.stream("Add", { a: 1, b: 2 }))).exit)
        assert.instanceOf(many, Pool.DecodeFailed)
        assert.match(many.message, /"Add" is not a stream/)
        const element = errorOf((yield* collect(pool.stream("Blocks", { count: 3, bytes: 1 }))).exit)
        assert.instanceOf(element, Pool.DecodeFailed)
        assert.deepEqual([element.what, element.path], ["result", [0]])
        assert.equal((yield* pool.stats).running, 0)
      })
    )
  })
}

describe("process", () => {
  const [, place] = places.isolated

  it.live("P54: kill -9 in the middle of a stream: what had arrived, and then its signal", () =>
    Effect.gen(function* () {
      const { pool } = yield* place!.make()
      const [worker] = (yield* pool.stats).workers
      const killed = yield* Deferred.make<void>()
      const { exit, values } = yield* collect(pool.stream("Count", { label: "x" }, { window: 8 }), (n) =>
        n === 100
          ? Effect.andThen(
              Effect.sync(() => process.kill(worker!.id, "SIGKILL")),
              Deferred.succeed(killed, undefined)
            )
          : Effect.void
      )
      yield* Deferred.await(killed)
      assert.deepEqual(reasonOf(exit), new Pool.Killed({ signal: "SIGKILL" }))
      assert.isAtLeast(values.length, 101)
      assert.isAtMost(values.length, 101 + 8)
      assert.deepEqual(values, numbers(values.length))
      assert.equal(yield* pool.run("Add", { a: 20, b: 22 }), 42)
    })
  )

  it.live("a worker that stands still holds up its consumer, and loses nothing", () =>
    Effect.gen(function* () {
      const { pool } = yield* place!.make()
      const [worker] = (yield* pool.stats).workers
      const { exit, values } = yield* collect(
        pool.stream("Count", { label: "x" }, { window: 4 }).pipe(Stream.take(50)),
        (n) =>
          n === 20
            ? Effect.sync(() => {
                process.kill(worker!.id, "SIGSTOP")
                setTimeout(() => process.kill(worker!.id, "SIGCONT"), 50)
              })
            : Effect.void
      )
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepEqual(values, numbers(50))
    })
  )
})
