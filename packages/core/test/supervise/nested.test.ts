/** Supervisors of supervisors, and what they all tell. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { errorOf } from "../support/exits.ts"
import { listen, patient, settled, statuses, troupe } from "../support/troupe.ts"

const strict = { restarts: 0, within: "1 second" } as const

describe("nested supervisors", () => {
  it.effect("S32: one that gives up has failed: its parent starts it and all of its children again", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const nested = Supervisor.make({ name: "inner", children: [child("x"), child("y")], intensity: strict })
      for (const restart of ["permanent", "transient"] as const) {
        const children = [child("a"), Supervisor.child({ id: "inner", restart, start: nested })]
        const scope = yield* Scope.make()
        const root = yield* Scope.provide(Supervisor.make({ children, intensity: patient }), scope)
        read()
        yield* crash("x")
        yield* until("-x", "-y", "+x", "+y")
        yield* settled(root)
        assert.deepEqual((yield* root.whichChildren).at(-1), {
          id: "inner",
          status: "running",
          restart,
          kind: "supervisor",
          restarts: 1
        })
        yield* Scope.close(scope, Exit.void)
        assert.deepEqual(read(), ["-y", "-x", "-a"])
      }
    })
  )

  it.effect("S33: its parent gives up in turn, and its error holds what happened below", () =>
    Effect.gen(function* () {
      const { child, crash, read } = troupe()
      const inner = Supervisor.make({ name: "inner", children: [child("x")], intensity: strict })
      const root = yield* Supervisor.make({
        name: "root",
        children: [child("a"), Supervisor.child({ id: "inner", start: inner })],
        intensity: strict
      })
      read()
      yield* crash("x")
      const error = (yield* Effect.flip(root.join)) as Supervisor.RestartIntensityReached
      assert.deepInclude(error, { supervisor: "root", child: "inner" })
      const below = Cause.squash(error.cause) as Supervisor.RestartIntensityReached
      assert.deepInclude(below, { supervisor: "inner", child: "x" })
      assert.equal(Cause.squash(below.cause), "x crashed")
      assert.deepEqual(read(), ["-x", "-a"])
    })
  )

  it.effect("S34: it has all the time that its own children need", () =>
    Effect.gen(function* () {
      const letGo = yield* Latch.make()
      const slow = Supervisor.child({
        id: "slow",
        shutdown: "infinity",
        run: Effect.onInterrupt(Effect.never, () => letGo.await)
      })
      const scope = yield* Scope.make()
      const nested = Supervisor.child({ id: "inner", start: Supervisor.make({ children: [slow] }) })
      yield* Scope.provide(Supervisor.make({ children: [nested] }), scope)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("1 hour")
      assert.equal(closing.pollUnsafe(), undefined)
      yield* letGo.open
      assert.deepEqual(yield* Fiber.await(closing), Exit.void)
    })
  )

  it.effect("one whose child is stuck is stuck, too: it is not started beside what it left", () =>
    Effect.gen(function* () {
      const letGo = yield* Latch.make()
      const bad = Supervisor.child({ id: "bad", shutdown: "1 second", run: Effect.uninterruptible(letGo.await) })
      const { child, crash } = troupe()
      const exit = yield* Effect.exit(
        Effect.scoped(
          Effect.gen(function* () {
            const inner = Supervisor.child({ id: "inner", start: Supervisor.make({ children: [bad] }) })
            const root = yield* Supervisor.make({
              strategy: "oneForAll",
              children: [child("a"), inner],
              intensity: patient
            })
            yield* crash("a")
            const joining = yield* Effect.forkChild(root.join)
            yield* Effect.repeat(Effect.yieldNow, { times: 20 })
            yield* TestClock.adjust("1 second")
            return yield* Fiber.join(joining)
          })
        )
      )
      assert.deepInclude(errorOf(exit), { _tag: "ChildStuck", child: "inner", millis: 1000 })
      yield* letGo.open
    })
  )

  it.effect("one that gave up because a child of its own is stuck is not started again: its parent gives up", () =>
    Effect.gen(function* () {
      const letGo = yield* Latch.make()
      const bad = Supervisor.child({ id: "bad", shutdown: "1 second", run: Effect.uninterruptible(letGo.await) })
      const { child, crash, read } = troupe()
      const inner = Supervisor.make({ strategy: "oneForAll", children: [child("x"), bad], intensity: patient })
      const children = [child("a"), Supervisor.child({ id: "inner", start: inner })]
      const running = yield* Effect.forkChild(
        Effect.exit(Supervisor.launch({ name: "root", children, intensity: patient }))
      )
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      yield* crash("x")
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      yield* TestClock.adjust("1 second")
      const error = errorOf(yield* Fiber.join(running))
      assert.deepInclude(error, { _tag: "ChildStuck", supervisor: "root", child: "inner", millis: 1000 })
      assert.deepEqual(read(), ["+a", "+x", "-x", "-a"])
      yield* letGo.open
    })
  )

  it.effect("an inner autoShutdown is an orderly end: a transient one is not started again", () =>
    Effect.gen(function* () {
      const { child, end, until } = troupe()
      const inner = Supervisor.make({
        autoShutdown: "anySignificant",
        children: [child("x", { restart: "transient", significant: true }), child("y")]
      })
      const nested = Supervisor.child({ id: "inner", restart: "transient", start: inner })
      const root = yield* Supervisor.make({ children: [nested], intensity: strict })
      yield* end("x", Effect.void)
      yield* until("+x", "+y", "-x", "-y")
      yield* settled(root)
      assert.deepEqual(yield* statuses(root), ["inner ended"])
    })
  )
})

describe("events", () => {
  it.effect("tell the life of each child, in order; the stream ends with the supervisor; all are JSON", () =>
    Effect.gen(function* () {
      const { child, crash, end, nextStarts, until } = troupe()
      const supervisor = yield* Supervisor.make({
        strategy: "restForOne",
        children: [child("a", { backoff: Schedule.spaced("1 second") }), child("b", { restart: "transient" })],
        intensity: { restarts: 2, within: "1 minute" }
      })
      const { ended, events } = yield* listen(supervisor)
      yield* end("b", Effect.void)
      yield* until("+a", "+b", "-b")
      yield* settled(supervisor)
      nextStarts("b", Effect.die("not today"))
      yield* crash("a")
      yield* until("-a")
      yield* settled(supervisor)
      yield* TestClock.adjust("1 second")
      yield* until("+a", "+b")
      yield* settled(supervisor)
      yield* crash("b")
      yield* ended
      const told = events.map(({ at, ...event }) => {
        assert.isAbove(at, 0)
        return event
      })
      const failed = (child: string, cause: Cause.Cause<unknown>, outcome: "failed" | "died" = "failed") => ({
        _tag: "ChildEnded" as const,
        child,
        outcome,
        cause
      })
      assert.deepEqual(told, [
        { _tag: "ChildReady", child: "a", restarts: 0, millis: 0 },
        { _tag: "ChildReady", child: "b", restarts: 0, millis: 0 },
        { _tag: "ChildEnded", child: "b", outcome: "succeeded" },
        failed("a", Cause.fail("a crashed")),
        { _tag: "ChildRestarting", child: "a", children: ["a", "b"], recent: 1, delay: 1000 },
        { _tag: "ChildStarted", child: "a", restarts: 1 },
        { _tag: "ChildReady", child: "a", restarts: 1, millis: 0 },
        { _tag: "ChildStarted", child: "b", restarts: 1 },
        failed("b", Cause.die("not today"), "died"),
        { _tag: "ChildRestarting", child: "b", children: ["b"], recent: 2, delay: 0 },
        { _tag: "ChildStarted", child: "b", restarts: 2 },
        { _tag: "ChildReady", child: "b", restarts: 2, millis: 0 },
        failed("b", Cause.fail("b crashed")),
        { _tag: "Escalated", child: "b", error: "RestartIntensityReached" },
        { _tag: "ChildStopped", child: "a", millis: 0, killed: false },
        { _tag: "SupervisorEnded" }
      ])
      const codec = Schema.fromJsonString(Schema.toCodecJson(Schema.Array(Supervisor.SupervisorEvent)))
      const text = yield* Schema.encodeEffect(codec)(events)
      const back = yield* Schema.decodeEffect(codec)(text)
      assert.deepEqual(
        back.map(({ _tag }) => _tag),
        events.map(({ _tag }) => _tag)
      )
    })
  )

  it.effect("health that fails, a kill, and what is stuck", () =>
    Effect.gen(function* () {
      const dead = yield* Deferred.make<never, string>()
      const letGo = yield* Latch.make()
      const deaf = Supervisor.child({
        id: "deaf",
        shutdown: "brutal",
        start: Effect.succeed({
          join: Effect.uninterruptible(Deferred.await(dead)),
          kill: Deferred.fail(dead, "killed")
        }),
        health: { check: () => Effect.fail("deaf"), schedule: Schedule.spaced("1 second"), failures: 2 }
      })
      const bad = Supervisor.child({ id: "bad", shutdown: 1000, run: Effect.uninterruptible(letGo.await) })
      const supervisor = yield* Supervisor.make({ children: [bad, deaf], intensity: strict })
      const { ended, events } = yield* listen(supervisor)
      yield* TestClock.adjust("4 seconds")
      yield* ended
      assert.deepEqual(
        events.map((event) => ("child" in event ? `${event._tag} ${event.child}` : event._tag)),
        [
          "ChildReady bad",
          "ChildReady deaf",
          "HealthFailed deaf",
          "HealthFailed deaf",
          "ChildKilled deaf",
          "ChildStopped deaf",
          "Escalated deaf",
          "ChildStuck bad",
          "SupervisorEnded"
        ]
      )
      yield* letGo.open
    }).pipe(Effect.scoped, Effect.exit)
  )
})

describe("logs", () => {
  /** Collects what is logged. */
  const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
    const lines: Array<string> = []
    const logger = Logger.make(({ cause, logLevel, message }) => {
      lines.push(`${logLevel} ${String(message)}${Cause.pretty(cause)}`)
    })
    return Effect.as(Effect.provide(effect, Logger.layer([logger])), lines)
  }

  it.effect("why a child failed is not lost; that a supervisor gave up is said when nobody waits for it", () =>
    Effect.gen(function* () {
      for (const joins of [false, true]) {
        const { child, crash, until } = troupe()
        const lines = yield* logged(
          Effect.gen(function* () {
            const supervisor = yield* Supervisor.make({ name: "top", children: [child("a")] })
            const joining = joins ? yield* Effect.forkChild(Effect.exit(supervisor.join)) : undefined
            yield* crash("a")
            yield* until("+a", "-a", "+a")
            yield* crash("a")
            if (joining === undefined) yield* settled(supervisor)
            else yield* Fiber.join(joining)
          }).pipe(Effect.scoped)
        )
        assert.lengthOf(lines, joins ? 2 : 3)
        assert.match(lines[0] ?? "", /^Warn Child "a" of top failed.*a crashed/s)
        if (!joins) assert.match(lines[2] ?? "", /^Error top gave up after 1 restarts within 5000 ms/)
      }
    })
  )
})
