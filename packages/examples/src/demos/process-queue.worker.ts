/** What the process of `process-queue` runs. */
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Tasks } from "./process-queue.tasks.ts"

const handlers = Tasks.toLayer({
  F: Effect.fnUntraced(function* ({ l, q }) {
    yield* Effect.orDie(q.put([42, null, "hello"]))
    l.push("test")
    yield* Console.log(`in process ${process.pid} the list is`, l)
  })
})

WorkerMain.run(Tasks, handlers)
