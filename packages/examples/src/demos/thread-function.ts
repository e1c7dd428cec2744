/** The article's `threading.Thread(target=loop, args=…)`: start all, then join all. Here a function that returns an Effect is forked. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { ctime, elapsed, lane, sleep, verdict } from "../internal/Stage.ts"

const loops = [4, 2]

const loop = Effect.fnUntraced(function* (nloop: number, seconds: number) {
  yield* Console.log("start loop", nloop, " at:", yield* ctime)
  yield* sleep(seconds)
  yield* Console.log("loop", nloop, " done at:", yield* ctime)
})

export const run = Effect.gen(function* () {
  yield* Console.log("starting at:", yield* ctime)

  const fibers = yield* Effect.forEach(loops, (seconds, nloop) =>
    Effect.forkChild(loop(nloop, seconds).pipe(lane(`loop ${nloop}`)))
  )
  for (const fiber of fibers) yield* Fiber.join(fiber)

  yield* Console.log("all done at:", yield* ctime)
  yield* verdict({
    ideal: Math.max(...loops),
    shown: "a function, forked, is a thread; join waits for it, and a failure in it would fail here",
    ok: (yield* elapsed) < 6
  })
})
