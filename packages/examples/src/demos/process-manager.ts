/** The article's Manager: a dictionary and a list that live here, and that several processes change. */
import * as Manager from "@ropewalk/core/Manager"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { lane, verdict } from "../internal/Stage.ts"
import { Shared, Tasks } from "./process-manager.tasks.ts"

const worker = new URL(import.meta.resolve("@ropewalk/examples/demos/process-manager.worker"))

const poem = [
  "fibers make a yarn and yarns make a strand",
  "strands make a rope and a rope makes a knot",
  "a knot holds a ship and a ship holds the strand"
]

export const run = Effect.gen(function* () {
  const { address, proxies } = yield* Manager.make(Shared)
  const pool = yield* ProcessPool.make(Tasks, { worker, size: poem.length })
  yield* Effect.forEach(
    poem,
    (line, i) => pool.run("CountWords", { manager: address, line }).pipe(lane(`process ${i}`)),
    { concurrency: "unbounded" }
  )

  for (const line of yield* proxies.lines.toArray) yield* Console.log(line)
  const counts = yield* proxies.words.entries
  yield* Console.log(counts.map(([word, count]) => `${word} ${count}`).join(", "))

  const counted = counts.reduce((sum, [, count]) => sum + count, 0)
  const said = poem.join(" ").split(" ").length
  yield* verdict({
    shown: `${poem.length} processes counted ${counted} of ${said} words in one dictionary, and no count was lost`,
    ok: counted === said && (yield* proxies.lines.length) === poem.length
  })
})
