/** What the processes of `process-pipe` run. */
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Tasks } from "./process-pipe.tasks.ts"

const handlers = Tasks.toLayer({
  F: Effect.fnUntraced(function* ({ conn }) {
    yield* conn.send([42, null, "hello"])
    yield* Console.log("the child received", yield* conn.receive)
    yield* conn.close
  }, Effect.orDie),
  // Says that it is there, and then nothing more.
  Silent: Effect.fnUntraced(function* ({ conn }) {
    yield* conn.send(["ready"])
    return yield* Effect.never
  }, Effect.orDie)
})

WorkerMain.run(Tasks, handlers)
