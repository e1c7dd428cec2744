/** An interrupt falls between the take and the registration of the release. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

const guarded = (guard: (semaphore: Semaphore.Semaphore, body: Effect.Effect<void>) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const semaphore = yield* Semaphore.make(1)
    yield* Explore.interrupted(guard(semaphore, Effect.yieldNow))
    yield* semaphore.take(1)
  })

export const interruptAfterTake: Bug = {
  name: "interrupt between take and release",
  kind: "deadlock",
  proof: "every schedule",
  broken: guarded((semaphore, body) =>
    Effect.gen(function* () {
      yield* semaphore.take(1)
      yield* Effect.ensuring(body, semaphore.release(1))
    })
  ),
  fixed: guarded((semaphore, body) =>
    Effect.acquireUseRelease(
      semaphore.take(1),
      () => body,
      () => semaphore.release(1)
    )
  )
}
