/** The article's queue: a child process puts a list into it, and changes another list, which nobody here will notice. */
import * as Channel from "@ropewalk/core/Channel"
import * as Process from "@ropewalk/core/Process"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { lane, note, verdict } from "../internal/Stage.ts"
import { Item, Tasks } from "./process-queue.tasks.ts"

const worker = new URL(import.meta.resolve("@ropewalk/examples/demos/process-queue.worker"))

export const run = Effect.gen(function* () {
  const q = yield* Channel.serve(Item, { capacity: 1 })
  const l: Array<string> = []

  const program = Effect.gen(function* () {
    const child = yield* Process.start(Tasks, "F", { q, l }, { worker, output: ({ line }) => Console.log(line) })
    const item = yield* q.take
    yield* child.join.pipe(lane("child"))
    return item
  })
  const item = yield* program.pipe(Effect.scoped, lane("parent"))

  yield* Console.log(`in process ${process.pid} the queue gave`, item, "and the list is", l)
  yield* note("The article's program ends in an IndexError here: l.pop() of a list that only its child has changed.")
  yield* verdict({
    shown: "what goes through the queue arrives; a list that was handed over is a copy, each process has its own",
    ok: JSON.stringify(item) === '[42,null,"hello"]' && l.length === 0
  })
})
