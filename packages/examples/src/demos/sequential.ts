/** The article's "without threads": two loops and a sleep, one after the other, 12 seconds. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { ctime, elapsed, lane, note, sleep, verdict } from "../internal/Stage.ts"

const loop0 = Effect.gen(function* () {
  yield* Console.log("start loop 0 at:", yield* ctime)
  yield* sleep(4)
  yield* Console.log("loop 0 done at:", yield* ctime)
}).pipe(lane("loop 0"))

const loop1 = Effect.gen(function* () {
  yield* Console.log("start loop 1 at:", yield* ctime)
  yield* sleep(2)
  yield* Console.log("loop 1 done at:", yield* ctime)
}).pipe(lane("loop 1"))

export const run = Effect.gen(function* () {
  yield* Console.log("starting at:", yield* ctime)
  yield* loop0
  yield* loop1
  const work = yield* elapsed
  yield* sleep(6).pipe(lane("sleep(6)"))
  yield* Console.log("all done at:", yield* ctime)
  yield* note("The article waits 6 s more after its loops, as long as both together take: only half of this is work.")
  yield* verdict({
    ideal: 12,
    shown: `one after the other takes the sum, and only ${work.toFixed(0)} s of it is work`,
    // More than the longer of the two takes: they did not run together.
    ok: work > 4
  })
})
