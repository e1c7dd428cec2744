import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pool from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as places from "../fixtures/places.ts"
import { errorOf } from "../support/exits.ts"
import { temporaryFolder } from "../support/folders.ts"

const now = { startImmediately: true } as const

/** A pool of one worker that is busy, until `release` is run. */
const busy = (place: places.Place, queue?: Pool.QueueOptions) =>
  Effect.gen(function* () {
    const subject = yield* place.make({ size: 1, queue })
    const blocker = yield* Effect.forkChild(subject.pool.run("Wait", { label: "blocker" }), now)
    yield* subject.heard("started blocker")
    const say = (label: string, options?: Pool.RunOptions) =>
      Effect.forkChild(subject.pool.run("Say", { label }, options), now)
    const spoken = () => subject.said().filter((line) => line.startsWith("said "))
    return { ...subject, say, spoken, release: Fiber.interrupt(blocker) }
  })

/** A task that calls another pool's. */
class Outer extends RpcGroup.make(Rpc.make("Nest", { success: Schema.NullOr(Schema.Number) })) {}

/** A new path in a directory that goes with the scope. */
const newFile = Effect.map(temporaryFolder, (folder) => join(folder, "starts"))

for (const place of places.all) {
  describe(place.name, () => {
    it.live("W2: a call over the capacity fails with PoolFull, and takes nothing from those that wait", () =>
      Effect.gen(function* () {
        const { pool, release, say } = yield* busy(place, { capacity: 2, overflow: "fail" })
        const waiting = [yield* say("1"), yield* say("2")]
        const error = errorOf(yield* Effect.exit(pool.run("Say", { label: "3" })))
        assert.deepEqual(error, new Pool.PoolFull({ task: "Say", capacity: 2 }))
        assert.equal((yield* pool.stats).queued, 2)
        yield* release
        yield* Fiber.joinAll(waiting)
        yield* pool.run("Say", { label: "4" })
      })
    )

    it.live("W2: a pool without a queue takes what it can run at once", () =>
      Effect.gen(function* () {
        const { pool, release } = yield* busy(place, { capacity: 0, overflow: "fail" })
        assert.instanceOf(errorOf(yield* Effect.exit(pool.run("Add", { a: 1, b: 2 }))), Pool.PoolFull)
        yield* release
        assert.equal(yield* pool.run("Add", { a: 1, b: 2 }), 3)
      })
    )

    it.live("W2: the oldest of the lowest priority is dropped, and its caller told", () =>
      Effect.gen(function* () {
        const { heard, release, say, spoken } = yield* busy(place, { capacity: 2, overflow: "dropOldest" })
        const [urgent, oldest, newest] = [yield* say("urgent", { priority: 1 }), yield* say("old"), yield* say("new")]
        assert.deepEqual(errorOf(yield* Fiber.await(oldest)), new Pool.TaskDropped({ task: "Say", capacity: 2 }))
        yield* release
        yield* Fiber.joinAll([urgent, newest])
        yield* heard("said new")
        assert.deepEqual(spoken(), ["said urgent", "said new"])
      })
    )

    it.live("W2: a full queue makes its callers wait, and they can leave", () =>
      Effect.gen(function* () {
        const { heard, pool, release, say, spoken } = yield* busy(place, { capacity: 1 })
        const calls = [yield* say("1"), yield* say("2"), yield* say("3")] as const
        const { queued, waiting } = yield* pool.stats
        assert.equal(queued + waiting, 3)
        yield* Fiber.interrupt(calls[1])
        yield* release
        yield* Fiber.joinAll([calls[0], calls[2]])
        yield* heard("said 3")
        assert.deepEqual(spoken(), ["said 1", "said 3"])
      })
    )

    it.live("W4: priorities keep their order, equal ones that of the calls", () =>
      Effect.gen(function* () {
        const { heard, release, say, spoken } = yield* busy(place)
        const calls: Array<Fiber.Fiber<void, Pool.PoolError>> = []
        for (const [label, priority] of [
          ["c", 0],
          ["a", 2.5],
          ["e", -1],
          ["d", undefined],
          ["b", 2.5]
        ] as const) {
          calls.push(yield* say(label, { priority }))
        }
        yield* release
        yield* Fiber.joinAll(calls)
        yield* heard("said e")
        assert.deepEqual(spoken(), ["said a", "said b", "said c", "said d", "said e"])
      })
    )

    it.live("W22: one worker runs its tasks in the order of the calls", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 1 })
        const labels = Array.from({ length: 300 }, (_, index) => `${index}.`)
        yield* Effect.forEach(labels, (label) => pool.run("Say", { label }), { concurrency: "unbounded" })
        yield* heard("said 299.")
        assert.deepEqual(
          said(),
          labels.map((label) => `said ${label}`)
        )
      })
    )

    it.live("calls of one key run in their order, also while others are stolen from their worker", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 2 })
        const calls = Array.from({ length: 200 }, (_, index) => ({ label: `${index}.`, key: index % 2 }))
        yield* Effect.forEach(
          calls,
          ({ key, label }) =>
            Effect.all([pool.run("Say", { label: `${key}: ${label}` }, { key }), pool.run("Add", { a: 1, b: 2 })], {
              concurrency: "unbounded"
            }),
          { concurrency: "unbounded" }
        )
        yield* Effect.all([heard("said 0: 198."), heard("said 1: 199.")])
        for (const key of [0, 1]) {
          assert.deepEqual(
            said().filter((line) => line.startsWith(`said ${key}: `)),
            calls.filter((call) => call.key === key).map(({ label }) => `said ${key}: ${label}`)
          )
        }
      })
    )

    it.live("a task is told how much of its caller's time is left", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        assert.isNull(yield* pool.run("Remaining"))
        const left = yield* pool.run("Remaining", undefined, { timeout: "1 hour" })
        assert.isTrue(left !== null && left > 0 && left <= 3_600_000, `${left} ms`)
        assert.isNull(yield* pool.run("Remaining"))
        const each = yield* pool.map("Remaining", [undefined, undefined], { timeout: "1 minute" })
        assert.isTrue(each.every((left) => left !== null && left > 0 && left <= 60_000))
      })
    )

    it.live("a task that is called by a task with a limit has what that one has left, or less", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const nested = (options?: Pool.RunOptions) =>
          Effect.gen(function* () {
            const called = Effect.orDie(pool.run("Remaining", undefined, options))
            const handlers = yield* Layer.build(Outer.toLayer({ Nest: () => called }))
            const outer = yield* Effect.provideContext(FiberPool.make(Outer), handlers)
            return yield* outer.run("Nest", undefined, { timeout: "1 minute" })
          })
        for (const options of [undefined, { timeout: "1 hour" }, { priority: 1 }] as const) {
          const left = yield* nested(options)
          assert.isTrue(left !== null && left > 0 && left <= 60_000, `${left} ms`)
        }
        const less = yield* nested({ timeout: "1 second" })
        assert.isTrue(less !== null && less <= 1000, `${less} ms`)
      })
    )

    it.live("a broadcast runs once on every worker, and gathers the failures", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 3 })
        const { workers } = yield* pool.stats
        const where = yield* pool.broadcast("Where")
        assert.equal(new Set(where).size, Math.max(1, workers.length))
        assert.equal(where.length, Math.max(1, workers.length))
        const failed = yield* Effect.exit(pool.broadcast("Halve", 3))
        assert.isTrue(Exit.isFailure(failed) && failed.cause.reasons.length === where.length)
        const encode = errorOf(yield* Effect.exit(pool.broadcast("Add", { a: 1, b: "2" as never })))
        assert.instanceOf(encode, Pool.EncodeFailed)
        assert.equal(yield* pool.run("Halve", 8), 4)
      })
    )

    it.live("rejects what makes no sense of a call, or of a queue", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const calls: ReadonlyArray<[string, Pool.MapOptions]> = [
          ["priority", { priority: Number.NaN }],
          ["priority", { priority: Number.POSITIVE_INFINITY }],
          ["key", { key: {} as never }],
          ["retries", { retries: -1 }],
          ["retries", { retries: 0.5 }],
          ["timeout", { timeout: -1 }]
        ]
        const maps: ReadonlyArray<[string, Pool.MapOptions]> = [
          ["chunk", { chunk: 0 }],
          ["chunk", { chunk: 1.5 }],
          ["concurrency", { concurrency: 0 }]
        ]
        const check = (option: string, exit: Exit.Exit<unknown, unknown>) => {
          const error = errorOf(exit)
          assert.instanceOf(error, Pool.InvalidOption)
          assert.equal(error.option, option)
        }
        for (const [option, options] of calls) {
          check(option, yield* Effect.exit(pool.run("Add", { a: 1, b: 2 }, options)))
        }
        for (const [option, options] of [...calls, ...maps]) {
          check(option, yield* Effect.exit(pool.map("Halve", [2], options)))
        }
        for (const [option, options] of maps) {
          check(option, yield* Effect.exit(pool.mapSettled("Halve", [2], options)))
        }
        for (const queue of [
          { capacity: -1 },
          { capacity: 0.5 },
          { capacity: Number.NaN },
          { overflow: "no" as never }
        ]) {
          check(`queue.${Object.keys(queue)[0]}`, yield* Effect.exit(place.make({ queue })))
        }
      })
    )
  })
}

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("calls of one key share a worker, and keys are spread", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 3 })
        const whereOf = (key: string) =>
          Effect.map(
            Effect.forEach(Array.from({ length: 20 }), () => pool.run("Where", undefined, { key }), {
              concurrency: "unbounded"
            }),
            (where) => new Set(where)
          )
        const sets = yield* Effect.forEach(["a", "b", "c", "d", "e", "f", "g", "h"], whereOf)
        for (const set of sets) assert.equal(set.size, 1)
        assert.isAbove(new Set(sets.flatMap((set) => [...set])).size, 1)
      })
    )

    it.live("the calls of a key keep their order when their worker dies before it has started them", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 2 })
        const labels = Array.from({ length: 100 }, (_, index) => `${index}.`)
        const crash = yield* Effect.forkChild(pool.run("Exit", { code: 1 }, { key: "k" }), now)
        yield* Effect.forEach(labels, (label) => pool.run("Say", { label }, { key: "k" }), { concurrency: "unbounded" })
        assert.instanceOf(errorOf(yield* Fiber.await(crash)), Pool.WorkerCrashed)
        yield* heard("said 99.")
        assert.deepEqual(
          said(),
          labels.map((label) => `said ${label}`)
        )
      })
    )

    it.live("a task that is declared safe to repeat is started again, once; more often if its call says so", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        assert.equal(yield* pool.run("CrashFirst", { file: yield* newFile, crashes: 1 }), 2)
        const { crashed, restarts } = yield* pool.stats
        assert.deepEqual([crashed, restarts], [0, 1])
        const file = yield* newFile
        assert.instanceOf(errorOf(yield* Effect.exit(pool.run("CrashFirst", { file, crashes: 2 }))), Pool.WorkerCrashed)
        assert.equal(yield* pool.run("CrashFirst", { file, crashes: 2 }), 3)
        assert.equal(yield* pool.run("CrashFirst", { file: yield* newFile, crashes: 3 }, { retries: 3 }), 4)
        const never = yield* newFile
        const once = yield* Effect.exit(pool.run("CrashFirst", { file: never, crashes: 1 }, { retries: 0 }))
        assert.instanceOf(errorOf(once), Pool.WorkerCrashed)
        assert.equal(yield* pool.run("CrashFirst", { file: never, crashes: 1 }), 2)
      })
    )

    it.live("a task is not repeated for its own failure, nor for the interrupt of its caller", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ grace: 50 })
        assert.equal(errorOf(yield* Effect.exit(pool.run("Halve", 3, { retries: 5 }))), "3 is odd")
        const spinning = yield* Effect.forkChild(pool.run("Spin", { label: "x" }, { retries: 5 }))
        yield* heard("started x")
        yield* Fiber.interrupt(spinning)
        assert.equal(yield* pool.run("Halve", 4), 2)
        assert.equal(said().filter((line) => line === "started x").length, 1)
      })
    )

    it.live("a share of a broadcast fails with its worker, and waits for no other", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 1, grace: 50 })
        const started = yield* Effect.exit(pool.broadcast("Halve", -1))
        assert.instanceOf(errorOf(started), Pool.WorkerCrashed)

        const spinning = yield* Effect.forkChild(pool.run("Spin", { label: "x" }), now)
        yield* heard("started x")
        const share = yield* Effect.forkChild(pool.broadcast("Say", { label: "share" }), now)
        yield* Fiber.interrupt(spinning)
        const error = errorOf(yield* Fiber.await(share))
        assert.instanceOf(error, Pool.WorkerCrashed)
        assert.deepEqual((error as Pool.WorkerCrashed).reason, new Pool.Terminated())
        yield* pool.run("Say", { label: "after" })
        yield* heard("said after")
        assert.notInclude(said(), "said share")
      })
    )
  })
}
