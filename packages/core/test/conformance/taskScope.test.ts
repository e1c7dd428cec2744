/** What a scope does when a child fails, when its time is up and when it is interrupted. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as Joiner from "../../src/Joiner.ts"
import * as TaskScope from "../../src/TaskScope.ts"
import { errorOf } from "../support/exits.ts"
import { failuresOf, noted, start } from "../support/scopes.ts"
import { settle } from "../support/settle.ts"

describe("TaskScope failures", () => {
  it.effect("P72: a child's error cancels siblings and body, and all errors are gathered in one cause", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const exit = yield* Effect.exit(
        TaskScope.run(Joiner.all<void, string>(), (scope) =>
          Effect.gen(function* () {
            yield* scope.fork(child("one", Effect.die("one's finalizer")))
            yield* scope.fork(child("two"))
            yield* scope.fork(Effect.andThen(Effect.yieldNow, Effect.fail("first")))
            yield* scope.fork(Effect.uninterruptible(Effect.andThen(settle, Effect.fail("second"))))
            return yield* child("body", Effect.die("the body's finalizer"))
          })
        )
      )
      assert.deepStrictEqual(log.slice(0, 3).sort(), ["body runs", "one runs", "two runs"])
      assert.deepStrictEqual(log.slice(3).sort(), ["body stopped", "one stopped", "two stopped"])
      assert.deepStrictEqual(failuresOf(exit), ["first", "second", "the body's finalizer", "one's finalizer"])
    })
  )

  it.effect("P72: a body that fails cancels its children, and their errors are gathered with its own", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const exit = yield* Effect.exit(
        TaskScope.run(Joiner.all<void, string>(), (scope) =>
          Effect.gen(function* () {
            yield* scope.fork(child("one", Effect.die("one's finalizer")))
            yield* scope.fork(
              Effect.uninterruptible(Effect.andThen(Effect.andThen(settle, settle), Effect.fail("two's error")))
            )
            yield* settle
            return yield* Effect.fail("the body's error")
          })
        )
      )
      assert.deepStrictEqual(log, ["one runs", "one stopped"])
      assert.deepStrictEqual(failuresOf(exit), ["the body's error", "two's error", "one's finalizer"])
    })
  )
})

describe("TaskScope deadlines", () => {
  const after = (millis: number) => start(TestClock.adjust(millis))

  it.effect("P63: a timeout says how many children are unfinished, which, and of which scope", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      yield* Effect.forkScoped(Effect.andThen(settle, TestClock.adjust("1 second")))
      const exit = yield* Effect.exit(
        TaskScope.join({ quick: Effect.void, slow: child("slow"), slower: child("slower") }, Joiner.all(), {
          name: "page",
          timeout: "1 second"
        })
      )
      const error = errorOf(exit)
      assert.instanceOf(error, TaskScope.ScopeTimeout)
      assert.deepInclude(error, { scope: "page", millis: 1000, unfinished: 2, finished: 1, names: ["slow", "slower"] })
      assert.deepStrictEqual(log.slice(2), ["slow stopped", "slower stopped"])
    })
  )

  it.effect("a body that takes too long is stopped, though its children have ended", () =>
    Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.andThen(settle, TestClock.adjust("1 second")))
      const exit = yield* Effect.exit(
        TaskScope.run(Joiner.first<void, never>(), (scope) => Effect.andThen(scope.fork(Effect.void), Effect.never), {
          timeout: "1 second"
        })
      )
      assert.deepInclude(errorOf(exit), { _tag: "ScopeTimeout", unfinished: 0, finished: 1 })
    })
  )

  it.effect("what is decided in time is no timeout, though its losers take longer to stop", () =>
    Effect.gen(function* () {
      const slowToStop = Effect.onInterrupt(Effect.never, () => Effect.sleep("5 seconds"))
      const joined = yield* start(
        TaskScope.join([slowToStop, Effect.delay(Effect.succeed("won"), "1 second")], Joiner.first(), {
          timeout: "2 seconds"
        })
      )
      yield* settle
      yield* TestClock.adjust("5 seconds")
      yield* settle
      assert.isUndefined(joined.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(joined), "won")
    })
  )

  for (const [outer, inner, reports] of [
    [1000, 3000, "outer"],
    [3000, 1000, "inner"],
    [1000, 1000, "outer"]
  ] as const) {
    it.effect(`P73: of ${outer} ms around ${inner} ms only the ${reports} one is heard of`, () =>
      Effect.gen(function* () {
        const nested = TaskScope.join(
          [TaskScope.join([Effect.never], Joiner.all(), { name: "inner", timeout: inner })],
          Joiner.all(),
          { name: "outer", timeout: outer }
        )
        const running = yield* start(nested)
        yield* settle
        yield* TestClock.adjust(5000)
        const failures = failuresOf(yield* Fiber.await(running))
        assert.deepStrictEqual(
          failures.map((error) => (error as TaskScope.ScopeTimeout).scope),
          [reports]
        )
      })
    )
  }

  it.effect("P74: an interrupt from outside is no timeout, also when it comes while the time is up", () =>
    Effect.gen(function* () {
      const slowToStop = Effect.onInterrupt(Effect.never, () => Effect.sleep("5 seconds"))
      for (const wait of ["500 millis", "1500 millis"] as const) {
        const joined = yield* start(TaskScope.join([slowToStop], Joiner.all(), { timeout: "1 second" }))
        yield* settle
        yield* TestClock.adjust(wait)
        const interrupting = yield* start(Fiber.interrupt(joined))
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.join(interrupting)
        assert.deepStrictEqual(failuresOf(yield* Fiber.await(joined)), ["interrupt"])
      }
    })
  )

  it.effect("an outside interrupt returns when all has stopped, and with what could not stop well", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const joined = yield* start(TaskScope.join([child("one", settle), child("two", Effect.die("two"))], Joiner.all()))
      yield* settle
      yield* Fiber.interrupt(joined)
      assert.deepStrictEqual(log.slice(2).sort(), ["one stopped", "two stopped"])
      assert.deepStrictEqual(failuresOf(yield* Fiber.await(joined)), ["interrupt", "two"])
    })
  )

  for (const timeout of [-1, Number.NaN, "soon" as never]) {
    it.effect(`refuses a timeout of ${timeout}, and runs nothing`, () =>
      Effect.gen(function* () {
        const { child, log } = yield* noted
        const error = yield* Effect.flip(TaskScope.join([child("one")], Joiner.all(), { timeout }))
        assert.deepInclude(error, { _tag: "InvalidOption", option: "timeout" })
        assert.deepStrictEqual(log, [])
      })
    )
  }

  it.effect("a timeout of zero stops what doesn't end at once", () =>
    Effect.gen(function* () {
      const running = yield* start(TaskScope.join([Effect.never], Joiner.all(), { timeout: 0 }))
      yield* after(0)
      assert.strictEqual(errorOf(yield* Fiber.await(running))._tag, "ScopeTimeout")
    })
  )
})
