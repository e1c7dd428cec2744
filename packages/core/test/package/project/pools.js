import assert from "node:assert/strict"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Sums } from "./tasks.js"

const worker = new URL("./worker.js", import.meta.url)
const work = new URL("./work.js", import.meta.url)

const program = Effect.gen(function* () {
  for (const place of [ThreadPool, ProcessPool]) {
    const pool = yield* place.make(Sums, { worker, size: 1 })
    assert.equal(yield* pool.run("Add", { a: 1, b: 2 }), 3)
  }
  const thread = yield* (yield* ThreadPool.module(work, { size: 1 })).where()
  assert.equal(thread.pid, process.pid)
  assert.notEqual(thread.threadId, 0)
  const child = yield* (yield* ProcessPool.module(work, { size: 1 })).where()
  assert.notEqual(child.pid, process.pid)
  assert.equal(child.threadId, 0)
  for (const place of [ThreadPool, ProcessPool]) yield* module(yield* place.module(work, { size: 1, grace: 0 }), place)
})

/** What a worker loads when it is needed, what it has twice, and what a thread of a process has to do. */
const module = (pool, place) =>
  Effect.gen(function* () {
    assert.equal(yield* pool.twice(21), 42)
    assert.deepEqual(yield* Stream.runCollect(pool.upTo(3)), [1, 2, 3])
    assert.equal((yield* pool.bytes(8)).length, 8)
    assert.equal(yield* pool.left(), place === ThreadPool ? 0 : 8)
    const unsendable = yield* Effect.flip(pool.twice(() => {}))
    assert.equal(unsendable._tag, "EncodeFailed")
    const spinning = yield* Effect.forkChild(pool.spin())
    yield* Effect.yieldNow
    yield* Fiber.interrupt(spinning)
    assert.equal(yield* pool.twice(4), 8)
  })

await Effect.runPromise(Effect.scoped(program))
