/** The article's process pool: five tasks of a second each, by `apply` one at a time, by `apply_async` together. */
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { elapsed, ranFrom, realSeconds, verdict } from "../internal/Stage.ts"
import { Tasks } from "./process-pool.tasks.ts"

const worker = new URL(import.meta.resolve("@ropewalk/examples/demos/process-pool.worker"))

const program = Effect.gen(function* () {
  const pool = yield* ProcessPool.make(Tasks, { worker, output: ({ line }) => Console.log(line) })
  const seconds = yield* realSeconds(1)
  const tasks = [0, 1, 2, 3, 4].map((name) => ({ name, seconds }))
  const start = yield* elapsed

  // Python's apply: each waits for the one before.
  const inTurn = yield* Effect.forEach(tasks, (task) => pool.run("LongTimeTask", task))
  const between = yield* elapsed
  yield* Console.log(`One at a time, total time: ${(between - start).toFixed(1)}`)

  // Python's apply_async: all at once, and as many run as there are processes.
  const together = yield* pool.map("LongTimeTask", tasks)
  const end = yield* elapsed
  yield* Console.log(`All together, total time: ${(end - between).toFixed(1)}`)
  yield* Console.log("Waiting for all subprocesses done...")

  return { inTurn, together, size: pool.size, times: { inTurn: between - start, together: end - between } }
})

export const run = Effect.gen(function* () {
  yield* Console.log(`Parent process ${process.pid}.`)
  // Leaving the scope is Python's close and join: it waits until the processes have ended.
  const { inTurn, size, times, together } = yield* Effect.scoped(program)
  yield* Console.log("All subprocesses done.")

  for (const { end, name, start } of [...inTurn, ...together]) yield* ranFrom(`task ${name}`, start, end)
  const pids = new Set(together.map(({ pid }) => pid))
  yield* verdict({
    elapsed: times.together,
    ideal: Math.ceil(together.length / size),
    shown: `five seconds of tasks take ${times.inTurn.toFixed(1)} s in turn and ${times.together.toFixed(1)} s on ${pids.size} processes`,
    ok: pids.size === Math.min(size, together.length) && !pids.has(process.pid)
  })
})
