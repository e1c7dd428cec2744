/** What holds of a pool of fibers under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as FiberPool from "../../src/FiberPool.ts"
import { PoolClosed } from "../../src/Pool.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { together } from "../support/explored.ts"

const it = withExplore(base)

class Tasks extends RpcGroup.make(
  Rpc.make("Double", { payload: { n: Schema.Number }, success: Schema.Number }),
  Rpc.make("Wait")
) {}

/** A pool whose tasks are counted while they run. */
const countedPool = (size: number) =>
  Effect.gen(function* () {
    const running = { now: 0 }
    yield* Explore.invariant(`at most ${size} at a time`, () => running.now <= size)
    const counted = <A>(task: Effect.Effect<A>) =>
      Effect.acquireUseRelease(
        Effect.sync(() => running.now++),
        () => task,
        () => Effect.sync(() => running.now--)
      )
    const handlers = Tasks.toLayer({
      Double: ({ n }) => counted(Effect.as(Effect.yieldNow, 2 * n)),
      Wait: () => counted(Effect.never)
    })
    const pool = yield* Effect.provideContext(FiberPool.make(Tasks, { size }), yield* Layer.build(handlers))
    return { pool, running }
  })

describe("FiberPool, explored", () => {
  for (const strategy of [Explore.random, Explore.pct({ depth: 3 })]) {
    it.explore(
      `answers every task, never more at a time than its size: ${strategy.name}`,
      Effect.gen(function* () {
        const { pool } = yield* countedPool(2)
        const doubled = yield* pool.map("Double", [{ n: 1 }, { n: 2 }, { n: 3 }])
        assert.deepEqual(doubled, [2, 4, 6])
        const { completed, queued, running } = yield* pool.stats
        assert.deepEqual([completed, queued, running], [3, 0, 0])
      }),
      { strategy, schedules: 1000 }
    )
  }

  it.explore(
    "a task that is interrupted anywhere has stopped when the interrupt returns, and leaves its place",
    Effect.gen(function* () {
      const { pool, running } = yield* countedPool(1)
      const other = yield* Effect.forkChild(pool.run("Double", { n: 1 }))
      const task = yield* Effect.forkChild(pool.run("Double", { n: 2 }))
      yield* Fiber.interrupt(task)
      assert.equal(yield* Fiber.join(other), 2)
      assert.equal(yield* pool.run("Double", { n: 3 }), 6)
      assert.equal(running.now, 0)
      assert.equal((yield* pool.stats).queued, 0)
    }),
    { schedules: 2000 }
  )

  it.explore(
    "a pool that closes anywhere stops its tasks, and fails their callers with PoolClosed",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { pool, running } = yield* Scope.provide(countedPool(1), scope)
      const callers = yield* Effect.forEach([1, 2], () => Effect.forkChild(pool.run("Wait")))
      yield* Scope.close(scope, Exit.void)
      assert.equal(running.now, 0)
      for (const exit of yield* together(callers.map(Fiber.await))) {
        assert.ok(Exit.isFailure(exit))
        assert.ok(Option.getOrThrow(Exit.findErrorOption(exit)) instanceof PoolClosed)
      }
    }),
    { schedules: 2000 }
  )
})
