/** What each process of `process-pool` runs. */
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Tasks } from "./process-pool.tasks.ts"

const longTimeTask = Effect.fnUntraced(function* ({ name, seconds }: { name: number; seconds: number }) {
  yield* Console.log(`Run task ${name} (${process.pid})...`)
  const start = yield* Clock.currentTimeMillis
  yield* Effect.sleep(seconds * 1000)
  const end = yield* Clock.currentTimeMillis
  yield* Console.log(`Task ${name} runs ${((end - start) / 1000).toFixed(2)} seconds.`)
  return { name, pid: process.pid, start, end }
})

WorkerMain.run(Tasks, Tasks.toLayer({ LongTimeTask: longTimeTask }))
