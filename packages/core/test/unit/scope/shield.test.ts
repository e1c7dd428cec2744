import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as TaskScope from "../../../src/TaskScope.ts"
import { failuresOf, start } from "../../support/scopes.ts"
import { settle } from "../../support/settle.ts"

describe("TaskScope.shield", () => {
  const finishes = (log: Array<string>, takes: string) =>
    Effect.ensuring(
      Effect.andThen(
        Effect.sleep(takes as "1 second"),
        Effect.sync(() => log.push("done"))
      ),
      Effect.sync(() => log.push("ended"))
    )

  for (const [takes, expected] of [
    ["3 seconds", ["done", "ended", "interrupted"]],
    ["9 seconds", ["ended", "interrupted"]]
  ] as const) {
    it.effect(`work of ${takes} with 5 seconds from the interrupt on: ${expected}`, () =>
      Effect.gen(function* () {
        const log: Array<string> = []
        const work = TaskScope.shield(finishes(log, takes), { atMost: "5 seconds" })
        const child = Effect.onExit(
          Effect.andThen(
            work,
            Effect.sync(() => log.push("not reached"))
          ),
          (exit) =>
            Effect.sync(() =>
              log.push(Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause) ? "interrupted" : "other")
            )
        )
        const fiber = yield* start(child)
        yield* settle
        yield* TestClock.adjust("1 second")
        const interrupting = yield* start(Fiber.interrupt(fiber))
        yield* settle
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.join(interrupting)
        assert.deepStrictEqual(log, [...expected])
      })
    )
  }

  it.effect("without an interrupt it has all its time, and ends as what it shields", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const fiber = yield* start(TaskScope.shield(finishes(log, "9 seconds"), { atMost: "1 second" }))
      yield* TestClock.adjust("9 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(log, ["done", "ended"])
      assert.strictEqual(yield* Effect.flip(Effect.fail("failed").pipe(TaskScope.shield({ atMost: 1 }))), "failed")
      assert.strictEqual(yield* TaskScope.shield(Effect.succeed("fine"), { atMost: 0 }), "fine")
    })
  )

  it.effect("a finalizer that ends in its time is none that was cut off", () =>
    Effect.gen(function* () {
      const finalizer = Effect.orDie(TaskScope.shield(Effect.sleep("3 seconds"), { atMost: "5 seconds" }))
      const fiber = yield* start(Effect.ensuring(Effect.never, finalizer))
      const interrupting = yield* start(Fiber.interrupt(fiber))
      yield* settle
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(failuresOf(yield* Fiber.await(fiber)), ["interrupt"])
    })
  )

  it.effect("a finalizer that hangs is cut off, and says so", () =>
    Effect.gen(function* () {
      const finalizer = Effect.orDie(TaskScope.shield(Effect.never, { atMost: "5 seconds" }))
      const fiber = yield* start(Effect.ensuring(Effect.never, finalizer))
      const interrupting = yield* start(Fiber.interrupt(fiber))
      yield* settle
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(interrupting)
      const [, expired] = failuresOf(yield* Fiber.await(fiber))
      assert.instanceOf(expired, TaskScope.ShieldExpired)
    })
  )

  it.effect("refuses a bound that is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(TaskScope.shield(Effect.void, { atMost: -1 }))
      assert.deepInclude(error, { _tag: "InvalidOption", option: "atMost" })
    })
  )
})
