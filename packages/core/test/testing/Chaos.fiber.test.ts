/** Chaos on fibers, and as a layer. */
import { assert, describe, it } from "@effect/vitest"
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pool from "@ropewalk/core/Pool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { handlers } from "../fixtures/handlers.ts"
import * as places from "../fixtures/places.ts"
import { Tasks } from "../fixtures/tasks.ts"
import { defectOf, sum, sums, wrapped } from "../support/chaos.ts"
import { reasonOf } from "../support/exits.ts"

describe("fiber", () => {
  it.effect("slow follows Effect's clock, and keeps the task's place", () =>
    Effect.gen(function* () {
      const strikes = [Chaos.at(1, Chaos.slow({ start: "1 hour", answer: "2 hours" }))]
      const { inner, ledger, pool } = yield* wrapped(places.fiber, strikes, { size: 1 })
      const slow = yield* Effect.forkChild(pool.run("Add", sum), { startImmediately: true })
      const next = yield* Effect.forkChild(pool.run("Add", sum), { startImmediately: true })
      yield* TestClock.adjust("179 minutes")
      assert.deepEqual([slow.pollUnsafe(), (yield* inner.stats).queued], [undefined, 1])
      yield* TestClock.adjust("1 minute")
      assert.deepEqual([yield* Fiber.join(slow), yield* Fiber.join(next)], [42, 42])
      yield* ledger.check
    })
  )

  it.effect("fail: the task dies typed", () =>
    Effect.gen(function* () {
      const { ledger, pool } = yield* wrapped(places.fiber, [Chaos.at(1, Chaos.fail())])
      const [first, second] = yield* sums(pool, 2)
      assert.instanceOf(defectOf(first as Exit.Exit<unknown, unknown>), Chaos.InjectedFailure)
      assert.deepEqual(second, Exit.succeed(42))
      assert.equal(Chaos.format((yield* ledger.check).struck), "1:fail")
    })
  )

  for (const fault of [Chaos.kill(), Chaos.stop(1), Chaos.memory(), Chaos.exit(0)]) {
    it.effect(`${fault.kind} is refused when the pool is wrapped`, () =>
      Effect.gen(function* () {
        const { pool } = yield* places.fiber.make()
        for (const plan of [Chaos.plan([Chaos.at(9, fault)]), Chaos.random({ seed: 1, rate: 0, faults: [fault] })]) {
          const refused = yield* Effect.flip(Chaos.wrap(pool, plan))
          assert.instanceOf(refused, Chaos.ChaosUnsupported)
          assert.deepEqual([refused.place, refused.fault.split("(")[0]], ["fiber", fault.kind])
        }
      })
    )
  }

  it.effect("after the scope of the wrap nothing is struck", () =>
    Effect.gen(function* () {
      const { pool: inner } = yield* places.fiber.make()
      const plan = Chaos.random({ seed: 1, rate: 1, faults: [Chaos.fail()] })
      const { pool } = yield* Effect.scoped(Chaos.wrap(inner, plan))
      assert.equal(yield* pool.run("Add", sum), 42)
    })
  )
})

describe("layer", () => {
  class TaskPoolService extends Pool.Service<TaskPoolService>()("test/TaskPool", Tasks) {}

  const program = Effect.gen(function* () {
    const pool = yield* TaskPoolService
    return yield* Effect.exit(pool.run("Add", sum))
  })

  it.live("gives a wrapped pool to a program that asks for its own", () =>
    Effect.gen(function* () {
      const exit = yield* program
      const ledger = yield* Chaos.Ledger
      assert.instanceOf(reasonOf(exit), Pool.Exited)
      assert.deepEqual(yield* program, Exit.succeed(42))
      assert.equal((yield* ledger.check).accepted, 2)
    }).pipe(
      Effect.provide(
        Chaos.layer(TaskPoolService, Chaos.plan([Chaos.at(1, Chaos.exit(4))])).pipe(
          Layer.provide(ThreadPool.layer(TaskPoolService, { worker: places.worker, size: 1 }))
        )
      )
    )
  )

  it.effect("fails when the pool can't suffer the plan", () =>
    Effect.gen(function* () {
      const pool = FiberPool.layer(TaskPoolService).pipe(Layer.provide(handlers(() => Effect.void)))
      const layer = Chaos.layer(TaskPoolService, Chaos.plan([Chaos.at(1, Chaos.kill())])).pipe(Layer.provide(pool))
      assert.instanceOf(yield* Effect.flip(Effect.provide(program, layer)), Chaos.ChaosUnsupported)
    })
  )

  it.effect("a pool that is wrapped already, or not of this library, is refused by name", () =>
    Effect.gen(function* () {
      const { pool } = yield* wrapped(places.fiber, [])
      const twice = yield* Effect.flip(Chaos.wrap(pool, Chaos.plan([Chaos.at(1, Chaos.fail())])))
      assert.include(twice.message, "wrapped already")
    })
  )
})
