/** Workers that don't start: a typed error, at once, and nothing left behind. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Tasks } from "../fixtures/tasks.ts"
import { temporaryFolder } from "../support/folders.ts"

const startup = new URL("../fixtures/startup.ts", import.meta.url)

const failureOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.instanceOf(error, Pool.WorkerStartFailed)
    return error
  })

const later = { a: 1, b: 2 }

/** The name of a file that the first worker makes, by which the others know that they are not the first. */
const startedBefore = Effect.map(temporaryFolder, (folder) => ({ marker: join(folder, "started") }))

for (const [place, make] of [
  ["thread", ThreadPool.make],
  ["process", ProcessPool.make]
] as const) {
  const start = (kind: string, options?: Pool.WorkerOptions) =>
    make(Tasks, { worker: startup, size: 2, env: { STARTUP: kind }, ...options })

  describe(place, () => {
    it.live("a missing worker file", () =>
      Effect.gen(function* () {
        const worker = new URL("./no-such-file.ts", import.meta.url)
        const error = yield* failureOf(make(Tasks, { worker, size: 1 }))
        assert.match(error.message, /no-such-file\.ts/)
        assert.equal(error.attempts, 1)
      })
    )

    it.live("a path where a URL is asked for, as plain JavaScript lets you", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(make(Tasks, { worker: "./worker.ts" as unknown as URL, size: 1 }))
        assert.instanceOf(error, Pool.InvalidOption)
        assert.match(error.message, /^worker must be a URL, .* not \.\/worker\.ts$/)
      })
    )

    it.live("a heap that no worker could start with", () =>
      Effect.gen(function* () {
        assert.instanceOf(yield* Effect.flip(start("", { heapLimit: 2 })), Pool.InvalidOption)
      })
    )

    it.live("a worker file that throws", () =>
      Effect.gen(function* () {
        const error = yield* failureOf(start("throws"))
        assert.match(error.message, /broken on purpose/)
        assert.match(String((error.cause as Error).stack), /startup\.ts/)
      })
    )

    it.live("a worker file that exits", () =>
      Effect.gen(function* () {
        assert.match((yield* failureOf(start("exits"))).message, /exited with code 9 before it was ready/)
      })
    )

    it.live("a worker file that does not call WorkerMain.run", () =>
      Effect.gen(function* () {
        assert.match((yield* failureOf(start("silent"))).message, /does not call WorkerMain\.run/)
      })
    )

    it.live("a worker file that is never ready", () =>
      Effect.gen(function* () {
        const error = yield* failureOf(start("never", { startTimeout: "400 millis", grace: 50 }))
        assert.match(error.message, /not ready after 400 ms/)
      })
    )

    it.live("P56: a layer that fails", () =>
      Effect.gen(function* () {
        assert.match((yield* failureOf(start("layer"))).message, /no database/)
      })
    )

    it.live("replacements that fail: the tasks that wait fail after three, and a second later a call tries again", () =>
      Effect.gen(function* () {
        const { marker } = yield* startedBefore
        const pool = yield* make(Tasks, { worker: startup, size: 1, env: { STARTUP: "second", MARKER: marker } })
        const crash = Effect.flip(pool.run("Exit", { code: 1 }))
        assert.instanceOf(yield* crash, Pool.WorkerCrashed)
        const failure = yield* failureOf(pool.run("Add", later))
        assert.equal(failure.attempts, 3)
        assert.match(failure.message, /the second start fails/)
        // No start is tried for these: they fail at once, and say of the same attempts.
        const refused = yield* Effect.forEach(Array.from({ length: 100 }), () => failureOf(pool.run("Add", later)))
        assert.deepEqual([...new Set(refused.map(({ attempts }) => attempts))], [3])
        rmSync(marker)
        const again = Effect.retry(pool.run("Add", later), Schedule.spaced("50 millis"))
        assert.equal(yield* again, 3)
      })
    )

    it.live("P56: a restart schedule says how often; its end is the waiting tasks' failure", () =>
      Effect.gen(function* () {
        const { marker } = yield* startedBefore
        const restart = Schedule.upTo(Schedule.spaced(0), { times: 4 })
        const env = { STARTUP: "second", MARKER: marker }
        const pool = yield* make(Tasks, { worker: startup, size: 1, env, restart })
        assert.instanceOf(yield* Effect.flip(pool.run("Exit", { code: 1 })), Pool.WorkerCrashed)
        assert.equal((yield* failureOf(pool.run("Add", later))).attempts, 5)
      })
    )
  })
}

describe("process", () => {
  it.live("what the system refuses to start is a failed start", () =>
    Effect.gen(function* () {
      const impossible = ProcessPool.make(Tasks, { worker: startup, size: 1, env: { NAME: "null\0byte" } })
      assert.match((yield* failureOf(impossible)).message, /null byte/)
      const nowhere = ProcessPool.make(Tasks, { worker: startup, size: 1, cwd: "/no/such/folder" })
      assert.match((yield* failureOf(nowhere)).message, /ENOENT/)
    })
  )
})
