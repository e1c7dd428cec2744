/** What OTP says of supervisors, rule by rule; the table is in `src/internal/supervise/README.md`. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { errorOf } from "./support/exits.ts"
import { patient, settled, troupe } from "./support/troupe.ts"

const strategies = ["oneForOne", "oneForAll", "restForOne"] as const

describe("start", () => {
  it.effect("S1: children start in order, each when the one before is ready, and stop in the reverse order", () =>
    Effect.gen(function* () {
      const { child, read } = troupe()
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Supervisor.make({ children: [child("a"), child("b"), child("c")] })
          assert.deepEqual(read(), ["+a", "+b", "+c"])
        })
      )
      assert.deepEqual(read(), ["-c", "-b", "-a"])
    })
  )

  for (const restart of ["permanent", "transient", "temporary"] as const) {
    it.effect(`S2: a ${restart} child that does not start at first fails the start; those before it are stopped`, () =>
      Effect.gen(function* () {
        const { child, nextStarts, read } = troupe()
        for (const how of [Effect.fail("no"), Effect.die("no"), Effect.interrupt]) {
          nextStarts("c", how)
          const children = [child("a"), child("b"), child("c", { restart }), child("d")]
          const exit = yield* Effect.exit(Effect.scoped(Supervisor.make({ name: "boot", children })))
          const error = errorOf(exit)
          assert.instanceOf(error, Supervisor.ChildStartFailed)
          assert.deepInclude(error, { supervisor: "boot", child: "c" })
          assert.deepEqual(read(), ["+a", "+b", "-b", "-a"])
        }
      })
    )
  }

  it.effect("a start that is interrupted stops what had started", () =>
    Effect.gen(function* () {
      const { child, nextStarts, read, until } = troupe()
      nextStarts("b", Effect.never)
      const scope = yield* Scope.make()
      const making = yield* Effect.forkChild(
        Scope.provide(Supervisor.make({ children: [child("a"), child("b"), child("c")] }), scope)
      )
      yield* until("+a")
      yield* Fiber.interrupt(making)
      assert.deepEqual(read(), ["-a"])
      yield* Scope.close(scope, Exit.void)
    })
  )

  it.effect("in a scope that has closed nothing is left running", () =>
    Effect.gen(function* () {
      const { child, read } = troupe()
      const scope = yield* Scope.make()
      yield* Scope.close(scope, Exit.void)
      const supervisor = yield* Scope.provide(Supervisor.make({ children: [child("a")] }), scope)
      assert.deepEqual(read(), [])
      yield* supervisor.join
      assert.instanceOf(yield* Effect.flip(supervisor.terminateChild("a")), Supervisor.SupervisorStopped)
    })
  )
})

describe("strategies", () => {
  it.effect("S3: oneForOne starts only the child that failed", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      yield* Supervisor.make({ children: [child("a"), child("b"), child("c")], intensity: patient })
      read()
      yield* crash("b")
      yield* until("-b", "+b")
    })
  )

  it.effect("S4: oneForAll stops the others in the reverse order, and starts all in order", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const children = [child("a"), child("b"), child("c")]
      yield* Supervisor.make({ strategy: "oneForAll", children, intensity: patient })
      read()
      yield* crash("b")
      yield* until("-b", "-c", "-a", "+a", "+b", "+c")
    })
  )

  it.effect("S5: restForOne stops those after it in the reverse order, and starts it and them in order", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const children = [child("a"), child("b"), child("c"), child("d")]
      yield* Supervisor.make({ strategy: "restForOne", children, intensity: patient })
      read()
      yield* crash("b")
      yield* until("-b", "-d", "-c", "+b", "+c", "+d")
    })
  )

  it.effect("S6: a group that starts again takes those along that had ended or were terminated", () =>
    Effect.gen(function* () {
      const { child, crash, end, read, until } = troupe()
      const children = [child("a"), child("done", { restart: "transient" }), child("off"), child("d")]
      const supervisor = yield* Supervisor.make({ strategy: "oneForAll", children, intensity: patient })
      read()
      yield* end("done", Effect.void)
      yield* until("-done")
      yield* supervisor.terminateChild("off")
      yield* until("-off")
      yield* crash("a")
      yield* until("-a", "-d", "+a", "+done", "+off", "+d")
    })
  )

  it.effect("S7: temporary siblings that are stopped with their group are forgotten", () =>
    Effect.gen(function* () {
      for (const strategy of ["oneForAll", "restForOne"] as const) {
        const { child, crash, read, until } = troupe()
        const temporary = { restart: "temporary" } as const
        const children = [child("a"), child("guest", temporary), child("other", temporary), child("c")]
        const supervisor = yield* Supervisor.make({ strategy, children, intensity: patient })
        read()
        yield* crash("a")
        yield* until("-a", "-c", "-other", "-guest", "+a", "+c")
        yield* settled(supervisor)
        assert.deepEqual(
          (yield* supervisor.whichChildren).map(({ id, status }) => [id, status]),
          [
            ["a", "running"],
            ["c", "running"]
          ]
        )
      }
    })
  )
})

describe("kinds", () => {
  const ends = {
    result: Effect.void,
    interrupt: Effect.interrupt,
    failure: Effect.fail("no"),
    defect: Effect.die("no"),
    "throw null": Effect.sync(() => {
      throw null
    })
  }
  const startsAgain: Record<Supervisor.Restart, ReadonlyArray<string>> = {
    permanent: ["result", "interrupt", "failure", "defect", "throw null"],
    transient: ["failure", "defect", "throw null"],
    temporary: []
  }
  for (const restart of ["permanent", "transient", "temporary"] as const) {
    for (const [name, how] of Object.entries(ends)) {
      const again = startsAgain[restart].includes(name)
      it.effect(`S8: a ${restart} child ${again ? "starts again" : "stays down"} after: ${name}`, () =>
        Effect.gen(function* () {
          const { child, end, read, until } = troupe()
          const supervisor = yield* Supervisor.make({ children: [child("a", { restart })], intensity: patient })
          read()
          yield* end("a", how)
          yield* until("-a")
          yield* settled(supervisor)
          assert.deepEqual(read(), again ? ["+a"] : [])
          const known = (yield* supervisor.whichChildren).map(({ status }) => status)
          assert.deepEqual(known, again ? ["running"] : restart === "transient" ? ["ended"] : [])
        })
      )
    }
  }
})

describe("intensity", () => {
  it.effect("S9: more restarts than allowed within the period: all are stopped in reverse, and join says why", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const supervisor = yield* Supervisor.make({
        name: "top",
        children: [child("a"), child("b"), child("c")],
        intensity: { restarts: 2, within: "5 seconds" }
      })
      const joining = yield* Effect.forkChild(Effect.exit(supervisor.join))
      read()
      yield* crash("b")
      yield* until("-b", "+b")
      yield* crash("a")
      yield* until("-a", "+a")
      yield* crash("b")
      yield* until("-b", "-c", "-a")
      const error = errorOf(yield* Fiber.join(joining))
      assert.instanceOf(error, Supervisor.RestartIntensityReached)
      assert.deepInclude(error, { supervisor: "top", child: "b", reason: "intensity", restarts: 2, millis: 5000 })
      assert.deepEqual((error as Supervisor.RestartIntensityReached).cause, Cause.fail("b crashed"))
      assert.include(error.message, "b crashed")
    })
  )

  it.effect("S10: restarts longer ago than the period don't count; those exactly as long ago do", () =>
    Effect.gen(function* () {
      for (const [millis, survives] of [
        [5000, false],
        [5001, true]
      ] as const) {
        const { child, crash, read, until } = troupe()
        const supervisor = yield* Supervisor.make({
          children: [child("a")],
          intensity: { restarts: 1, within: "5 seconds" }
        })
        const joining = yield* Effect.forkChild(Effect.exit(supervisor.join))
        read()
        yield* crash("a")
        yield* until("-a", "+a")
        yield* TestClock.adjust(millis)
        yield* crash("a")
        yield* until("-a")
        if (survives) yield* until("+a")
        else assert.isTrue(Exit.isFailure(yield* Fiber.join(joining)))
      }
    })
  )

  it.effect("S11: without options it is one restart within five seconds; zero allows none", () =>
    Effect.gen(function* () {
      const { child, crash, until } = troupe()
      const usual = yield* Supervisor.make({ children: [child("a")] })
      const strict = yield* Supervisor.make({
        children: [child("b")],
        intensity: { restarts: 0, within: "1 second" }
      })
      yield* until("+a", "+b")
      yield* crash("b")
      assert.deepInclude(yield* Effect.flip(strict.join), { restarts: 0, millis: 1000 })
      yield* until("-b")
      yield* crash("a")
      yield* until("-a", "+a")
      yield* crash("a")
      assert.deepInclude(yield* Effect.flip(usual.join), { restarts: 1, millis: 5000 })
    })
  )

  it.effect("S12: a group that starts again counts once", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const children = [child("a"), child("b"), child("c")]
      yield* Supervisor.make({ strategy: "oneForAll", children, intensity: { restarts: 2, within: "1 minute" } })
      read()
      for (const id of ["a", "c"]) {
        yield* crash(id)
        const others = ["c", "b", "a"].filter((other) => other !== id).map((other) => `-${other}`)
        yield* until(`-${id}`, ...others, "+a", "+b", "+c")
      }
    })
  )

  for (const strategy of strategies) {
    it.effect(`S13: a restart that fails counts as one more: ${strategy}`, () =>
      Effect.gen(function* () {
        const { child, crash, nextStarts, until } = troupe()
        const supervisor = yield* Supervisor.make({
          strategy,
          children: [child("a")],
          intensity: { restarts: 3, within: "1 minute" }
        })
        nextStarts("a", Effect.fail("still down"), Effect.die("still down"))
        yield* crash("a")
        yield* until("+a", "-a", "+a")
        nextStarts("a", Effect.fail("down for good"))
        yield* crash("a")
        const error = yield* Effect.flip(supervisor.join)
        assert.deepInclude(error, { _tag: "RestartIntensityReached", restarts: 3 })
      })
    )
  }

  it.effect("S14: a member that fails while its group starts takes the group with it, and they start once more", () =>
    Effect.gen(function* () {
      const { child, crash, nextStarts, read, until } = troupe()
      const children = [child("a"), child("b"), child("c")]
      yield* Supervisor.make({ strategy: "oneForAll", children, intensity: patient })
      read()
      nextStarts("b", Effect.fail("not yet"))
      yield* crash("c")
      yield* until("-c", "-b", "-a", "+a", "-a", "+a", "+b", "+c")
    })
  )

  it.effect("two that crash at once count twice, and each starts once; under oneForAll they count once", () =>
    Effect.gen(function* () {
      for (const [strategy, counted] of [
        ["oneForOne", 2],
        ["oneForAll", 1]
      ] as const) {
        const { child, end, until } = troupe()
        const children = [child("a"), child("b")]
        const supervisor = yield* Supervisor.make({
          strategy,
          children,
          intensity: { restarts: counted, within: "1 minute" }
        })
        yield* until("+a", "+b")
        // Both deferreds are completed in one step of this fiber.
        yield* Effect.all([end("a", Effect.fail("a")), end("b", Effect.fail("b"))])
        yield* settled(supervisor)
        assert.deepEqual(
          (yield* supervisor.whichChildren).map(({ restarts, status }) => [status, restarts]),
          [
            ["running", 1],
            ["running", 1]
          ]
        )
        yield* end("a", Effect.fail("once more"))
        assert.deepInclude(yield* Effect.flip(supervisor.join), { restarts: counted })
      }
    })
  )
})
