/** What holds of a scope under every schedule that was looked at: above all, that nothing runs when it has ended. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Joiner from "../../src/Joiner.ts"
import * as Limiter from "../../src/Limiter.ts"
import * as TaskScope from "../../src/TaskScope.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"

const it = withExplore(base)

const strategies = [Explore.random, Explore.pct({ depth: 3 }), Explore.exhaustive({ preemptions: 2 })]

/** Children that count themselves as running from their first step to the end of their finalizer. */
const counted = Effect.sync(() => {
  let running = 0
  const child = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        running++
      }),
      () => effect,
      () =>
        Effect.andThen(
          Effect.yieldNow,
          Effect.sync(() => {
            running--
          })
        )
    )
  return { child, running: () => running }
})

const reasonsOf = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? exit.cause.reasons : [])
const turn = Effect.yieldNow

describe("TaskScope, explored", () => {
  for (const strategy of strategies) {
    it.explore(
      `all: nothing runs after a failure, whenever it comes: ${strategy.name}`,
      Effect.gen(function* () {
        const { child, running } = yield* counted
        const exit = yield* Effect.exit(
          TaskScope.run(Joiner.all<void, string>(), (scope) =>
            Effect.gen(function* () {
              yield* scope.fork(child(Effect.never))
              yield* scope.fork(child(Effect.andThen(turn, Effect.fail("failed"))))
              yield* child(turn)
              yield* scope.fork(child(turn))
            })
          )
        )
        assert.equal(running(), 0)
        assert.deepEqual(
          reasonsOf(exit).map((reason) => Cause.isFailReason(reason) && reason.error),
          ["failed"]
        )
      }),
      { strategy, schedules: 2000 }
    )

    it.explore(
      `first: the losers have stopped when the winner is told: ${strategy.name}`,
      Effect.gen(function* () {
        const { child, running } = yield* counted
        const winner = yield* TaskScope.join(
          [child(Effect.as(turn, "a")), child(Effect.as(turn, "b")), child(Effect.fail("c"))],
          Joiner.first()
        )
        assert.equal(running(), 0)
        assert.ok(winner === "a" || winner === "b")
      }),
      { strategy, schedules: 2000 }
    )
  }

  it.explore(
    "an interrupt anywhere leaves nothing running, and is the only reason",
    Effect.gen(function* () {
      const { child, running } = yield* counted
      const scope = TaskScope.run(Joiner.all<void, never>(), (scope) =>
        Effect.gen(function* () {
          const one = yield* scope.fork(child(turn))
          yield* scope.fork(child(Effect.orDie(TaskScope.join([child(turn), child(Effect.never)], Joiner.first()))))
          yield* one.join
          yield* scope.join
        })
      )
      const exit = yield* Explore.interrupted(scope)
      assert.equal(running(), 0)
      assert.ok(reasonsOf(exit).every(Cause.isInterruptReason), String(exit))
    }),
    { schedules: 3000 }
  )

  it.effect("an interrupt at each step of a nested program, in all orders with two preemptions", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const { child, running } = yield* counted
        const inner = Effect.orDie(TaskScope.join([child(turn), child(Effect.never)], Joiner.first()))
        yield* Effect.onExit(TaskScope.join([inner, child(turn)], Joiner.all()), () =>
          Effect.sync(() => assert.equal(running(), 0))
        )
      })
      yield* Explore.interrupts(program, { schedules: 3000 })
    })
  )

  it.explore(
    "a permit is lost neither to an interrupt of a fork, nor of the scope, nor of a child",
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      const { child, running } = yield* counted
      const scope = TaskScope.run(
        Joiner.discard(),
        (scope) =>
          Effect.gen(function* () {
            const one = yield* scope.fork(child(turn))
            yield* scope.fork(child(turn))
            yield* one.interrupt
          }),
        { limiter }
      )
      yield* Effect.all([Explore.interrupted(scope), scope], { concurrency: "unbounded" })
      assert.equal(running(), 0)
      assert.equal(yield* limiter.available, 1)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "a child that fails as the time runs out, and as the body ends, is heard once or is too late",
    Effect.gen(function* () {
      const { child, running } = yield* counted
      const exit = yield* Effect.exit(
        TaskScope.run(
          Joiner.all<void, string>(),
          (scope) =>
            Effect.andThen(
              scope.fork(child(Effect.andThen(Effect.sleep("1 second"), Effect.fail("failed")))),
              Effect.sleep("1 second")
            ),
          { timeout: "1 second" }
        )
      )
      assert.equal(running(), 0)
      const reasons = reasonsOf(exit)
      assert.equal(reasons.length, 1, String(exit))
      assert.ok(Cause.isFailReason(reasons[0]!))
    }),
    { schedules: 3000 }
  )

  it.explore(
    "of nested deadlines at the same time the outer one is heard, and no other",
    Effect.gen(function* () {
      const inner = TaskScope.join([Effect.never], Joiner.all(), { name: "inner", timeout: "1 second" })
      const later = Effect.delay(inner, "1 second")
      const exit = yield* Effect.exit(TaskScope.join([later], Joiner.all(), { name: "outer", timeout: "2 seconds" }))
      const heard = reasonsOf(exit).map((reason) => Cause.isFailReason(reason) && reason.error)
      assert.deepEqual(
        heard.map((error) => error instanceof TaskScope.ScopeTimeout && error.scope),
        ["outer"],
        String(exit)
      )
    }),
    { schedules: 2000 }
  )

  it.explore(
    "a shield that is interrupted anywhere has done its work or has stopped it",
    Effect.gen(function* () {
      const { child, running } = yield* counted
      let done = 0
      const work = child(
        Effect.andThen(
          turn,
          Effect.sync(() => done++)
        )
      )
      yield* Explore.interrupted(TaskScope.shield(work, { atMost: "1 second" }))
      assert.equal(running(), 0)
      yield* Explore.interrupted(
        TaskScope.shield(child(Effect.never), { atMost: "1 second" }).pipe(Effect.timeoutOption("5 seconds"))
      )
      assert.equal(running(), 0)
      assert.ok(done <= 1)
    }),
    { schedules: 2000 }
  )

  it.explore(
    "cancel, and a child that forks at that time, leave nothing running",
    Effect.gen(function* () {
      const { child, running } = yield* counted
      yield* TaskScope.run(Joiner.discard(), (scope) =>
        Effect.gen(function* () {
          yield* scope.fork(child(Effect.andThen(turn, scope.fork(child(Effect.never)))))
          yield* turn
          yield* scope.cancel
          assert.equal(running(), 0)
        })
      )
    }),
    { schedules: 2000 }
  )
})
