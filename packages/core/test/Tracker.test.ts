import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Tracker from "../src/Tracker.ts"
import { start } from "./support/scopes.ts"
import { settle } from "./support/settle.ts"

describe("Tracker", () => {
  it.effect("is drained when it is closed and empty, and not before", () =>
    Effect.gen(function* () {
      const tracker = yield* Tracker.make({ name: "requests" })
      const [one, two] = yield* Effect.all([Deferred.make<number>(), Deferred.make<number>()])
      const early = yield* start(tracker.awaitDrained)
      const running = yield* Effect.forEach([one, two], (each) => start(tracker.track(Deferred.await(each))))
      assert.strictEqual(yield* tracker.size, 2)
      yield* Deferred.succeed(one, 1)
      assert.strictEqual(yield* Fiber.join(running[0]!), 1)
      const drained = yield* start(tracker.drain)
      yield* settle
      assert.isTrue(yield* tracker.isClosed)
      assert.isUndefined(drained.pollUnsafe())
      assert.isUndefined(early.pollUnsafe())
      const refused = yield* Effect.flip(tracker.track(Effect.void))
      assert.deepInclude(refused, { _tag: "TrackerClosed", tracker: "requests" })
      yield* Deferred.succeed(two, 2)
      yield* Effect.forEach([drained, early], Fiber.join)
      assert.strictEqual(yield* tracker.size, 0)
    })
  )

  it.effect("empty is not drained: somebody may still come", () =>
    Effect.gen(function* () {
      const tracker = yield* Tracker.make()
      const drained = yield* start(tracker.awaitDrained)
      yield* tracker.track(Effect.void)
      yield* settle
      assert.isUndefined(drained.pollUnsafe())
      yield* tracker.close
      yield* tracker.close
      yield* Fiber.join(drained)
      yield* tracker.drain
    })
  )

  it.effect("counts what fails, dies and is interrupted until it has ended, with its finalizers", () =>
    Effect.gen(function* () {
      const tracker = yield* Tracker.make()
      assert.isTrue(Exit.isFailure(yield* Effect.exit(tracker.track(Effect.fail("failed")))))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(tracker.track(Effect.die("died")))))
      const seen: Array<number> = []
      const ends = Effect.map(tracker.size, (size) => seen.push(size))
      const running = yield* start(tracker.track(Effect.onInterrupt(Effect.never, () => ends)))
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(seen, [1])
      yield* tracker.drain
    })
  )
})
