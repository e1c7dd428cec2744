/** What holds of a tracker under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Tracker from "../../src/Tracker.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"

const it = withExplore(base)

describe("Tracker, explored", () => {
  it.explore(
    "nothing is under way when it is drained, and nothing gets in later, whoever is interrupted",
    Effect.gen(function* () {
      const tracker = yield* Tracker.make()
      let running = 0
      let drained = false
      yield* Explore.invariant("drained is drained", () => !drained || running === 0)
      const work = Effect.acquireUseRelease(
        Effect.sync(() => running++),
        () => Effect.yieldNow,
        () => Effect.sync(() => running--)
      )
      const end = Effect.andThen(
        tracker.drain,
        Effect.sync(() => {
          drained = true
        })
      )
      const tracked = Effect.exit(tracker.track(work))
      yield* Effect.all([tracked, Explore.interrupted(tracked), end], { concurrency: "unbounded" })
      assert.equal(yield* tracker.size, 0)
    }),
    { schedules: 3000 }
  )
})
