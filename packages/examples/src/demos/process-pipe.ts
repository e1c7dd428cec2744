/** The article's pipe: parent and child talk in both directions. Then a child dies in the middle of it. */
import * as Pipe from "@ropewalk/core/Pipe"
import * as Process from "@ropewalk/core/Process"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { elapsed, lane, verdict } from "../internal/Stage.ts"
import { Item, Tasks } from "./process-pipe.tasks.ts"

const worker = new URL(import.meta.resolve("@ropewalk/examples/demos/process-pipe.worker"))
const options = { worker, output: ({ line }: { readonly line: string }) => Console.log(line) }

/** As in the article: the child sends a list, the parent answers. */
const talk = Effect.gen(function* () {
  const [parent, conn] = yield* Pipe.make({ send: Schema.String, receive: Item })
  const child = yield* Process.start(Tasks, "F", { conn }, options)
  const item = yield* parent.receive
  yield* Console.log("the parent received", item)
  yield* parent.send("test")
  yield* child.join
  return item
})

/** Not in the article: the child is killed while the parent waits for what it will say. */
const talkToTheDead = Effect.gen(function* () {
  const [parent, conn] = yield* Pipe.make({ send: Schema.String, receive: Item })
  const child = yield* Process.start(Tasks, "Silent", { conn }, options)
  yield* parent.receive
  yield* Console.log(`the child ${child.pid} is killed while the parent waits for it...`)
  yield* child.kill("SIGKILL")
  const start = yield* elapsed
  const error = yield* Effect.flip(parent.receive)
  const ms = ((yield* elapsed) - start) * 1000
  yield* Console.log(`the parent received ${error._tag}: ${error.message}`)
  return { tag: error._tag, ms }
})

export const run = Effect.gen(function* () {
  const item = yield* talk.pipe(Effect.scoped, lane("talk"))
  const death = yield* talkToTheDead.pipe(Effect.scoped, lane("killed"))
  yield* verdict({
    shown: `both directions work; the death of a peer is an error of its own (${death.tag}), known after ${death.ms.toFixed(0)} ms`,
    ok: JSON.stringify(item) === '[42,null,"hello"]' && death.tag === "PeerDied"
  })
})
