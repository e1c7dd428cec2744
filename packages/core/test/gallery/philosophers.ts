/** Dining philosophers (Dijkstra, 1965): each takes the left fork, and waits for the right one. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { Bug } from "./Bug.ts"

const dinner = (seats: number, order: (left: number, right: number) => readonly [number, number]) =>
  Effect.gen(function* () {
    const forks = yield* Effect.replicateEffect(Semaphore.make(1), seats)
    const philosopher = (seat: number) => {
      const [first, second] = order(seat, (seat + 1) % seats)
      return forks[first]!.withPermit(forks[second]!.withPermit(Effect.void))
    }
    yield* Effect.forEach(forks.keys(), philosopher, { concurrency: "unbounded" })
  })

export const philosophers: Bug = {
  name: "dining philosophers",
  kind: "deadlock",
  proof: "every schedule",
  broken: dinner(3, (left, right) => [left, right]),
  fixed: dinner(3, (left, right) => (left < right ? [left, right] : [right, left]))
}
