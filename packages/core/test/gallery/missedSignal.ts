/** The signal comes after the check and before the wait: nobody hears it. */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Ref from "effect/Ref"
import type { Bug } from "./Bug.ts"

const signalled = (signal: (latch: Latch.Latch) => Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    const ready = yield* Ref.make(false)
    const latch = yield* Latch.make()
    const consumer = Effect.gen(function* () {
      if (!(yield* Ref.get(ready))) yield* latch.await
    })
    const producer = Effect.andThen(Ref.set(ready, true), signal(latch))
    yield* Effect.all([consumer, producer], { concurrency: "unbounded" })
  })

export const missedSignal: Bug = {
  name: "missed signal",
  kind: "deadlock",
  proof: "every schedule",
  // Wakes those that wait now.
  broken: signalled((latch) => latch.release),
  // Stays open for those that come.
  fixed: signalled((latch) => latch.open)
}
