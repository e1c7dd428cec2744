/** What holds of a supervisor under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Supervisor from "../../src/Supervisor.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { together } from "../support/explored.ts"

const it = withExplore(base)

/** Children of which none ever runs twice at the same time, and which say which of them run. */
const cast = Effect.gen(function* () {
  const running = new Map<string, number>()
  const ends = new Map<string, Deferred.Deferred<never, string>>()
  yield* Explore.invariant("one of each", () => Array.from(running.values()).every((count) => count <= 1))
  const count = (id: string, change: number) => running.set(id, (running.get(id) ?? 0) + change)
  return {
    running: () => Array.from(running, ([id, count]) => (count > 0 ? id : "")).filter((id) => id !== ""),
    child: (id: string, options: Partial<Supervisor.RunOptions<never>> = {}) =>
      Supervisor.child({
        ...options,
        id,
        run: undefined,
        health: undefined,
        start: Effect.gen(function* () {
          const end = yield* Deferred.make<never, string>()
          yield* Effect.acquireRelease(
            Effect.sync(() => {
              ends.set(id, end)
              count(id, 1)
            }),
            () =>
              Effect.andThen(
                Effect.yieldNow,
                Effect.sync(() => count(id, -1))
              )
          )
          yield* Effect.yieldNow
          return Deferred.await(end)
        })
      }),
    crash: (id: string) => Effect.suspend(() => Deferred.fail(ends.get(id) as Deferred.Deferred<never, string>, id))
  }
})

const patient = { restarts: 100, within: "1 minute" } as const

/** Waits until all of them run and the supervisor has nothing left to do. */
const calm = (supervisor: Supervisor.Supervisor, ids: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    while (true) {
      const children = yield* supervisor.whichChildren
      if (children.every(({ status }) => status === "running") && children.length === ids.length) return
      yield* Effect.sleep("1 second")
    }
  })

describe("Supervisor, explored", () => {
  for (const strategy of ["oneForOne", "oneForAll", "restForOne"] as const) {
    for (const search of [Explore.random, Explore.pct({ depth: 3 })]) {
      it.explore(
        `two children that crash at once: ${strategy}, ${search.name}`,
        Effect.gen(function* () {
          const { child, crash, running } = yield* cast
          const scope = yield* Scope.make()
          const children = ["a", "b", "c"].map((id) => child(id))
          const supervisor = yield* Scope.provide(Supervisor.make({ strategy, children, intensity: patient }), scope)
          yield* together([crash("a"), crash("c")])
          yield* calm(supervisor, ["a", "b", "c"])
          // Each came back, unless its sibling's restart had taken it along.
          const restarts = (yield* supervisor.whichChildren).map(({ restarts }) => restarts)
          assert.ok(restarts.every((count) => count <= 2))
          yield* Scope.close(scope, Exit.void)
          assert.deepEqual(running(), [])
        }),
        { strategy: search, schedules: 500 }
      )
    }
  }

  it.explore(
    "a stop anywhere in a restart leaves nothing running",
    Effect.gen(function* () {
      const { child, crash, running } = yield* cast
      const scope = yield* Scope.make()
      const children = [child("a"), child("b"), child("c", { backoff: Schedule.spaced("1 second") })]
      const supervisor = yield* Scope.provide(
        Supervisor.make({ strategy: "restForOne", children, intensity: patient }),
        scope
      )
      const crashing = yield* Effect.forkChild(Effect.andThen(crash("b"), crash("c")))
      yield* Scope.close(scope, Exit.void)
      assert.deepEqual(running(), [])
      yield* Fiber.join(crashing)
      yield* supervisor.join
      yield* Effect.sleep("1 minute")
      assert.deepEqual(running(), [])
    }),
    { schedules: 2000 }
  )

  it.explore(
    "a back-off that is called off, by a stop or by the end, leaves no timer",
    Effect.gen(function* () {
      const { child, crash } = yield* cast
      const scope = yield* Scope.make()
      const backoff = Schedule.spaced("1 hour")
      const children = [child("a", { backoff }), child("b", { backoff }), child("c")]
      const supervisor = yield* Scope.provide(Supervisor.make({ children, intensity: patient }), scope)
      yield* together([crash("a"), crash("b"), Effect.ignore(supervisor.terminateChild("a"))])
      yield* Effect.ignore(supervisor.terminateChild("nobody"))
      yield* Scope.close(scope, Exit.void)
    }),
    { schedules: 1000 }
  )

  it.explore(
    "a child that is added while the supervisor stops is stopped, or never starts; its caller is told",
    Effect.gen(function* () {
      const { child, running } = yield* cast
      const scope = yield* Scope.make()
      const supervisor = yield* Scope.provide(Supervisor.make({ children: [child("a")] }), scope)
      const adding = yield* Effect.forkChild(Effect.exit(supervisor.startChild(child("b"))))
      const removing = yield* Effect.forkChild(Effect.exit(supervisor.terminateChild("a")))
      yield* Scope.close(scope, Exit.void)
      assert.deepEqual(running(), [])
      for (const exit of [yield* Fiber.join(adding), yield* Fiber.join(removing)].map(String)) {
        assert.ok(exit.startsWith("Success") || exit.includes("SupervisorStopped"), exit)
      }
    }),
    { schedules: 2000 }
  )

  it.explore(
    "a caller that is interrupted anywhere leaves a child that runs and is known, or none",
    Effect.gen(function* () {
      const { child, running } = yield* cast
      const supervisor = yield* Supervisor.make({})
      yield* Effect.exit(Explore.interrupted(supervisor.startChild(child("a"))))
      const known = yield* supervisor.whichChildren
      assert.deepEqual(
        known.map(({ id, status }) => [id, status]),
        running().map((id) => [id, "running"])
      )
      yield* Effect.exit(Explore.interrupted(supervisor.terminateChild("a")))
      yield* Effect.ignore(supervisor.terminateChild("a"))
      assert.deepEqual(running(), [])
      yield* Effect.exit(Explore.interrupted(Effect.ignore(supervisor.restartChild("a"))))
      yield* Effect.ignore(supervisor.terminateChild("a"))
      assert.deepEqual(running(), [])
    }),
    { schedules: 2000 }
  )

  it.explore(
    "making one that is interrupted anywhere leaves nothing running",
    Effect.gen(function* () {
      const { child, running } = yield* cast
      const scope = yield* Scope.make()
      const making = Scope.provide(Supervisor.make({ children: [child("a"), child("b")] }), scope)
      yield* Effect.exit(Explore.interrupted(making))
      yield* Scope.close(scope, Exit.void)
      assert.deepEqual(running(), [])
    }),
    { schedules: 2000 }
  )

  it.explore(
    "a child that is terminated while it crashes stays down; its crash is heard at most once",
    Effect.gen(function* () {
      const { child, crash, running } = yield* cast
      const supervisor = yield* Supervisor.make({ children: [child("a")], intensity: patient })
      yield* together([crash("a"), Effect.ignore(supervisor.terminateChild("a"))])
      const [only] = yield* supervisor.whichChildren
      assert.equal(only?.status, "stopped")
      assert.ok(only.restarts <= 1)
      assert.deepEqual(running(), [])
    }),
    { schedules: 2000 }
  )

  it.explore(
    "whoever ends it first, join tells the same to all, and nothing runs then",
    Effect.gen(function* () {
      const { child, crash, running } = yield* cast
      const supervisor = yield* Supervisor.make({
        children: [child("a"), child("b")],
        intensity: { restarts: 0, within: "1 second" }
      })
      const joining = yield* Effect.forkChild(
        together(
          [1, 2].map(() => Effect.map(Effect.exit(supervisor.join), (exit) => [exit, running().length] as const))
        )
      )
      yield* together([crash("a"), crash("b"), supervisor.shutdown])
      const [first, second] = yield* Fiber.join(joining)
      assert.deepEqual(first, second)
      assert.equal(first?.[1], 0)
    }),
    { schedules: 2000 }
  )
})
