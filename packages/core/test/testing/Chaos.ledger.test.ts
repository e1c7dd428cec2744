/** Books that balance, or say why not. */
import { assert, describe, it } from "@effect/vitest"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { ObservedCall } from "../../src/internal/dispatch/Call.ts"
import { probedPool, probeOf, registerProbed } from "../../src/internal/dispatch/CallProbe.ts"
import * as places from "../fixtures/places.ts"
import { sum, type TaskPool, wrapped } from "../support/chaos.ts"

describe("the ledger", () => {
  /** As a fault sees it: what goes with which tag is the group's business. */
  type Run = (tag: string, payload: unknown, options?: object) => Effect.Effect<unknown, unknown>

  /** A fiber pool with a fault of its own. */
  const broken = (run: (inner: Run) => Run) =>
    Effect.map(places.fiber.make(), ({ pool: inner }): TaskPool => {
      const pool = { ...inner, run: run(inner.run as unknown as Run) as unknown as TaskPool["run"] }
      return registerProbed(pool, probedPool(inner) ?? { window: 1, heapLimit: undefined })
    })

  it.effect("a pool that drops a task is caught: which, and what had struck it", () =>
    Effect.gen(function* () {
      const inner = yield* broken((run) => (tag, payload, options) => {
        const { a } = payload as { readonly a: number }
        const answer = run(tag, payload, options)
        return a === 4 ? Effect.never : answer
      })
      const slow = Chaos.at(4, Chaos.slow({ start: 0 }))
      const { ledger, pool } = yield* Chaos.wrap(inner, Chaos.plan([slow]))
      yield* Effect.forEach([1, 2, 4], (a) =>
        Effect.forkChild(pool.run("Add", { a, b: 0 }), { startImmediately: true })
      )
      yield* pool.run("Add", { a: 5, b: 0 })
      const unbalanced = yield* Effect.flip(ledger.check)
      assert.instanceOf(unbalanced, Chaos.LedgerUnbalanced)
      assert.deepEqual(unbalanced.lost, [{ task: 3, tag: "Add" }])
      assert.deepEqual(
        (yield* ledger.lost).map(({ task }) => task),
        [3]
      )
      assert.include(unbalanced.message, '1 task is lost: 3 "Add"')
      assert.include(unbalanced.message, 'Chaos.parse("4:slow(0,0)")')
    })
  )

  it.effect("a program that waits for a lost task is ended, and the loss named", () =>
    Effect.gen(function* () {
      const inner = yield* broken(() => () => Effect.never)
      const { ledger, pool } = yield* Chaos.wrap(inner, Chaos.plan([]))
      const guarded = yield* Effect.forkChild(ledger.guard(pool.run("Add", sum)))
      yield* TestClock.adjust("2 seconds")
      const unbalanced = yield* Effect.flip(Fiber.join(guarded))
      assert.instanceOf(unbalanced, Chaos.LedgerUnbalanced)
      assert.deepEqual(unbalanced.lost, [{ task: 1, tag: "Add" }])
    })
  )

  it.effect("a program that takes its time is left alone, and checked at its end", () =>
    Effect.gen(function* () {
      const { ledger, pool } = yield* wrapped(places.fiber, [Chaos.at(1, Chaos.slow({ start: "1 hour" }))])
      const guarded = yield* Effect.forkChild(ledger.guard(pool.run("Add", sum)))
      yield* TestClock.adjust("1 hour")
      assert.equal(yield* Fiber.join(guarded), 42)
      const early = ledger.guard(Effect.forkChild(pool.run("Wait", { label: "x" }), { startImmediately: true }))
      assert.instanceOf(yield* Effect.flip(early), Chaos.LedgerUnbalanced)
    })
  )

  it.effect("a pool that settles a task twice is caught", () =>
    Effect.gen(function* () {
      const inner = yield* broken(
        (run) => (tag, payload, options) =>
          Effect.tap(run(tag, payload, options), () => Effect.sync(() => probeOf(options)?.onOutcome("replied")))
      )
      const { ledger, pool } = yield* Chaos.wrap(inner, Chaos.plan([]))
      yield* pool.run("Add", sum)
      const unbalanced = yield* Effect.flip(ledger.check)
      assert.deepEqual([unbalanced.lost, unbalanced.repeated], [[], [{ task: 1, tag: "Add" }]])
      assert.include(unbalanced.message, "settled more than once")
    })
  )

  it("a call tells its probe of each outcome, also of one too many", () => {
    const heard: Array<string> = []
    const probe = { onStart: () => {}, onOutcome: (kind: string) => void heard.push(kind), around: () => Effect.void }
    let outcomes = 0
    const call = new ObservedCall("Add", sum, () => outcomes++, { probe })
    const exit = { kind: "success", value: 42 } as const
    call.settle({ kind: "replied", exit })
    call.settle({ kind: "replied", exit })
    assert.deepEqual([heard, outcomes], [["replied", "replied"], 1])
  })

  it.live("an answer that comes after the caller has left is not a second one", () =>
    Effect.gen(function* () {
      const { heard, ledger, pool } = yield* wrapped(places.thread, [])
      const waiting = yield* Effect.forkChild(pool.run("Wait", { label: "x" }))
      yield* heard("started x")
      yield* Fiber.interrupt(waiting)
      assert.equal((yield* ledger.check).outcomes.interrupted, 1)
    })
  )

  it.live("a task that still runs is not settled, and not lost", () =>
    Effect.gen(function* () {
      const { heard, ledger, pool } = yield* wrapped(places.thread, [])
      const waiting = yield* Effect.forkChild(pool.run("Wait", { label: "x" }))
      yield* heard("started x")
      assert.deepEqual(yield* ledger.lost, [])
      const early = yield* Effect.flip(ledger.check)
      assert.deepEqual([early.lost, early.unfinished], [[], [{ task: 1, tag: "Wait" }]])
      yield* Fiber.interrupt(waiting)
      yield* ledger.check
    })
  )

  it.effect("counts a retry as a task of its own, and says of which", () =>
    Effect.gen(function* () {
      const { ledger, pool } = yield* wrapped(places.fiber, [Chaos.at(1, Chaos.fail()), Chaos.at(2, Chaos.fail())])
      const add = Effect.catchDefect(pool.run("Add", sum), Effect.fail)
      assert.equal(yield* Effect.retry(add, { times: 2 }), 42)
      const { accepted, entries, retried } = yield* ledger.check
      assert.deepEqual([accepted, retried], [3, 2])
      assert.deepEqual(
        entries.map(({ outcome, retryOf }) => [outcome, retryOf]),
        [
          ["died", undefined],
          ["died", 1],
          ["succeeded", 2]
        ]
      )
    })
  )

  it.effect("numbers the tasks of a map in the order of their payloads", () =>
    Effect.gen(function* () {
      const { ledger, pool } = yield* wrapped(places.fiber, [Chaos.at(3, Chaos.slow({ answer: 0 }))], { size: 2 })
      const payloads = Array.from({ length: 20 }, (_, a) => ({ a, b: 0 }))
      assert.deepEqual(
        yield* pool.map("Add", payloads),
        payloads.map(({ a }) => a)
      )
      const { accepted, struck } = yield* ledger.check
      assert.deepEqual([accepted, Chaos.format(struck)], [20, "3:slow(0,0)"])
    })
  )
})
