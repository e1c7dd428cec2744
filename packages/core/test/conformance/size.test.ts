/** How many workers a pool has: as many as there is work for, within its bounds. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as places from "../fixtures/places.ts"

type Stats = Pool.PoolStats

/** Looks at the pool until it is so. The test's own time limit bounds it. */
const until = (pool: { readonly stats: Effect.Effect<Stats> }, holds: (stats: Stats) => boolean) =>
  Effect.repeat(pool.stats, { until: holds, schedule: Schedule.spaced("5 millis") })

const live = ({ workers }: Stats) => workers.filter(({ state }) => state === "ready" || state === "starting").length

const idle = "40 millis"

for (const place of places.isolated) {
  const wait = (pool: places.Subject["pool"], label: string) =>
    Effect.forkChild(pool.run("Wait", { label }), { startImmediately: true })

  describe(place.name, () => {
    it.live("the least number is started; make waits for it", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: { min: 1, max: 3 } })
        const { minSize, size, workers } = yield* pool.stats
        assert.deepEqual([minSize, size, pool.size], [1, 3, 3])
        assert.deepEqual(
          workers.map(({ state }) => state),
          ["ready"]
        )
      })
    )

    it.live("W5: a cold burst spawns to the maximum at once, and no further", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: { min: 0, max: 3 } })
        assert.equal((yield* pool.stats).workers.length, 0)
        yield* Effect.forEach(["a", "b", "c", "d", "e"], (label) => wait(pool, label))
        // At once: in the same turn.
        assert.equal((yield* pool.stats).workers.length, 3)
        yield* Effect.forEach(["a", "b", "c"], (label) => heard(`started ${label}`))
        const { queued, running, workers } = yield* pool.stats
        assert.deepEqual([workers.length, running, queued], [3, 3, 2])
      })
    )

    it.live("W5: a call that finds a worker free starts none", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: { min: 1, max: 3 } })
        for (let call = 0; call < 20; call++) yield* pool.run("Add", { a: 1, b: 1 })
        assert.equal((yield* pool.stats).workers.length, 1)
      })
    )

    it.live("W7: idle workers go after their time, in order, and never below the minimum", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: { min: 1, max: 3 }, idleTime: idle })
        const tasks = yield* Effect.forEach(["a", "b", "c"], (label) => wait(pool, label))
        yield* Effect.forEach(["a", "b", "c"], (label) => heard(`started ${label}`))
        yield* Effect.forEach(tasks, Fiber.interrupt)
        yield* until(pool, ({ workers }) => workers.length === 1)
        const { crashed, restarts, workers } = yield* pool.stats
        assert.deepEqual([workers.length, crashed, restarts], [1, 0, 0])
        assert.equal(said().filter((line) => line.startsWith("finalized")).length, 3)
        assert.equal(yield* pool.run("Add", { a: 1, b: 1 }), 2)
      })
    )

    it.live("W7: one that works is not idle, while the one beside it goes", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: { min: 0, max: 2 }, idleTime: idle })
        const [task, other] = [yield* wait(pool, "a"), yield* wait(pool, "b")]
        yield* Effect.all([heard("started a"), heard("started b")])
        yield* Fiber.interrupt(other)
        yield* until(pool, ({ workers }) => workers.length === 1)
        assert.isUndefined(task.pollUnsafe())
        yield* Fiber.interrupt(task)
        yield* until(pool, ({ workers }) => workers.length === 0)
        assert.equal(yield* pool.run("Add", { a: 1, b: 1 }), 2)
      })
    )

    it.live("a pool that may be empty starts a worker for its first call", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: { min: 0, max: 2 } })
        assert.equal(yield* pool.run("Add", { a: 1, b: 1 }), 2)
        assert.equal((yield* pool.stats).workers.length, 1)
      })
    )

    it.live("resize: more workers start at once, and take what waits; ready waits for them", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1 })
        yield* Effect.forEach(["a", "b", "c"], (label) => wait(pool, label))
        yield* heard("started a")
        yield* pool.resize(3)
        assert.equal((yield* pool.stats).workers.length, 3)
        yield* Effect.all([heard("started b"), heard("started c")])
        yield* pool.ready
        const { size, workers } = yield* pool.stats
        assert.deepEqual([size, workers.map(({ state }) => state)], [3, ["ready", "ready", "ready"]])
        assert.deepEqual(workers.map(({ lane }) => lane).sort(), [0, 1, 2])
      })
    )

    it.live("capacity: workers × concurrency, and of a resized pool what it is then", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: { min: 0, max: 2 }, concurrency: 3 })
        assert.equal(pool.capacity, 6)
        yield* pool.resize({ min: 0, max: 5 })
        assert.equal(pool.capacity, 15)
      })
    )

    it.live("resize: superfluous workers end after what they run, which is not touched", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 3 })
        const tasks = yield* Effect.forEach(["a", "b"], (label) => wait(pool, label))
        yield* Effect.all([heard("started a"), heard("started b")])
        yield* pool.resize(1)
        // The idle one goes; of the busy ones one stays, and one is on its way.
        yield* until(pool, ({ workers }) => workers.length === 2)
        assert.deepEqual((yield* pool.stats).workers.map(({ state }) => state).sort(), ["ready", "retiring"])
        assert.deepEqual([said().includes("finalized a"), said().includes("finalized b")], [false, false])
        // It is given nothing more.
        const queued = yield* Effect.forkChild(pool.run("Add", { a: 1, b: 1 }), { startImmediately: true })
        assert.equal((yield* pool.stats).queued, 1)
        yield* Effect.forEach(tasks, Fiber.interrupt)
        assert.equal(yield* Fiber.join(queued), 2)
        yield* until(pool, ({ workers }) => workers.length === 1)
        const { crashed, restarts } = yield* pool.stats
        assert.deepEqual([crashed, restarts], [0, 0])
      })
    )

    it.live("resize: one that was about to leave is taken back before another is started", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 2 })
        const ids = (yield* pool.stats).workers.map(({ id }) => id)
        yield* Effect.forEach(["a", "b"], (label) => wait(pool, label))
        yield* Effect.all([heard("started a"), heard("started b")])
        yield* pool.resize(1)
        assert.equal(live(yield* pool.stats), 1)
        yield* pool.resize(2)
        const { workers } = yield* pool.stats
        assert.deepEqual([workers.map(({ id }) => id), live(yield* pool.stats)], [ids, 2])
      })
    )

    it.live("resize: a size that makes no sense changes nothing", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        for (const size of [0, 1.5, { min: 2, max: 1 }, { min: -1, max: 1 }]) {
          assert.instanceOf(yield* Effect.flip(pool.resize(size)), Pool.InvalidOption)
        }
        assert.equal((yield* pool.stats).workers.length, 2)
      })
    )

    it.live("warmUp brings up the maximum", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: { min: 0, max: 2 } })
        yield* pool.warmUp
        assert.deepEqual(
          (yield* pool.stats).workers.map(({ state }) => state),
          ["ready", "ready"]
        )
        yield* pool.warmUp
      })
    )

    it.live("the stats tell of each worker: its place, age, and what it has done", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 1 })
        yield* pool.run("Add", { a: 1, b: 1 })
        const { waiting, workers } = yield* pool.stats
        const { age, completed, lane, memory } = workers[0] as Pool.WorkerStats
        assert.deepEqual([waiting, completed, lane, memory], [0, 1, 0, undefined])
        assert.isAbove(age, 0)
      })
    )
  })
}

describe("fiber", () => {
  it.effect("resize: more tasks run at once, or fewer", () =>
    Effect.gen(function* () {
      const { heard, pool, said } = yield* places.fiber.make({ size: 1 })
      yield* Effect.forEach(["a", "b", "c"], (label) =>
        Effect.forkChild(pool.run("Wait", { label }), { startImmediately: true })
      )
      yield* heard("started a")
      assert.deepEqual(said(), ["started a"])
      yield* pool.resize({ min: 0, max: 2 })
      yield* heard("started b")
      const { minSize, queued, running, size } = yield* pool.stats
      assert.deepEqual([minSize, size, pool.size, pool.capacity, running, queued], [0, 2, 2, 2, 2, 1])
      yield* pool.ready
      yield* pool.warmUp
    })
  )
})
