/** The life of a worker: what it does before its first task and after its last, and when it is replaced by a fresh one. */
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import type * as lifecycle from "../fixtures/lifecycle.ts"
import * as places from "../fixtures/places.ts"
import { temporaryFolder } from "../support/folders.ts"

type Work = typeof lifecycle

const url = new URL("../fixtures/lifecycle.ts", import.meta.url)

const makers = {
  fiber: (options: FiberPool.ModuleOptions<Work>) => FiberPool.module<Work>(url, options),
  thread: (options: ThreadPool.ModuleOptions<Work>) => ThreadPool.module<Work>(url, { grace: "1 hour", ...options }),
  process: (options: ProcessPool.ModuleOptions<Work>) => ProcessPool.module<Work>(url, { grace: "1 hour", ...options })
}

const temporary = Effect.map(temporaryFolder, (folder) => join(folder, "journal"))

const read = (path: string) => readFileSync(path, "utf8").trim().split("\n")

/** What was noted, without by whom. */
const notes = (path: string) => read(path).map((line) => line.split(" ")[0])

const close = { call: "close" } as const

/** Looks at the pool until it is so. The test's own time limit bounds it. */
const until = (control: Pool.PoolControl, holds: (stats: Pool.PoolStats) => boolean) =>
  Effect.repeat(control.stats, { until: holds, schedule: Schedule.spaced("5 millis") })

for (const place of ["fiber", "thread", "process"] as const) {
  const make = makers[place]

  describe(place, () => {
    it.live("initialise runs before the first task, with its arguments; teardown after the last one", () =>
      Effect.gen(function* () {
        const journal = yield* temporary
        yield* Effect.scoped(
          Effect.gen(function* () {
            const work = yield* make({
              size: 1,
              initialise: { call: "setup", args: [journal, "ready"] },
              teardown: close
            })
            assert.equal(yield* work.stateOf(), "ready")
            yield* work.task()
          })
        )
        assert.deepEqual(notes(journal), ["setup", "task", "close"])
      })
    )

    it.live("either may return an Effect or a promise; a pool that drains tears down, too", () =>
      Effect.gen(function* () {
        const journal = yield* temporary
        yield* Effect.scoped(
          Effect.gen(function* () {
            const work = yield* make({ size: 1, initialise: { call: "setupLater", args: [journal] }, teardown: close })
            assert.equal(yield* work.stateOf(), "later")
            yield* Pool.controlOf(work).drain()
          })
        )
        assert.deepEqual(notes(journal), ["setup", "close"])
      })
    )

    it.live("P56: an initialiser that fails is the pool's failure, with its own cause", () =>
      Effect.gen(function* () {
        for (const [call, message] of [
          ["fails", /no licence/],
          ["failsTyped", /no database/],
          ["absent" as "fails", /exports no function "absent"/]
        ] as const) {
          const error = yield* Effect.flip(make({ size: 1, initialise: { call }, teardown: close }))
          assert.instanceOf(error, Pool.WorkerStartFailed)
          assert.match(error.message, message)
        }
      })
    )
  })
}

for (const place of ["thread", "process"] as const) {
  const make = makers[place]

  describe(place, () => {
    it.live("P56: an initialiser that hangs is a start that failed", () =>
      Effect.gen(function* () {
        const options = { size: 1, grace: 50, startTimeout: "1 second" } as const
        const error = yield* Effect.flip(make({ ...options, initialise: { call: "hangs" } }))
        assert.instanceOf(error, Pool.WorkerStartFailed)
        assert.match(error.message, /not ready after 1000 ms/)
      })
    )

    it.live("P56: an initialiser whose arguments can't be sent is a start that failed", () =>
      Effect.gen(function* () {
        const initialise = { call: "setup", args: [(() => 1) as unknown as string, ""] } as const
        const error = yield* Effect.flip(make({ size: 1, grace: 50, initialise }))
        assert.instanceOf(error, Pool.WorkerStartFailed)
        assert.instanceOf(error.cause, Pool.EncodeFailed)
      })
    )

    it.live("P56: one that fails later fails the calls that wait", () =>
      Effect.gen(function* () {
        const journal = yield* temporary
        const work = yield* make({
          size: 1,
          initialise: { call: "setup", args: [journal, "ready"] },
          restart: Schedule.upTo(Schedule.spaced(0), { times: 1 })
        })
        rmSync(join(journal, ".."), { recursive: true })
        assert.instanceOf(yield* Effect.flip(work.exit(1)), Pool.WorkerCrashed)
        const error = yield* Effect.flip(work.stateOf())
        assert.instanceOf(error, Pool.WorkerStartFailed)
        assert.equal((error as Pool.WorkerStartFailed).attempts, 2)
        assert.match(error.message, /ENOENT/)
      })
    )

    it.live(
      "P62, W25: a worker is replaced after its n-th task, exactly; its teardown runs before the next one starts",
      () =>
        Effect.gen(function* () {
          const journal = yield* temporary
          yield* Effect.scoped(
            Effect.gen(function* () {
              const initialise = { call: "setup", args: [journal, "ready"] } as const
              const work = yield* make({ size: 1, recycle: { tasks: 3 }, initialise, teardown: close })
              // At once: what is offered ahead must not go beyond the third.
              yield* Effect.forEach(Array.from({ length: 8 }), () => work.task(), { concurrency: "unbounded" })
              const { crashed, recycled, restarts } = yield* Pool.statsOf(work)
              assert.deepEqual([recycled, restarts, crashed], [2, 0, 0])
            })
          )
          const three = ["setup", "task", "task", "task", "close"]
          assert.deepEqual(notes(journal), [...three, ...three, "setup", "task", "task", "close"])
          const workers = read(journal).map((line) => line.split(" ")[1])
          assert.equal(new Set(workers).size, 3)
          assert.equal(new Set(workers.slice(0, 5)).size, 1)
        })
    )

    it.live("P62: one task a worker, on two workers, none lost", () =>
      Effect.gen(function* () {
        const work = yield* make({ size: 2, recycle: { tasks: 1 } })
        const states = yield* Effect.forEach(Array.from({ length: 6 }), () => work.stateOf(), {
          concurrency: "unbounded"
        })
        assert.deepEqual([...new Set(states)], ["new"])
        const { completed } = yield* until(Pool.controlOf(work), ({ recycled }) => recycled === 6)
        assert.equal(completed, 6)
      })
    )

    it.live("a worker is replaced at its age, between tasks", () =>
      Effect.gen(function* () {
        const work = yield* make({ size: 1, recycle: { age: "50 millis" } })
        const control = Pool.controlOf(work)
        const [first] = (yield* control.stats).workers
        yield* until(control, ({ recycled, workers }) => recycled > 0 && workers[0]?.id !== first?.id)
        assert.equal(yield* work.stateOf(), "new")
        assert.equal((yield* control.stats).crashed, 0)
      })
    )

    it.live("W24: a worker over its memory limit is replaced between tasks", () =>
      Effect.gen(function* () {
        const work = yield* make({ size: 1, recycle: { memory: place === "thread" ? 32 : 192 } })
        const control = Pool.controlOf(work)
        yield* work.keep(256)
        yield* until(control, ({ recycled }) => recycled === 1)
        assert.equal(yield* work.keep(1), 1)
        const { crashed, restarts } = yield* control.stats
        assert.deepEqual([crashed, restarts], [0, 0])
      })
    )

    it.live("W24: a worker below its limit stays, and says what it takes", () =>
      Effect.gen(function* () {
        const work = yield* make({ size: 1, recycle: { memory: 4096 } })
        yield* work.keep(64)
        const { recycled, workers } = yield* until(
          Pool.controlOf(work),
          ({ workers }) => workers[0]?.memory !== undefined
        )
        assert.equal(recycled, 0)
        assert.isAbove(workers[0]?.memory as number, 64 * 1024 * 1024)
      })
    )
  })
}

describe("process", () => {
  it.live("W21: memoryLimit ends a process while it runs, and its task fails with OutOfMemory", () =>
    Effect.gen(function* () {
      const work = yield* makers.process({ size: 1, memoryLimit: 256 })
      const error = yield* Effect.flip(work.swallow())
      assert.instanceOf(error, Pool.WorkerCrashed)
      assert.deepEqual((error as Pool.WorkerCrashed).reason, new Pool.OutOfMemory())
      assert.equal(yield* work.stateOf(), "new")
    })
  )
})

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("W25: the layer of a group is taken down before its replacement is built", () =>
      Effect.gen(function* () {
        const journal = yield* temporary
        const worker = new URL("../fixtures/lifecycleWorker.ts", import.meta.url)
        const make = place.name === "thread" ? ThreadPool.make : ProcessPool.make
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { Notes } = yield* Effect.promise(() => import("../fixtures/lifecycleTasks.ts"))
            const pool = yield* make(Notes, { worker, size: 1, env: { JOURNAL: journal }, recycle: { tasks: 2 } })
            yield* pool.map("Note", ["a", "b", "c"])
          })
        )
        assert.deepEqual(notes(journal), ["built", "a", "b", "closed", "built", "c", "closed"])
      })
    )

    it.live("a task that is interrupted while its worker is replaced ends once", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, recycle: { tasks: 1 } })
        const waiting = yield* Effect.forkChild(pool.run("Wait", { label: "w" }))
        yield* heard("started w")
        const queued = yield* Effect.forkChild(pool.run("Add", { a: 1, b: 1 }), { startImmediately: true })
        yield* Fiber.interrupt(waiting)
        assert.equal(yield* Fiber.join(queued), 2)
        yield* until(pool, ({ recycled }) => recycled === 2)
      })
    )
  })
}
