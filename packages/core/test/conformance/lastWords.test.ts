/** What a worker said before it died is heard, also when its parent writes to it before it reads. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as places from "../fixtures/places.ts"

/**
 * A process that has ended, with all of its threads, so that its end of the channel is closed; its parent has not looked after
 * it, since its event loop stands still meanwhile.
 */
const isDead = (status: string): boolean => /^State:\s+Z/m.test(status) && /^Threads:\s+1$/m.test(status)

const untilDead = (pid: number) =>
  Effect.sync(() => {
    const limit = performance.now() + 20_000
    while (!isDead(readFileSync(`/proc/${pid}/status`, "utf8"))) {
      if (performance.now() > limit) throw new Error(`Process ${pid} did not die`)
    }
  })

describe.skipIf(process.platform !== "linux")("process", () => {
  it.live("P54: the answers and the reason of a worker that died while its parent was busy", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.process.make({ size: 1, concurrency: 3 })
      const [worker] = (yield* pool.stats).workers
      const start = { startImmediately: true }
      const sum = yield* Effect.forkChild(Effect.result(pool.run("Add", { a: 1, b: 2 })), start)
      const throwing = yield* Effect.forkChild(Effect.flip(pool.run("ThrowLater", { how: "throw" })), start)
      // What is said in one step is written when the step has ended.
      yield* Effect.yieldNow
      yield* untilDead(worker?.id as number)
      // Nobody has read yet what the worker wrote, and this one is written to a channel that has lost its other end.
      const late = yield* Effect.forkChild(Effect.flip(pool.run("Echo", { value: 1 })), start)
      assert.equal((yield* Fiber.join(sum))._tag, "Success")
      for (const fiber of [throwing, late]) {
        const crash = yield* Fiber.join(fiber)
        assert.instanceOf(crash, Pool.WorkerCrashed)
        assert.instanceOf((crash as Pool.WorkerCrashed).reason, Pool.Uncaught)
      }
    })
  )
})
