/** What scopes leave behind, and what they don't. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as BoundedSemaphore from "../../../src/BoundedSemaphore.ts"
import * as Joiner from "../../../src/Joiner.ts"
import * as Limiter from "../../../src/Limiter.ts"
import * as Mutex from "../../../src/Mutex.ts"
import * as TaskScope from "../../../src/TaskScope.ts"
import { failuresOf } from "../../support/scopes.ts"

/** The reports of an effect. Of resources those of the machine's own come and go, so that they are looked at by themselves. */
const reportsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const reports: Array<TaskScope.LeakReport> = []
    const listen = (report: TaskScope.LeakReport) =>
      Effect.sync(() => {
        if (report.held.length + report.unjoined.length > 0) reports.push(report)
      })
    yield* Effect.exit(TaskScope.reportLeaks(effect, listen))
    return reports
  })

describe("TaskScope.reportLeaks", () => {
  it.effect("tells which child holds which lock, semaphore or limiter", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make({ name: "accounts" })
      const semaphore = yield* BoundedSemaphore.make(5)
      const children = {
        transfer: mutex.acquire,
        loads: Effect.orDie(semaphore.acquire(2)),
        tries: semaphore.tryAcquire(),
        well: semaphore.withPermit(Effect.void)
      }
      const [report, ...more] = yield* reportsOf(TaskScope.join(children, Joiner.all(), { name: "bank" }))
      assert.deepStrictEqual(more, [])
      assert.deepInclude(report, {
        scope: "bank",
        unjoined: [],
        held: [
          { member: "transfer", what: "the lock accounts", permits: 1 },
          { member: "loads", what: "a semaphore of 5", permits: 2 },
          { member: "tries", what: "a semaphore of 5", permits: 1 }
        ]
      })
      assert.match(
        TaskScope.formatLeaks(report!),
        /The scope "bank" left behind:\n {2}"transfer" has not given back the lock/
      )
    })
  )

  it.effect("what is given back, by its scope or by another child, is not held", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      const limiter = yield* Limiter.make({ permits: 1 })
      const semaphore = yield* BoundedSemaphore.make(3)
      const scope = TaskScope.run(Joiner.all<unknown, unknown>(), (scope) =>
        Effect.gen(function* () {
          yield* mutex.acquireScoped
          yield* scope.fork(limiter.acquireScoped)
          const taken = yield* Deferred.make<void>()
          yield* scope.fork(Effect.andThen(semaphore.acquire(2), Deferred.succeed(taken, undefined)), { name: "buys" })
          yield* scope.fork(Effect.andThen(Deferred.await(taken), semaphore.release()), { name: "refills" })
          yield* scope.join
        })
      )
      const [report] = yield* reportsOf(scope)
      assert.deepStrictEqual(report?.held, [{ member: "buys", what: "a semaphore of 3", permits: 1 }])
      yield* semaphore.release()
      assert.deepStrictEqual(yield* reportsOf(TaskScope.join([semaphore.withPermit(Effect.void)], Joiner.all())), [])
    })
  )

  it.effect("names the children that nobody joined, and only those that still ran", () =>
    Effect.gen(function* () {
      const scope = (joins: boolean) =>
        TaskScope.run(Joiner.all<unknown, never>(), (scope) =>
          Effect.gen(function* () {
            yield* scope.fork(Effect.void, { name: "ended" })
            const asked = yield* scope.fork(Effect.yieldNow, { name: "asked" })
            yield* asked.join
            yield* scope.fork(Effect.yieldNow, { name: "forgotten" })
            if (joins) yield* scope.join
          })
        )
      assert.deepStrictEqual(
        (yield* reportsOf(scope(false))).map(({ unjoined }) => unjoined),
        [["forgotten"]]
      )
      assert.deepStrictEqual(yield* reportsOf(scope(true)), [])
    })
  )

  it.effect("tells what keeps the program alive and came in an outermost scope", () =>
    Effect.gen(function* () {
      const seen: Array<TaskScope.LeakReport> = []
      const timers: Array<NodeJS.Timeout> = []
      const leaves = Effect.sync(() =>
        timers.push(
          setInterval(() => undefined, 1e6),
          setInterval(() => undefined, 1e6)
        )
      )
      const nested = TaskScope.join([leaves], Joiner.all(), { name: "inner" })
      const program = TaskScope.join([nested], Joiner.all(), { name: "outer" })
      yield* TaskScope.reportLeaks(program, (report) => Effect.sync(() => seen.push(report)))
      for (const timer of timers) clearInterval(timer)
      assert.deepStrictEqual(
        seen.map(({ scope }) => scope),
        ["outer"]
      )
      assert.isAtLeast(seen[0]!.resources.find(({ kind }) => kind === "Timeout")?.count ?? 0, 2)
      assert.match(TaskScope.formatLeaks(seen[0]!), /× Timeout came while it was open, and keeps the program alive/)
    })
  )

  it.effect("is told after the outcome, which it does not change", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      const fails = TaskScope.join([Effect.andThen(mutex.acquire, Effect.fail("failed"))], Joiner.all())
      const order: Array<string> = []
      const whole = Effect.ensuring(
        fails,
        Effect.sync(() => order.push("ended"))
      )
      const exit = yield* Effect.exit(TaskScope.reportLeaks(whole, () => Effect.sync(() => order.push("told"))))
      assert.deepStrictEqual(exit, Exit.fail("failed"))
      assert.deepStrictEqual(order, ["told", "ended"])
    })
  )

  it.effect("a listener that dies is heard beside the outcome", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make()
      const fails = TaskScope.join([Effect.andThen(mutex.acquire, Effect.fail("failed"))], Joiner.all())
      const exit = yield* Effect.exit(TaskScope.reportLeaks(fails, () => Effect.die("listener")))
      assert.deepStrictEqual(failuresOf(exit), ["failed", "listener"])
    })
  )
})
