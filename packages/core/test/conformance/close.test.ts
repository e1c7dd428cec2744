/** What is left when a pool's scope has closed, and what has been done by then. */
import { assert, describe, it } from "@effect/vitest"
import type * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as places from "../fixtures/places.ts"
import { Tasks } from "../fixtures/tasks.ts"
import { isAlive } from "../support/processes.ts"

const startup = new URL("../fixtures/startup.ts", import.meta.url)

/** The threads of this program that Node knows of; the diagnostic report names each. */
const threads = (): number => {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean }
  report.excludeNetwork = true
  return (report.getReport() as unknown as { readonly workers: ReadonlyArray<unknown> }).workers.length
}

/** Every worker has something to do that does not end by itself, and one task waits. */
const busy = (place: places.Place) =>
  Effect.gen(function* () {
    const { heard, pool } = yield* place.make({ size: 3, grace: 50 })
    const tasks = [
      pool.run("Wait", { label: "w" }),
      pool.run("Spin", { label: "s" }),
      pool.run("Stubborn", { label: "u" })
    ]
    for (const task of [...tasks, pool.run("Add", { a: 1, b: 2 })]) {
      yield* Effect.forkDetach(task, { startImmediately: true })
    }
    yield* Effect.all([heard("started w"), heard("started s"), heard("started u")])
    return (yield* pool.stats).workers.map(({ id }) => id)
  })

for (const place of places.isolated) {
  const make = place.name === "thread" ? ThreadPool.make : ProcessPool.make

  describe(place.name, () => {
    it.live("P52: finalizers run once, in order: a task's from the inside out, then the layers' in reverse", () =>
      Effect.gen(function* () {
        const said: Array<string> = []
        const started = yield* Effect.scoped(
          Effect.gen(function* () {
            const running = Promise.withResolvers<void>()
            const output = ({ line }: Pool.OutputLine) =>
              Effect.sync(() => {
                said.push(line)
                if (line === "started x") running.resolve()
              })
            const env = { STARTUP: "resources" }
            const pool = yield* make(Tasks, { worker: startup, size: 1, grace: "1 hour", env, output })
            const task = yield* Effect.forkDetach(pool.run("Hold", { label: "x" }))
            yield* Effect.promise(() => running.promise)
            return task
          })
        )
        yield* Fiber.await(started)
        assert.deepEqual(said, ["started x", "inner x", "outer x", "released second", "released first"])
      })
    )

    it.live("P35: an interrupted task has finished its finalizers before its worker takes the next one", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make({ size: 1 })
        const first = yield* Effect.forkChild(pool.run("Hold", { label: "1" }))
        yield* heard("started 1")
        const second = yield* Effect.forkChild(pool.run("Wait", { label: "2" }), { startImmediately: true })
        yield* Fiber.interrupt(first)
        yield* heard("started 2")
        yield* Fiber.interrupt(second)
        yield* heard("finalized 2")
        assert.deepEqual(said(), ["started 1", "inner 1", "outer 1", "started 2", "finalized 2"])
      })
    )
  })
}

describe("thread", () => {
  it.live("W6: no thread is left after the scope has closed, whatever ran", () =>
    Effect.gen(function* () {
      const before = threads()
      yield* Effect.scoped(
        Effect.andThen(
          busy(places.thread),
          Effect.sync(() => assert.equal(threads(), before + 3))
        )
      )
      assert.equal(threads(), before)
    })
  )
})

describe("process", () => {
  it.live("W6: no process is left after the scope has closed, whatever ran", () =>
    Effect.gen(function* () {
      const pids = yield* Effect.scoped(
        Effect.tap(busy(places.process), (pids) =>
          Effect.sync(() => assert.deepEqual(pids.map(isAlive), [true, true, true]))
        )
      )
      assert.deepEqual(pids.filter(isAlive), [])
    })
  )
})
