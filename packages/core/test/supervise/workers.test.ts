/** Real threads and processes as children: killed from outside, spinning, and deaf. */
import { assert, describe, it } from "@effect/vitest"
import type * as Pool from "@ropewalk/core/Pool"
import * as Process from "@ropewalk/core/Process"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Thread from "@ropewalk/core/Thread"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { worker } from "../fixtures/places.ts"
import { Tasks } from "../fixtures/tasks.ts"
import { errorOf } from "../support/exits.ts"
import { isAlive } from "../support/processes.ts"
import { patient, settled } from "../support/troupe.ts"

type Task = "Wait" | "Spin" | "Stubborn"

const places = { Thread, Process } as const

/** A worker that is ready when its task has begun to run, and not before. Each start is told. */
const workerChild = (
  place: keyof typeof places,
  task: Task,
  started: Queue.Queue<Thread.Thread<unknown, unknown> | Process.Process<unknown, unknown>>,
  shutdown: Supervisor.RunOptions<never>["shutdown"]
) =>
  Supervisor.child({
    id: `${place} ${task}`,
    shutdown,
    start: Effect.gen(function* () {
      const said = yield* Queue.unbounded<string>()
      const output = ({ line }: Pool.OutputLine) => Queue.offer(said, line)
      // The handle's own ladder would take an hour: what ends it is the supervisor's.
      const handle = yield* places[place].start(Tasks, task, { label: "x" }, { worker, grace: "1 hour", output })
      yield* Queue.take(said)
      yield* Queue.offer(started, handle)
      return handle
    })
  })

/** What is expected to fail would be logged. */
const silently = Effect.provide(Logger.layer([]))

const kills = (supervisor: Supervisor.Supervisor) =>
  Effect.gen(function* () {
    const killed: Array<string> = []
    const listening = yield* Effect.forkChild(
      Stream.runForEach(supervisor.events, (event) =>
        Effect.sync(() => {
          if (event._tag === "ChildKilled") killed.push(event.child)
        })
      ),
      { startImmediately: true }
    )
    return Effect.as(Fiber.join(listening), killed)
  })

describe("workers as children", () => {
  it.live("a process that is killed with SIGKILL is started again; another time is too much, and says so", () =>
    Effect.gen(function* () {
      const started = yield* Queue.unbounded<Process.Process<unknown, unknown>>()
      const supervisor = yield* Supervisor.make({
        children: [workerChild("Process", "Wait", started as never, "10 seconds")],
        intensity: { restarts: 1, within: "1 hour" }
      })
      const first = yield* Queue.take(started)
      process.kill(first.pid, "SIGKILL")
      const second = yield* Queue.take(started)
      assert.notEqual(second.pid, first.pid)
      assert.isFalse(isAlive(first.pid))
      yield* settled(supervisor)
      assert.deepInclude((yield* supervisor.whichChildren)[0], { restarts: 1, status: "running" })
      process.kill(second.pid, "SIGKILL")
      const error = errorOf(yield* Effect.exit(supervisor.join)) as Supervisor.RestartIntensityReached
      assert.include(error.message, "SIGKILL")
      assert.equal(error.restarts, 1)
    }).pipe(silently)
  )

  for (const place of ["Thread", "Process"] as const) {
    it.live(`a ${place.toLowerCase()} that waits is asked to end; one that spins, or is deaf, is killed in time`, () =>
      Effect.gen(function* () {
        const started = yield* Queue.unbounded<Thread.Thread<unknown, unknown> | Process.Process<unknown, unknown>>()
        const scope = yield* Scope.make()
        const supervisor = yield* Scope.provide(
          Supervisor.make({
            children: [
              workerChild(place, "Wait", started, "20 seconds"),
              workerChild(place, "Spin", started, 50),
              workerChild(place, "Stubborn", started, "brutal")
            ]
          }),
          scope
        )
        const killed = yield* kills(supervisor)
        const handles = yield* Queue.takeAll(started)
        yield* Scope.close(scope, Exit.void)
        assert.deepEqual(yield* killed, [`${place} Stubborn`, `${place} Spin`])
        for (const handle of handles) assert.isFalse(yield* handle.alive)
      })
    )
  }

  it.live("a thread that spins and fails its health checks is replaced", () =>
    Effect.gen(function* () {
      const started = yield* Queue.unbounded<Thread.Thread<unknown, unknown>>()
      const unwell = yield* Queue.unbounded<void>()
      const spinning = workerChild("Thread", "Spin", started as never, 50)
      const supervisor = yield* Supervisor.make({
        children: [
          {
            ...spinning,
            options: {
              ...spinning.options,
              health: {
                // Unwell once, when the test says so.
                check: () => Effect.flatMap(Queue.take(unwell), () => Effect.fail("deaf")),
                schedule: Schedule.forever,
                failures: 1,
                timeout: "1 hour"
              }
            }
          } as Supervisor.Child
        ],
        intensity: patient
      })
      const first = yield* Queue.take(started)
      yield* Queue.offer(unwell, undefined)
      const second = yield* Queue.take(started)
      assert.isFalse(yield* first.alive)
      assert.isTrue(yield* second.alive)
      yield* settled(supervisor)
      assert.deepInclude((yield* supervisor.whichChildren)[0], { restarts: 1, status: "running" })
    }).pipe(silently)
  )

  it.live("a missing worker file fails the start, and those before it are gone", () =>
    Effect.gen(function* () {
      const started = yield* Queue.unbounded<Process.Process<unknown, unknown>>()
      const missing = new URL("./nowhere.ts", import.meta.url)
      const exit = yield* Effect.exit(
        Effect.scoped(
          Supervisor.make({
            children: [
              workerChild("Process", "Wait", started as never, "20 seconds"),
              Supervisor.child({ id: "lost", start: Thread.start(Tasks, "Wait", { label: "x" }, { worker: missing }) })
            ]
          })
        )
      )
      assert.deepInclude(errorOf(exit), { _tag: "ChildStartFailed", child: "lost" })
      assert.isFalse(isAlive((yield* Queue.take(started)).pid))
    })
  )

  it.live("an interrupt while a process starts leaves none", () =>
    Effect.gen(function* () {
      const starting = yield* Queue.unbounded<number>()
      const child = Supervisor.child({
        id: "slow",
        start: Effect.gen(function* () {
          const handle = yield* Process.start(Tasks, "Wait", { label: "x" }, { worker, output: () => Effect.void })
          yield* Queue.offer(starting, handle.pid)
          return yield* Effect.never
        })
      })
      const making = yield* Effect.forkChild(Effect.scoped(Supervisor.make({ children: [child] })))
      const pid = yield* Queue.take(starting)
      yield* Fiber.interrupt(making)
      assert.isFalse(isAlive(pid))
    })
  )
})
