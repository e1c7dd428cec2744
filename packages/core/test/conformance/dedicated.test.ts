/** One worker for one task: its life, its end, and what its caller hears of both. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Process from "@ropewalk/core/Process"
import * as Thread from "@ropewalk/core/Thread"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { worker } from "../fixtures/places.ts"
import { Tasks } from "../fixtures/tasks.ts"
import { isAlive } from "../support/processes.ts"

/** How long each task gets to end by itself: for ever, on a machine however busy, or not at all, since it would not. */
const graces = { Wait: "1 hour", Spin: 0 } as const

const startup = new URL("../fixtures/startup.ts", import.meta.url)

/** Starts a task that says when it runs, and waits until it has said so. */
const running = <Handle, E, R>(
  task: keyof typeof graces,
  start: (task: keyof typeof graces, options: Process.Options) => Effect.Effect<Handle, E, R>
): Effect.Effect<{ readonly handle: Handle; readonly said: ReadonlyArray<string> }, E, R> =>
  Effect.gen(function* () {
    const started = yield* Deferred.make<void>()
    const said: Array<string> = []
    const output = ({ line }: Pool.OutputLine) =>
      Effect.suspend(() => {
        said.push(line)
        return line.startsWith("started") ? Deferred.succeed(started, undefined) : Effect.void
      })
    const handle = yield* start(task, { worker, grace: graces[task], output })
    yield* Deferred.await(started)
    return { handle, said }
  })

describe("Process", () => {
  it.live("P29: alive, then joined, then ended with code 0; listed while it lives", () =>
    Effect.gen(function* () {
      const { handle } = yield* running("Wait", (task, options) => Process.start(Tasks, task, { label: "x" }, options))
      assert.isTrue(yield* handle.alive)
      assert.include(yield* Process.active, handle)
      assert.isTrue(isAlive(handle.pid))
      yield* handle.interrupt
      assert.deepEqual(yield* handle.exit, { code: 0, signal: undefined })
      assert.isFalse(yield* handle.alive)
      assert.notInclude(yield* Process.active, handle)
      assert.isFalse(isAlive(handle.pid))
    })
  )

  it.live("gives its result to everyone who joins, as often as they ask", () =>
    Effect.gen(function* () {
      const child = yield* Process.start(Tasks, "Add", { a: 1, b: 2 }, { worker, name: "adder" })
      assert.equal(child.name, "adder")
      assert.deepEqual(yield* Effect.all([child.join, child.join], { concurrency: 2 }), [3, 3])
      yield* child.exit
      assert.equal(yield* child.join, 3)
    })
  )

  it.live("P30: SIGTERM and SIGKILL end it, and show in its exit and in its join", () =>
    Effect.gen(function* () {
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const { handle } = yield* running("Spin", (task, options) =>
          Process.start(Tasks, task, { label: "x" }, options)
        )
        const late = yield* Effect.flip(handle.joinWithin(0))
        assert.instanceOf(late, Pool.TaskTimeout)
        yield* handle.kill(signal)
        assert.deepEqual(yield* handle.exit, { code: undefined, signal })
        const crash = yield* Effect.flip(handle.join)
        assert.deepEqual((crash as Pool.WorkerCrashed).reason, new Pool.Killed({ signal }))
      }
    })
  )

  it.live("P32: exit codes 8, 0 and 1", () =>
    Effect.gen(function* () {
      for (const code of [8, 0]) {
        const child = yield* Process.start(Tasks, "Exit", { code }, { worker })
        assert.deepEqual(yield* child.exit, { code, signal: undefined })
        assert.deepEqual(((yield* Effect.flip(child.join)) as Pool.WorkerCrashed).reason, new Pool.Exited({ code }))
      }
      const child = yield* Process.start(Tasks, "ThrowLater", { how: "throw" }, { worker })
      assert.deepEqual(yield* child.exit, { code: 1, signal: undefined })
    })
  )

  it.live("one that nobody joined ends with its scope, finalizers first; one that spins too", () =>
    Effect.gen(function* () {
      for (const task of ["Wait", "Spin"] as const) {
        const scope = yield* Scope.make()
        const { handle, said } = yield* running(task, (task, options) =>
          Scope.provide(Process.start(Tasks, task, { label: "x" }, options), scope)
        )
        assert.isTrue(isAlive(handle.pid))
        yield* Scope.close(scope, Effect.runSyncExit(Effect.void))
        assert.isFalse(isAlive(handle.pid))
        assert.instanceOf(yield* Effect.flip(handle.join), Pool.PoolClosed)
        if (task === "Wait") assert.include(said, "finalized x")
      }
    })
  )

  it.live("interrupting a joiner leaves the task alone", () =>
    Effect.gen(function* () {
      const { handle } = yield* running("Wait", (task, options) => Process.start(Tasks, task, { label: "x" }, options))
      const joiner = yield* Effect.forkChild(handle.join, { startImmediately: true })
      yield* Fiber.interrupt(joiner)
      assert.isTrue(yield* handle.alive)
    })
  )

  it.live("a start that is interrupted has stopped its process, without waiting for its time to start", () =>
    Effect.gen(function* () {
      const never = { worker: startup, grace: 50, env: { STARTUP: "never" } }
      const starting = yield* Effect.forkChild(Effect.scoped(Process.start(Tasks, "Add", { a: 1, b: 2 }, never)), {
        startImmediately: true
      })
      yield* Fiber.interrupt(starting)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(starting)))
    })
  )

  it.live("one that dies in the moment in which it is ready settles its task", () =>
    Effect.gen(function* () {
      const flash = { worker: startup, env: { STARTUP: "flash" } }
      const onProcess = Effect.flatMap(Process.start(Tasks, "Wait", { label: "x" }, flash), ({ join }) => join)
      const onThread = Effect.flatMap(Thread.start(Tasks, "Wait", { label: "x" }, flash), ({ join }) => join)
      for (const error of [yield* Effect.flip(onProcess), yield* Effect.flip(onThread)]) {
        assert.include(["WorkerStartFailed", "WorkerCrashed"], error._tag)
      }
    })
  )

  it.live("says what is wrong before it starts anything", () =>
    Effect.gen(function* () {
      const unfit = yield* Effect.flip(Process.start(Tasks, "Add", { a: 1, b: "2" as never }, { worker }))
      assert.instanceOf(unfit, Pool.EncodeFailed)
      const missing = new URL("./nothing.ts", import.meta.url)
      const broken = yield* Effect.flip(Process.start(Tasks, "Add", { a: 1, b: 2 }, { worker: missing }))
      assert.instanceOf(broken, Pool.WorkerStartFailed)
      const negative = yield* Effect.flip(Process.start(Tasks, "Add", { a: 1, b: 2 }, { worker, grace: -1 }))
      assert.instanceOf(negative, Pool.InvalidOption)
      const child = yield* Process.start(Tasks, "Echo", { value: () => 1 }, { worker })
      assert.instanceOf(yield* Effect.flip(child.join), Pool.EncodeFailed)
    })
  )
})

describe("Thread", () => {
  it.live("P29: alive, then joined, then ended with code 0", () =>
    Effect.gen(function* () {
      const { handle } = yield* running("Wait", (task, options) => Thread.start(Tasks, task, { label: "x" }, options))
      assert.isTrue(yield* handle.alive)
      yield* handle.interrupt
      assert.equal(yield* handle.exit, 0)
      assert.isFalse(yield* handle.alive)
    })
  )

  it.live("gives its result, or its error", () =>
    Effect.gen(function* () {
      const adder = yield* Thread.start(Tasks, "Add", { a: 1, b: 2 }, { worker, name: "adder" })
      assert.equal(yield* adder.join, 3)
      const refused = yield* Thread.start(Tasks, "Refuse", { code: 4 }, { worker })
      assert.equal((yield* Effect.flip(refused.join))._tag, "Refused")
    })
  )

  it.live("P30: kill ends one that spins; join tells", () =>
    Effect.gen(function* () {
      const { handle } = yield* running("Spin", (task, options) => Thread.start(Tasks, task, { label: "x" }, options))
      assert.instanceOf(yield* Effect.flip(handle.joinWithin(0)), Pool.TaskTimeout)
      yield* handle.kill
      assert.isFalse(yield* handle.alive)
      assert.deepEqual(((yield* Effect.flip(handle.join)) as Pool.WorkerCrashed).reason, new Pool.Terminated())
    })
  )

  it.live("P32: exit codes", () =>
    Effect.gen(function* () {
      for (const code of [8, 0]) {
        const thread = yield* Thread.start(Tasks, "Exit", { code }, { worker })
        assert.equal(yield* thread.exit, code)
      }
    })
  )

  it.live("one that spins ends with its scope", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { handle } = yield* running("Spin", (task, options) =>
        Scope.provide(Thread.start(Tasks, task, { label: "x" }, options), scope)
      )
      yield* Scope.close(scope, Effect.runSyncExit(Effect.void))
      assert.isFalse(yield* handle.alive)
    })
  )
})
