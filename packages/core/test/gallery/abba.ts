/** Two locks, taken in two orders. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { Bug } from "./Bug.ts"

const transfer = (from: Semaphore.Semaphore, to: Semaphore.Semaphore) => from.withPermit(to.withPermit(Effect.void))

const transfers = (back: (a: Semaphore.Semaphore, b: Semaphore.Semaphore) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const a = yield* Semaphore.make(1)
    const b = yield* Semaphore.make(1)
    yield* Effect.all([transfer(a, b), back(a, b)], { concurrency: "unbounded" })
  })

export const abba: Bug = {
  name: "ABBA deadlock",
  kind: "deadlock",
  proof: "every schedule",
  broken: transfers((a, b) => transfer(b, a)),
  fixed: transfers((a, b) => transfer(a, b))
}
