/** Children of one template. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { patient, statuses, troupe } from "../support/troupe.ts"

describe("makeDynamic", () => {
  it.effect(
    "S30: children of one template: forgotten when they end, started again when they fail, at most so many",
    () =>
      Effect.gen(function* () {
        const { child, crash, end, read, until } = troupe()
        const supervisor = yield* Supervisor.makeDynamic({
          child: (id: string) => child(id, { restart: "transient" }),
          maxChildren: 2,
          intensity: patient
        })
        assert.deepEqual(yield* Effect.forEach(["a", "b"], supervisor.startChild), ["a", "b"])
        assert.deepInclude(yield* Effect.flip(supervisor.startChild("c")), { _tag: "TooManyChildren", max: 2 })
        yield* crash("a")
        yield* until("+a", "+b", "-a", "+a")
        assert.deepInclude(yield* Effect.flip(supervisor.startChild("c")), { _tag: "TooManyChildren" })
        yield* end("a", Effect.void)
        yield* until("-a")
        yield* Effect.repeat(Effect.yieldNow, { times: 20 })
        assert.deepEqual(yield* statuses(supervisor), ["b running"])
        yield* supervisor.startChild("c")
        yield* supervisor.terminateChild("b")
        assert.deepEqual(read(), ["+c", "-b"])
        assert.deepEqual(yield* statuses(supervisor), ["c running"])
        assert.deepEqual(yield* supervisor.countChildren, { specs: 1, active: 1, supervisors: 0, workers: 1 })
      })
  )

  it.effect("S31: they are stopped all at once", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const supervisor = yield* Scope.provide(
        Supervisor.makeDynamic({
          child: (id: string) =>
            Supervisor.child({ id, run: Effect.onInterrupt(Effect.never, () => Effect.sleep("4 seconds")) })
        }),
        scope
      )
      yield* Effect.forEach(["a", "b", "c"], supervisor.startChild)
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("4 seconds")
      yield* Fiber.join(closing)
    })
  )

  it.effect("refuses options that make no sense", () =>
    Effect.gen(function* () {
      const child = (id: string) => Supervisor.child({ id, run: Effect.never })
      const error = yield* Effect.flip(Supervisor.makeDynamic({ child, maxChildren: 0 }))
      assert.deepInclude(error, { _tag: "InvalidOption", option: "maxChildren" })
    })
  )
})
