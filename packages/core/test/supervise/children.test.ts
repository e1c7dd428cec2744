/** Children that come and go while their supervisor runs, by OTP's rules; and significant ones. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { patient, settled, statuses, troupe } from "../support/troupe.ts"

describe("startChild", () => {
  it.effect("S18: adds at the end, returns when it is ready, and it is stopped first", () =>
    Effect.gen(function* () {
      const { child, read } = troupe()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const supervisor = yield* Supervisor.make({ children: [child("a")] })
          yield* supervisor.startChild(child("b"))
          assert.deepEqual(read(), ["+a", "+b"])
        })
      )
      assert.deepEqual(read(), ["-b", "-a"])
    })
  )

  it.effect("S19: one that does not start is not added", () =>
    Effect.gen(function* () {
      const { child, nextStarts } = troupe()
      const supervisor = yield* Supervisor.make({ name: "top" })
      for (const how of [Effect.fail("no"), Effect.die("no"), Effect.interrupt]) {
        nextStarts("a", how)
        const error = yield* Effect.flip(supervisor.startChild(child("a")))
        assert.deepInclude(error, { _tag: "ChildStartFailed", supervisor: "top", child: "a" })
        assert.deepEqual(yield* statuses(supervisor), [])
      }
      yield* supervisor.startChild(child("a"))
    })
  )

  it.effect("S20: an id is there once, running or not", () =>
    Effect.gen(function* () {
      const { child } = troupe()
      const supervisor = yield* Supervisor.make({ children: [child("a")] })
      assert.deepInclude(yield* Effect.flip(supervisor.startChild(child("a"))), {
        _tag: "ChildExists",
        status: "running"
      })
      yield* supervisor.terminateChild("a")
      assert.deepInclude(yield* Effect.flip(supervisor.startChild(child("a"))), {
        _tag: "ChildExists",
        status: "stopped"
      })
    })
  )

  it.effect("runs with the services of whoever started it", () =>
    Effect.gen(function* () {
      class Greeting extends Context.Service<Greeting, string>()("Greeting") {}
      const heard = yield* Deferred.make<string>()
      const child = Supervisor.child({
        id: "a",
        run: Effect.flatMap(Greeting, (greeting) => Deferred.succeed(heard, greeting))
      })
      const supervisor = yield* Supervisor.make({})
      yield* Effect.provideService(supervisor.startChild(child), Greeting, "hello")
      assert.equal(yield* Deferred.await(heard), "hello")
    })
  )

  it.effect(
    "interrupted in its turn it is called off, and what had begun is stopped; before its turn, nothing happens",
    () =>
      Effect.gen(function* () {
        const { child, nextStarts, read, until, write } = troupe()
        const supervisor = yield* Supervisor.make({})
        nextStarts(
          "a",
          Effect.andThen(
            Effect.addFinalizer(() => write("a undone")),
            Effect.andThen(write("a begun"), Effect.never)
          )
        )
        const first = yield* Effect.forkChild(supervisor.startChild(child("a")))
        yield* until("a begun")
        const second = yield* Effect.forkChild(supervisor.startChild(child("b")), { startImmediately: true })
        yield* Fiber.interrupt(second)
        yield* Fiber.interrupt(first)
        assert.deepEqual(read(), ["a undone"])
        yield* settled(supervisor)
        assert.deepEqual(read(), [])
        assert.deepEqual(yield* statuses(supervisor), [])
      })
  )

  it.effect("a start that asks its own supervisor, or one above, is told that it would wait for itself", () =>
    Effect.gen(function* () {
      const { child } = troupe()
      const root = yield* Supervisor.make({ name: "root" })
      const asks = Supervisor.child({ id: "asks", start: Effect.as(root.startChild(child("a")), Effect.never) })
      const nested = Supervisor.child({ id: "inner", start: Supervisor.make({ name: "inner", children: [asks] }) })
      for (const asker of [asks, nested]) {
        const error = yield* Effect.flip(root.startChild(asker))
        assert.include(error.message, "asked root for something while it started")
      }
      assert.deepEqual(yield* statuses(root), [])
    })
  )

  it.effect("a fiber that a start has forked may ask when it is over, and so may what it answers with", () =>
    Effect.gen(function* () {
      const { child, read, until } = troupe()
      const root = yield* Supervisor.make({})
      const ready = yield* Latch.make()
      const asks = Supervisor.child({
        id: "asks",
        start: Effect.gen(function* () {
          yield* Effect.forkScoped(Effect.andThen(ready.await, root.startChild(child("a"))))
          return Effect.andThen(root.startChild(child("b")), Effect.never)
        })
      })
      yield* root.startChild(asks)
      yield* until("+b")
      yield* ready.open
      yield* until("+a")
      assert.deepEqual(read(), [])
    })
  )

  it.effect("a supervisor that ends answers whoever waits for a start, and stops it", () =>
    Effect.gen(function* () {
      const { child, nextStarts, read, until, write } = troupe()
      const scope = yield* Scope.make()
      const supervisor = yield* Scope.provide(Supervisor.make({ children: [child("a")] }), scope)
      nextStarts("b", Effect.andThen(write("b begun"), Effect.never))
      const callers = [
        yield* Effect.forkChild(Effect.flip(supervisor.startChild(child("b")))),
        yield* Effect.forkChild(Effect.flip(supervisor.terminateChild("a")))
      ]
      yield* until("+a", "b begun")
      yield* Scope.close(scope, Exit.void)
      for (const exit of yield* Fiber.awaitAll(callers)) assert.include(String(exit), "SupervisorStopped")
      assert.deepEqual(read(), ["-a"])
    })
  )
})

describe("terminateChild, restartChild, deleteChild", () => {
  it.effect("S21: a terminated child stays down until it is restarted; it does not count as a restart", () =>
    Effect.gen(function* () {
      const { child, read } = troupe()
      const supervisor = yield* Supervisor.make({ children: [child("a")], intensity: { restarts: 0, within: 1000 } })
      for (let i = 0; i < 3; i++) {
        yield* supervisor.terminateChild("a")
        yield* supervisor.terminateChild("a")
        yield* settled(supervisor)
        assert.deepEqual(yield* statuses(supervisor), ["a stopped"])
        yield* supervisor.restartChild("a")
        assert.deepEqual(read().slice(-2), ["-a", "+a"])
      }
    })
  )

  it.effect("S22: a temporary child is forgotten when it is terminated", () =>
    Effect.gen(function* () {
      const { child } = troupe()
      const supervisor = yield* Supervisor.make({ children: [child("a", { restart: "temporary" })] })
      yield* supervisor.terminateChild("a")
      assert.deepEqual(yield* statuses(supervisor), [])
      assert.instanceOf(yield* Effect.flip(supervisor.restartChild("a")), Supervisor.ChildNotFound)
    })
  )

  it.effect("S23: restart and delete refuse what runs or is about to, and what is not there", () =>
    Effect.gen(function* () {
      const { child, crash, until } = troupe()
      const supervisor = yield* Supervisor.make({
        children: [child("a"), child("b", { backoff: Schedule.spaced("1 second") })],
        intensity: patient
      })
      yield* crash("b")
      yield* until("+a", "+b", "-b")
      yield* settled(supervisor)
      for (const [id, status] of [
        ["a", "running"],
        ["b", "restarting"]
      ] as const) {
        assert.deepInclude(yield* Effect.flip(supervisor.restartChild(id)), { _tag: "ChildActive", status })
        assert.deepInclude(yield* Effect.flip(supervisor.deleteChild(id)), { _tag: "ChildActive", status })
      }
      const { deleteChild, restartChild, terminateChild } = supervisor
      for (const ask of [restartChild, deleteChild, terminateChild]) {
        const asked: Effect.Effect<void, { readonly _tag: string }> = ask("nobody")
        assert.deepInclude(yield* Effect.flip(asked), { _tag: "ChildNotFound" })
      }
    })
  )

  it.effect("S24: a child that is restarted by hand and does not start stays as it was", () =>
    Effect.gen(function* () {
      const { child, nextStarts } = troupe()
      const supervisor = yield* Supervisor.make({ children: [child("a")] })
      yield* supervisor.terminateChild("a")
      nextStarts("a", Effect.fail("no"))
      assert.instanceOf(yield* Effect.flip(supervisor.restartChild("a")), Supervisor.ChildStartFailed)
      assert.deepEqual(yield* statuses(supervisor), ["a stopped"])
      yield* supervisor.restartChild("a")
      yield* supervisor.terminateChild("a")
      yield* supervisor.deleteChild("a")
      assert.deepEqual(yield* statuses(supervisor), [])
    })
  )

  it.effect("S25: terminated in its back-off it stays down; those that wait with it start without it", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const supervisor = yield* Supervisor.make({
        strategy: "oneForAll",
        children: [child("a"), child("b"), child("c")],
        backoff: Schedule.spaced("1 second"),
        intensity: patient
      })
      read()
      yield* crash("b")
      yield* until("-b", "-c", "-a")
      yield* settled(supervisor)
      yield* supervisor.terminateChild("b")
      assert.deepEqual(yield* statuses(supervisor), ["a restarting", "b stopped", "c restarting"])
      yield* TestClock.adjust("1 second")
      yield* until("+a", "+c")
      yield* settled(supervisor)
      assert.deepEqual(yield* statuses(supervisor), ["a running", "b stopped", "c running"])
    })
  )

  it.effect("a child that is added in a back-off is left alone when the others start", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const supervisor = yield* Supervisor.make({
        strategy: "oneForAll",
        children: [child("a")],
        backoff: Schedule.spaced("1 second"),
        intensity: patient
      })
      read()
      yield* crash("a")
      yield* until("-a")
      yield* settled(supervisor)
      yield* supervisor.startChild(child("new"))
      yield* TestClock.adjust("1 second")
      yield* until("+new", "+a")
      yield* settled(supervisor)
      assert.deepEqual(read(), [])
    })
  )

  it.effect("a child may ask for its own end", () =>
    Effect.gen(function* () {
      const told = yield* Deferred.make<Supervisor.Supervisor>()
      const child = Supervisor.child({
        id: "a",
        run: Effect.flatMap(Deferred.await(told), (supervisor) => supervisor.terminateChild("a"))
      })
      const supervisor = yield* Supervisor.make({ children: [child] })
      yield* Deferred.succeed(told, supervisor)
      yield* settled(supervisor)
      assert.deepEqual(yield* statuses(supervisor), ["a stopped"])
    })
  )

  it.effect("a stop goes on when its caller is interrupted", () =>
    Effect.gen(function* () {
      const { child, until } = troupe()
      const letGo = yield* Latch.make()
      const slow = Supervisor.child({ id: "a", run: Effect.onInterrupt(Effect.never, () => letGo.await) })
      const supervisor = yield* Supervisor.make({ children: [slow, child("b")] })
      yield* until("+b")
      const terminating = yield* Effect.forkChild(supervisor.terminateChild("a"))
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      assert.deepEqual(yield* statuses(supervisor), ["a stopping", "b running"])
      yield* Fiber.interrupt(terminating)
      yield* letGo.open
      yield* settled(supervisor)
      assert.deepEqual(yield* statuses(supervisor), ["a stopped", "b running"])
    })
  )
})

describe("significant children", () => {
  const pair = (restart: Supervisor.Restart) => [
    ["a", { restart, significant: true }] as const,
    ["b", { restart, significant: true }] as const,
    ["c", {}] as const
  ]

  it.effect("S26: anySignificant: the first that ends by itself ends the supervisor, in order", () =>
    Effect.gen(function* () {
      const { child, end, read, until } = troupe()
      const children = pair("transient").map(([id, options]) => child(id, options))
      const supervisor = yield* Supervisor.make({ autoShutdown: "anySignificant", children })
      read()
      yield* end("a", Effect.void)
      yield* supervisor.join
      yield* until("-a", "-c", "-b")
    })
  )

  it.effect("S27: allSignificant: the last of them", () =>
    Effect.gen(function* () {
      const { child, end, read, until } = troupe()
      const children = pair("temporary").map(([id, options]) => child(id, options))
      const supervisor = yield* Supervisor.make({ autoShutdown: "allSignificant", children })
      read()
      yield* end("a", Effect.fail("also a failure: it is temporary"))
      yield* until("-a")
      yield* settled(supervisor)
      assert.deepEqual(read(), [])
      yield* end("b", Effect.void)
      yield* supervisor.join
      yield* until("-b", "-c")
    })
  )

  it.effect("S27: allSignificant: those that were terminated don't count", () =>
    Effect.gen(function* () {
      const { child, end, read, until } = troupe()
      const children = pair("transient").map(([id, options]) => child(id, options))
      const supervisor = yield* Supervisor.make({ autoShutdown: "allSignificant", children })
      yield* supervisor.terminateChild("a")
      read()
      yield* end("b", Effect.void)
      yield* supervisor.join
      yield* until("-b", "-c")
    })
  )

  it.effect("S28: one that is terminated, or starts again, does not end the supervisor", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const children = pair("transient").map(([id, options]) => child(id, options))
      const supervisor = yield* Supervisor.make({ autoShutdown: "anySignificant", children, intensity: patient })
      read()
      yield* crash("a")
      yield* until("-a", "+a")
      yield* supervisor.terminateChild("b")
      yield* until("-b")
      yield* settled(supervisor)
      assert.deepEqual(yield* statuses(supervisor), ["a running", "b stopped", "c running"])
    })
  )

  it.effect("S29: counts specs, active children, supervisors and workers", () =>
    Effect.gen(function* () {
      const { child } = troupe()
      const nested = Supervisor.child({ id: "n", start: Supervisor.make({ children: [child("x")] }) })
      const supervisor = yield* Supervisor.make({ children: [child("a"), nested, child("b")] })
      yield* supervisor.terminateChild("b")
      assert.deepEqual(yield* supervisor.countChildren, { specs: 3, active: 2, supervisors: 1, workers: 2 })
    })
  )
})
