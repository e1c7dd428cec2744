import assert from "node:assert/strict"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
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
})

await Effect.runPromise(Effect.scoped(program))
