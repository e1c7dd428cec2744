/** The article's subclass of `threading.Thread`: a task with a name, made once, started when wanted. Unlike there, join gives its result. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { ctime, lane, type Stage, sleep, verdict } from "../internal/Stage.ts"

class MyThread<Args extends ReadonlyArray<unknown>, A, E, R> {
  readonly name: string
  readonly start: Effect.Effect<Fiber.Fiber<A, E>, never, R | Stage>

  constructor(func: (...args: Args) => Effect.Effect<A, E, R>, args: Args, name: string) {
    this.name = name
    this.start = Effect.forkChild(func(...args).pipe(lane(name)))
  }
}

const loops = [4, 2]

const loop = Effect.fnUntraced(function* (nloop: number, seconds: number) {
  yield* Console.log("start loop", nloop, "at:", yield* ctime)
  yield* sleep(seconds)
  yield* Console.log("loop", nloop, "done at:", yield* ctime)
  return seconds
})

export const run = Effect.gen(function* () {
  yield* Console.log("starting at:", yield* ctime)

  const threads = loops.map((seconds, nloop) => new MyThread(loop, [nloop, seconds], `loop ${nloop}`))
  const fibers = yield* Effect.forEach(threads, (thread) => thread.start)
  const results = yield* Effect.forEach(fibers, Fiber.join)

  yield* Console.log("all done at:", yield* ctime)
  yield* Effect.forEach(threads, ({ name }, i) => Console.log(`${name} returned ${results[i]}`))
  yield* verdict({
    ideal: Math.max(...loops),
    shown: "a class of our own makes named tasks, and their results come back from join, typed",
    ok: results.join() === loops.join()
  })
})
