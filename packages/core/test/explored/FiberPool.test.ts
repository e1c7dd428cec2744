/** What holds of a pool of fibers under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as FiberPool from "../../src/FiberPool.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"

const it = withExplore(base)

class Sums extends RpcGroup.make(Rpc.make("Double", { payload: { n: Schema.Number }, success: Schema.Number })) {}

/** In each run anew: how many tasks run at this moment. */
const handlers = (running: { count: number }) =>
  Sums.toLayer({
    Double: ({ n }) =>
      Effect.acquireUseRelease(
        Effect.sync(() => running.count++),
        () => Effect.as(Effect.yieldNow, n * 2),
        () => Effect.sync(() => running.count--)
      )
  })

const together = <A, E, R>(effects: Iterable<Effect.Effect<A, E, R>>) =>
  Effect.all(effects, { concurrency: "unbounded" })

const running = { count: 0 }
const layers = handlers(running)

describe("FiberPool, explored", () => {
  for (const strategy of [Explore.random, Explore.pct({ depth: 3 })]) {
    it.explore(
      `runs no more tasks at once than it has fibers, and each once: ${strategy.name}`,
      Effect.gen(function* () {
        running.count = 0
        yield* Explore.invariant("two at a time", () => running.count <= 2)
        const pool = yield* FiberPool.make(Sums, { size: 2 })
        const results = yield* together([1, 2, 3].map((n) => pool.run("Double", { n })))
        assert.deepEqual(results, [2, 4, 6])
        assert.equal((yield* pool.stats).completed, 3)
      }),
      { layers, strategy, schedules: 1000 }
    )
  }

  it.explore(
    "serves the others when one was interrupted anywhere",
    Effect.gen(function* () {
      running.count = 0
      const pool = yield* FiberPool.make(Sums, { size: 1 })
      const first = Explore.interrupted(pool.run("Double", { n: 1 }))
      yield* Effect.all([first, pool.run("Double", { n: 2 })], { concurrency: "unbounded" })
      assert.equal(yield* pool.run("Double", { n: 3 }), 6)
      const { queued, running: left } = yield* pool.stats
      assert.deepEqual({ queued, left }, { queued: 0, left: 0 })
    }),
    { layers, schedules: 1000 }
  )

  it.explore(
    "that is closed settles every task, and leaves none running",
    Effect.gen(function* () {
      running.count = 0
      const scope = yield* Scope.make()
      const pool = yield* Scope.provide(FiberPool.make(Sums, { size: 1 }), scope)
      yield* together([
        Effect.exit(pool.run("Double", { n: 1 })),
        Effect.exit(pool.run("Double", { n: 2 })),
        Scope.close(scope, Exit.void)
      ])
      assert.equal(running.count, 0)
    }),
    { layers, schedules: 1000 }
  )
})
