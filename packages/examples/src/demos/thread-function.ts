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
  return yield* elapsed
})

export const run = Effect.gen(function* () {
  yield* Console.log("starting at:", yield* ctime)

  const fibers = yield* Effect.forEach(loops, (seconds, nloop) =>
    Effect.forkChild(loop(nloop, seconds).pipe(lane(`loop ${nloop}`)))
  )
  const [end0 = 0, end1 = 0] = yield* Effect.forEach(fibers, Fiber.join)

  yield* Console.log("all done at:", yield* ctime)
  yield* verdict({
    ideal: Math.max(...loops),
    shown: "a function, forked, is a thread; join waits for it, and a failure in it would fail here",
    // Loop 1 is the shorter: it ended first, so it did not wait for loop 0.
    ok: end1 <= end0
  })
})
