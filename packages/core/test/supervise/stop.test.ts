/** How children are stopped: deadlines, kills, and what can't be killed. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { errorOf } from "../support/exits.ts"
import { book, listen, patient, settled, troupe } from "../support/troupe.ts"

/** A child whose body takes so long to end when it is interrupted. */
const slow = (id: string, millis: number, said = book()) =>
  Supervisor.child({
    id,
    shutdown: "2 seconds",
    run: Effect.onInterrupt(Effect.never, () => Effect.andThen(Effect.sleep(millis), said.write(`-${id}`)))
  })

/** A child that heeds no interrupt, until it is let go. */
const stubborn = (id: string, options?: Partial<Supervisor.RunOptions<never>>) => {
  const letGo = Latch.makeUnsafe(false)
  const child = Supervisor.child({
    id,
    shutdown: "2 seconds",
    ...options,
    start: undefined,
    health: undefined,
    run: Effect.uninterruptible(letGo.await)
  })
  return { child, letGo: letGo.open }
}

/** Something with a kill, which does not end otherwise. */
const killable = (id: string, shutdown: Supervisor.RunOptions<never>["shutdown"], asked: () => void) => {
  const dead = Deferred.makeUnsafe<never, string>()
  const child = Supervisor.child({
    id,
    shutdown,
    start: Effect.succeed({
      join: Effect.onInterrupt(Effect.uninterruptible(Deferred.await(dead)), () => Effect.sync(asked)),
      kill: Deferred.fail(dead, "killed")
    })
  })
  return child
}

const stuckIn = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit)
    ? exit.cause.reasons
        .filter(Cause.isDieReason)
        .map(({ defect }) => defect)
        .filter((defect) => defect instanceof Supervisor.ChildStuck)
        .map(({ child, millis }) => [child, millis])
    : []

describe("shutdown", () => {
  it.effect("S15: each child has its own time, one after the other; the supervisor waits for them", () =>
    Effect.gen(function* () {
      const said = book()
      const scope = yield* Scope.make()
      yield* Scope.provide(Supervisor.make({ children: [slow("a", 1000, said), slow("b", 1999, said)] }), scope)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust(1998)
      assert.deepEqual(said.read(), [])
      yield* TestClock.adjust(1)
      yield* said.until("-b")
      yield* TestClock.adjust(1000)
      yield* said.until("-a")
      assert.deepEqual(yield* Fiber.await(closing), Exit.void)
    })
  )

  it.effect("S16: without options a child has 5 seconds; infinity waits for ever", () =>
    Effect.gen(function* () {
      for (const [shutdown, millis, ends] of [
        [undefined, 4999, true],
        [undefined, 5001, false],
        ["infinity", 3_600_000, true]
      ] as const) {
        const said = book()
        const scope = yield* Scope.make()
        const run = Effect.onInterrupt(Effect.never, () => Effect.andThen(Effect.sleep(millis), said.write("-a")))
        yield* Scope.provide(Supervisor.make({ children: [Supervisor.child({ id: "a", shutdown, run })] }), scope)
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
        yield* TestClock.adjust(ends ? millis : 5000)
        const exit = yield* Fiber.await(closing)
        assert.deepEqual(stuckIn(exit), ends ? [] : [["a", 5000]])
      }
    })
  )

  it.effect("S17: what has a kill is asked first and killed when its time is up; brutal asks nothing", () =>
    Effect.gen(function* () {
      for (const shutdown of ["1 second", "brutal"] as const) {
        const scope = yield* Scope.make()
        const asked: Array<string> = []
        const child = killable("a", shutdown, () => asked.push("asked"))
        const supervisor = yield* Scope.provide(Supervisor.make({ children: [child] }), scope)
        const { ended, events } = yield* listen(supervisor)
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
        if (shutdown !== "brutal") yield* TestClock.adjust("1 second")
        assert.deepEqual(yield* Fiber.await(closing), Exit.void)
        yield* ended
        assert.deepEqual(
          events.map(({ _tag }) => _tag),
          ["ChildReady", "ChildKilled", "ChildStopped", "SupervisorEnded"]
        )
        assert.deepInclude(events[2], { killed: true })
      }
    })
  )

  it.effect("a fiber that does not heed its interrupt is reported, and the others are stopped all the same", () =>
    Effect.gen(function* () {
      const { child, read } = troupe()
      const bad = stubborn("bad")
      const scope = yield* Scope.make()
      const children = [child("a"), bad.child, child("c")]
      const supervisor = yield* Scope.provide(Supervisor.make({ name: "top", children }), scope)
      const joining = yield* Effect.forkChild(Effect.exit(supervisor.join))
      read()
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("2 seconds")
      const exit = yield* Fiber.await(closing)
      assert.deepEqual(read(), ["-c", "-a"])
      assert.deepEqual(stuckIn(exit), [["bad", 2000]])
      assert.deepEqual(yield* Fiber.join(joining), Exit.void)
      yield* bad.letGo
    })
  )

  it.effect("brutal gives a fiber, which has no kill, five seconds to end by its interrupt", () =>
    Effect.gen(function* () {
      const { child, letGo } = stubborn("bad", { shutdown: "brutal" })
      const scope = yield* Scope.make()
      yield* Scope.provide(Supervisor.make({ children: [child] }), scope)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("5 seconds")
      assert.deepEqual(stuckIn(yield* Fiber.await(closing)), [["bad", 5000]])
      yield* letGo
    })
  )

  it.effect("a kill that does not help, fails, dies or never answers leaves it stuck five seconds later", () =>
    Effect.gen(function* () {
      for (const kill of [Effect.void, Effect.fail("no"), Effect.die("no"), Effect.never, () => Effect.die("no")]) {
        const letGo = Latch.makeUnsafe(false)
        const start = Effect.succeed({ join: Effect.uninterruptible(letGo.await), kill })
        const scope = yield* Scope.make()
        const children = [Supervisor.child({ id: "bad", shutdown: "1 second", start })]
        yield* Scope.provide(Supervisor.make({ children }), scope)
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
        yield* TestClock.adjust("6 seconds")
        assert.deepEqual(stuckIn(yield* Fiber.await(closing)), [["bad", 5000]])
        yield* letGo.open
      }
    })
  )

  for (const joins of [true, false]) {
    const who = joins ? "join" : "the end of its scope"
    it.effect(
      `one that is stuck is never started beside itself: its group's restart escalates, and ${who} says so`,
      () =>
        Effect.gen(function* () {
          const { child, crash, read, until } = troupe()
          const bad = stubborn("bad")
          const scope = yield* Scope.make()
          const supervisor = yield* Scope.provide(
            Supervisor.make({
              strategy: "oneForAll",
              children: [child("a"), bad.child, child("c")],
              intensity: patient
            }),
            scope
          )
          const joining = joins ? yield* Effect.forkChild(Effect.exit(supervisor.join)) : undefined
          read()
          yield* crash("a")
          yield* until("-a", "-c")
          yield* TestClock.adjust("2 seconds")
          if (joining !== undefined) {
            assert.deepInclude(errorOf(yield* Fiber.join(joining)), { _tag: "ChildStuck", child: "bad", millis: 2000 })
          }
          assert.deepEqual(stuckIn(yield* Effect.exit(Scope.close(scope, Exit.void))), joins ? [] : [["bad", 2000]])
          assert.deepEqual(read(), [])
          yield* bad.letGo
        })
    )
  }

  it.effect("a stuck child that was terminated says so, is not started again, and is free when it ends at last", () =>
    Effect.gen(function* () {
      const bad = stubborn("bad")
      const supervisor = yield* Supervisor.make({ children: [bad.child] })
      const terminating = yield* Effect.forkChild(Effect.flip(supervisor.terminateChild("bad")))
      yield* settledAfter("2 seconds")
      assert.instanceOf(yield* Fiber.join(terminating), Supervisor.ChildStuck)
      assert.deepInclude((yield* supervisor.whichChildren)[0], { status: "stuck" })
      assert.deepInclude(yield* Effect.flip(supervisor.restartChild("bad")), { _tag: "ChildActive", status: "stuck" })
      assert.deepInclude(yield* Effect.flip(supervisor.terminateChild("bad")), { _tag: "ChildStuck", millis: 2000 })
      yield* bad.letGo
      yield* settled(supervisor)
      assert.deepInclude((yield* supervisor.whichChildren)[0], { status: "stopped" })
      yield* supervisor.restartChild("bad")
    })
  )

  it.effect("a child whose finalizers fail has ended", () =>
    Effect.gen(function* () {
      const start = Effect.as(
        Effect.addFinalizer(() => Effect.die("unclean")),
        Effect.never
      )
      const scope = yield* Scope.make()
      const supervisor = yield* Scope.provide(
        Supervisor.make({ children: [Supervisor.child({ id: "a", start })] }),
        scope
      )
      yield* supervisor.terminateChild("a")
      yield* supervisor.restartChild("a")
      assert.deepEqual(yield* Effect.exit(Scope.close(scope, Exit.void)), Exit.void)
    })
  )

  it.effect("shutdown ends it before its scope does; twice is once, and a child may ask for it", () =>
    Effect.gen(function* () {
      const { child, read } = troupe()
      const said = book()
      const asked = yield* Deferred.make<Effect.Effect<void>>()
      const suicidal = Supervisor.child({
        id: "last",
        run: Effect.flatMap(Deferred.await(asked), (shutdown) => Effect.andThen(shutdown, said.write("not reached")))
      })
      const supervisor = yield* Supervisor.make({ children: [child("a"), suicidal] })
      read()
      yield* Deferred.succeed(asked, supervisor.shutdown)
      yield* supervisor.join
      assert.deepEqual(read(), ["-a"])
      assert.deepEqual(said.entries, [])
      yield* supervisor.shutdown
      assert.instanceOf(yield* Effect.flip(supervisor.startChild(child("b"))), Supervisor.SupervisorStopped)
    })
  )

  it.effect("closing in a back-off, and while a child starts again, leaves nothing running", () =>
    Effect.gen(function* () {
      for (const stage of ["waits", "starts"] as const) {
        const { child, crash, nextStarts, read, until } = troupe()
        const scope = yield* Scope.make()
        const children = [child("a"), child("b", { backoff: Schedule.spaced("1 second") })]
        const supervisor = yield* Scope.provide(Supervisor.make({ children, intensity: patient }), scope)
        read()
        const arrived = yield* Deferred.make<void>()
        nextStarts("b", Effect.andThen(Deferred.succeed(arrived, undefined), Effect.never))
        yield* crash("b")
        yield* until("-b")
        yield* settled(supervisor)
        if (stage === "starts") {
          yield* TestClock.adjust("1 second")
          yield* Deferred.await(arrived)
        }
        yield* Scope.close(scope, Exit.void)
        assert.deepEqual(read(), ["-a"])
        yield* TestClock.adjust("1 minute")
        assert.deepEqual(read(), [])
      }
    })
  )

  it.effect("escalates while another child waits for its restart, which is called off", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const children = [child("a"), child("b", { backoff: Schedule.spaced("1 second") })]
      const supervisor = yield* Supervisor.make({ children, intensity: { restarts: 1, within: "1 minute" } })
      read()
      yield* crash("b")
      yield* until("-b")
      yield* settled(supervisor)
      yield* crash("a")
      assert.deepInclude(yield* Effect.flip(supervisor.join), { child: "a" })
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(read(), ["-a"])
    })
  )
})

const settledAfter = (duration: "2 seconds") =>
  Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 20 }), TestClock.adjust(duration))
