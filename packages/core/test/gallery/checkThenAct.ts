/** Two consumers see one element, and both go to take it. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { Bug } from "./Bug.ts"

const consumers = (consume: (queue: Queue.Queue<number>) => Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<number>()
    yield* Queue.offer(queue, 1)
    yield* Effect.all([consume(queue), consume(queue)], { concurrency: "unbounded" })
  })

export const checkThenAct: Bug = {
  name: "check, then act, on a queue",
  kind: "deadlock",
  proof: "every schedule",
  broken: consumers((queue) =>
    Effect.gen(function* () {
      if ((yield* Queue.size(queue)) > 0) yield* Queue.take(queue)
    })
  ),
  fixed: consumers(Queue.poll)
}
