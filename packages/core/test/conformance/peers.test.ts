/**
 * Where other pools fail: what was seen of them, and is shown here not to happen. The README has the table; what another test
 * shows already is there, and not here.
 */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@ropewalk/core/Channel"
import * as Pool from "@ropewalk/core/Pool"
import * as Process from "@ropewalk/core/Process"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as Thread from "@ropewalk/core/Thread"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as places from "../fixtures/places.ts"
import { Handles } from "../fixtures/remote/tasks.ts"
import { Tasks } from "../fixtures/tasks.ts"
import { temporaryFolder } from "../support/folders.ts"

const sum = { a: 20, b: 22 }

const remoteWorker = new URL("../fixtures/remote/worker.ts", import.meta.url)

/** A plain module in a folder of its own, so that it can be taken away. */
const removableModule = Effect.map(temporaryFolder, (folder) => {
  const file = join(folder, "work.mjs")
  const write = () =>
    writeFileSync(file, "export const add = (a, b) => a + b\nexport const leave = () => process.exit(5)\n")
  write()
  return { url: pathToFileURL(file), write, remove: () => rmSync(file) }
})

interface Work {
  readonly add: (a: number, b: number) => number
  readonly leave: () => never
}

for (const place of places.isolated) {
  const { make, module } = place.name === "thread" ? ThreadPool : ProcessPool
  const { start } = place.name === "thread" ? Thread : Process

  describe(place.name, () => {
    it.live("a worker file that is missing: the first call fails, and the second one too", () =>
      Effect.gen(function* () {
        const missing = new URL("./no-such-file.ts", import.meta.url)
        for (let attempt = 0; attempt < 2; attempt++) {
          assert.instanceOf(yield* Effect.flip(make(Tasks, { worker: missing, size: 1 })), Pool.WorkerStartFailed)
        }
      })
    )

    it.live("a worker file that goes missing under a pool: every call fails until it is back", () =>
      Effect.gen(function* () {
        const file = yield* removableModule
        const work = yield* module<Work>(file.url, { size: 1 })
        assert.equal(yield* work.add(1, 2), 3)
        file.remove()
        assert.instanceOf(yield* Effect.flip(work.leave()), Pool.WorkerCrashed)
        for (let attempt = 0; attempt < 2; attempt++) {
          const error = yield* Effect.flip(work.add(1, 2))
          assert.instanceOf(error, Pool.WorkerStartFailed)
          assert.match(error.message, /work\.mjs/)
        }
        file.write()
        // The pool does not try at each call: a broken file would cost it a start each time.
        const schedule = Schedule.spaced("50 millis")
        const again = Effect.retry(work.add(1, 2), {
          while: ({ _tag }) => _tag === "WorkerStartFailed",
          schedule,
          times: 200
        })
        assert.equal(yield* again, 3)
      })
    )

    it.live("process.exit under full load: one call fails for each exit, and all others are answered", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        const outcomes = yield* Effect.forEach(
          Array.from({ length: 200 }, (_, n) => n),
          (n) =>
            Effect.match(n % 50 === 25 ? pool.run("Exit", { code: n }) : pool.run("Add", { a: n, b: 0 }), {
              onSuccess: (value): unknown => value,
              onFailure: (error) => (error._tag === "WorkerCrashed" ? error.reason : error)
            }),
          { concurrency: "unbounded" }
        )
        for (const [n, outcome] of outcomes.entries()) {
          assert.deepEqual(outcome, n % 50 === 25 ? new Pool.Exited({ code: n }) : n)
        }
        const { crashed, restarts } = yield* pool.stats
        assert.deepEqual([crashed, restarts], [4, 4])
      })
    )

    it.live("an abort of a task that spins: the calls behind it get a worker that does not", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, grace: 20 })
        const spinning = yield* Effect.forkChild(pool.run("Spin", { label: "x" }))
        yield* heard("started x")
        const behind = yield* Effect.forEach([1, 2, 3], (a) =>
          Effect.forkChild(pool.run("Add", { a, b: 1 }), { startImmediately: true })
        )
        yield* Fiber.interrupt(spinning)
        assert.deepEqual(yield* Effect.forEach(behind, Fiber.join), [2, 3, 4])
      })
    )

    it.live("an unclonable argument in a row of calls: its own call fails, and the program goes on", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const values = [1, () => 2, Symbol("3"), Promise.resolve(4), new WeakMap(), 6]
        const outcomes = yield* Effect.forEach(
          values,
          (value) =>
            Effect.match(pool.run("Echo", { value }), { onSuccess: (echo) => echo, onFailure: (error) => error._tag }),
          { concurrency: "unbounded" }
        )
        assert.deepEqual(outcomes, [1, "EncodeFailed", "EncodeFailed", "EncodeFailed", "EncodeFailed", 6])
      })
    )

    it.live("a put that can't be sent is heard of by who put it, and takes no other with it", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const item = Schema.Struct({ n: Schema.Unknown })
          const items = yield* Channel.serve(item, { capacity: 8 })
          const task = yield* start(Handles, "PutThree", { items }, { worker: remoteWorker })
          assert.equal(yield* task.join, "EncodeFailed")
          assert.deepEqual(yield* Effect.all([items.take, items.take]), [{ n: 1 }, { n: 3 }])
          assert.equal(yield* items.size, 0)
        })
      )
    )

    it.live("a join before anybody has taken what the task put: it ends, and nothing is lost", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const count = 500
          // Together far more than what the buffers of a socket hold.
          const length = 8192
          const items = yield* Channel.serve(Schema.Uint8Array, { capacity: count })
          const task = yield* start(Handles, "Fill", { items, count, length }, { worker: remoteWorker })
          yield* task.join
          const taken = yield* Effect.forEach(Array.from({ length: count }), () => items.take)
          assert.deepEqual(
            taken.map((bytes) => [bytes.length, bytes[0]]),
            Array.from({ length: count }, (_, n) => [length, n % 256])
          )
        })
      )
    )
  })
}

describe("process", () => {
  it.live("a worker that is killed from outside: its own call fails at once, and those behind it are answered", () =>
    Effect.gen(function* () {
      const { heard, pool } = yield* places.process.make({ size: 1 })
      const victim = yield* Effect.forkChild(Effect.flip(pool.run("Wait", { label: "victim" })))
      yield* heard("started victim")
      const behind = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, a) => a),
        (a) => Effect.forkChild(pool.run("Add", { a, b: 0 }), { startImmediately: true })
      )
      const [worker] = (yield* pool.stats).workers
      process.kill(worker?.id as number, "SIGKILL")
      const crash = yield* Fiber.join(victim)
      assert.deepEqual((crash as Pool.WorkerCrashed).reason, new Pool.Killed({ signal: "SIGKILL" }))
      assert.deepEqual(
        yield* Effect.forEach(behind, Fiber.join),
        Array.from({ length: 20 }, (_, a) => a)
      )
      assert.equal(yield* pool.run("Add", sum), 42)
    })
  )
})
