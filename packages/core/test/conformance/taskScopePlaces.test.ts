/** Children of a scope that are tasks of pools, threads and processes: what holds of fibers holds of them. */
import { assert, describe, it } from "@effect/vitest"
import * as Joiner from "@ropewalk/core/Joiner"
import * as Process from "@ropewalk/core/Process"
import * as TaskScope from "@ropewalk/core/TaskScope"
import * as Thread from "@ropewalk/core/Thread"
import * as Effect from "effect/Effect"
import * as places from "../fixtures/places.ts"
import { Tasks } from "../fixtures/tasks.ts"
import { errorOf } from "../support/exits.ts"

const { worker } = places

for (const place of places.all) {
  describe(place.name, () => {
    it.live("a scope's deadline goes with the call to the task, also from a scope inside that has none", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 1 })
        const inner = TaskScope.join([pool.run("Remaining")], Joiner.all())
        const [[left], without] = yield* TaskScope.join([inner, Effect.succeed(1)], Joiner.all(), { timeout: "1 hour" })
        assert.isNotNull(left)
        assert.isAtMost(left!, 3_600_000)
        assert.isAbove(left!, 3_000_000)
        assert.equal(without, 1)
        assert.deepEqual(yield* TaskScope.join([pool.run("Remaining")], Joiner.all()), [null])
      })
    )

    it.live("the losers have stopped, at their workers, when the winner is told", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 2 })
        const winner = Effect.andThen(heard("started loser"), pool.run("Add", { a: 40, b: 2 }))
        const won = yield* TaskScope.join([pool.run("Wait", { label: "loser" }), winner], Joiner.first())
        assert.equal(won, 42)
        assert.equal((yield* pool.stats).running, 0)
        yield* heard("finalized loser")
      })
    )

    it.live("P57 P63: at the deadline what runs and what is queued is stopped and counted, and the pool goes on", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1 })
        const children = { run: pool.run("Wait", { label: "a" }), queued: pool.run("Wait", { label: "b" }) }
        const scope = TaskScope.join({ ...children, heard: heard("started a") }, Joiner.all(), { timeout: 400 })
        const error = errorOf(yield* Effect.exit(scope))
        assert.instanceOf(error, TaskScope.ScopeTimeout)
        const { running, queued } = yield* pool.stats
        assert.deepEqual({ running, queued }, { running: 0, queued: 0 })
        assert.equal(yield* pool.run("Add", { a: 40, b: 2 }), 42)
      })
    )
  })
}

for (const place of places.isolated) {
  it.live(`a loser that spins is stopped with its ${place.name}`, () =>
    Effect.gen(function* () {
      const { heard, pool } = yield* place.make({ size: 2, grace: 0 })
      const winner = Effect.andThen(heard("started spin"), Effect.succeed("won"))
      assert.equal(yield* TaskScope.join([pool.run("Spin", { label: "spin" }), winner], Joiner.first()), "won")
      assert.equal((yield* pool.stats).running, 0)
    })
  )
}

it.live("a fiber, a task, a thread and a process in one scope, under one deadline that all of them see", () =>
  Effect.gen(function* () {
    const { pool } = yield* places.thread.make({ size: 1 })
    const thread = Effect.flatMap(Thread.start(Tasks, "Remaining", undefined, { worker }), ({ join }) => join)
    const process = Effect.flatMap(Process.start(Tasks, "Remaining", undefined, { worker }), ({ join }) => join)
    const all = { fiber: Effect.succeed(null), task: pool.run("Remaining"), thread, process }
    const left = yield* TaskScope.join(all, Joiner.all(), { timeout: "1 hour" })
    for (const place of ["task", "thread", "process"] as const) {
      assert.isNotNull(left[place], place)
      assert.isAbove(left[place]!, 3_000_000, place)
    }
  })
)

it.live("a thread and a process that lose are gone when the winner is told", () =>
  Effect.gen(function* () {
    const handles: Array<{ readonly alive: Effect.Effect<boolean> }> = []
    const loser = <A, E>(handle: { readonly alive: Effect.Effect<boolean>; readonly join: Effect.Effect<A, E> }) => {
      handles.push(handle)
      return handle.join
    }
    const spin = { label: "spin" }
    const options = { worker, grace: 0 }
    const bothRun = Effect.suspend(function wait(): Effect.Effect<string> {
      return handles.length === 2 ? Effect.succeed("won") : Effect.delay(Effect.suspend(wait), 10)
    })
    const won = yield* TaskScope.join(
      [
        Effect.flatMap(Thread.start(Tasks, "Spin", spin, options), loser),
        Effect.flatMap(Process.start(Tasks, "Spin", spin, options), loser),
        bothRun
      ],
      Joiner.first()
    )
    assert.equal(won, "won")
    assert.deepEqual(yield* Effect.forEach(handles, ({ alive }) => alive), [false, false])
  })
)
