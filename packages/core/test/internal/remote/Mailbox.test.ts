import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { type Lease, Mailbox } from "../../../src/internal/remote/Mailbox.ts"

const forever = Number.POSITIVE_INFINITY

const Step = Schema.Struct({
  act: Schema.Literals(["put", "take", "take slowly", "interrupt a put", "interrupt a take", "finish a slow take"]),
  pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))
})

const Run = Schema.Struct({
  capacity: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 })),
  steps: Schema.Array(Step)
})

/** Runs the steps on a mailbox, then ends and drains it. Puts are numbered in the order in which they are made. */
const run = Effect.fnUntraced(function* ({ capacity, steps }: typeof Run.Type, options: { readonly slow: boolean }) {
  const mailbox = new Mailbox<number, "end">(capacity)
  const start = <A>(effect: Effect.Effect<A, "end">) => Effect.forkChild(effect, { startImmediately: true })
  const puts: Array<{ value: number; fiber: Fiber.Fiber<boolean, "end"> }> = []
  const takes: Array<Fiber.Fiber<unknown, "end">> = []
  const gates: Array<Deferred.Deferred<void>> = []
  const taken: Array<number> = []
  const record = (item: Option.Option<number>) => Effect.sync(() => taken.push(Option.getOrThrow(item)))

  for (const { act, pick } of steps) {
    if (act === "put") puts.push({ value: puts.length, fiber: yield* start(mailbox.put(puts.length, forever)) })
    else if (act === "take") takes.push(yield* start(mailbox.take(forever, record)))
    else if (act === "take slowly" && options.slow) {
      const gate = yield* Deferred.make<void>()
      gates.push(gate)
      takes.push(
        yield* start(
          mailbox.take(forever, (item) => Effect.andThen(Deferred.await(gate), Effect.uninterruptible(record(item))))
        )
      )
    } else if (act === "interrupt a put" && puts.length > 0) yield* Fiber.interrupt(puts[pick % puts.length]!.fiber)
    else if (act === "interrupt a take" && takes.length > 0) yield* Fiber.interrupt(takes[pick % takes.length]!)
    else if (act === "finish a slow take" && gates.length > 0)
      yield* Deferred.succeed(gates[pick % gates.length]!, undefined)
    const size = yield* mailbox.size
    assert.isAtMost(size, capacity)
  }

  mailbox.finish("end")
  yield* Effect.forEach(gates, (gate) => Deferred.succeed(gate, undefined))
  yield* Effect.forever(mailbox.take(forever, record)).pipe(Effect.ignore)
  yield* Effect.forEach(takes, Fiber.await)
  const accepted: Array<number> = []
  for (const { value, fiber } of puts) if (Exit.isSuccess(yield* Fiber.await(fiber))) accepted.push(value)
  return { accepted, taken, waiting: mailbox.waiting }
})

describe("Mailbox", () => {
  it.effect.prop("whatever is interrupted, what was accepted is taken once, first in, first out", [Run], ([steps]) =>
    Effect.gen(function* () {
      const { accepted, taken, waiting } = yield* run(steps, { slow: false })
      assert.deepStrictEqual(taken, accepted)
      assert.strictEqual(waiting, 0)
    })
  )

  it.effect.prop("a take that is interrupted while it is being delivered loses nothing", [Run], ([steps]) =>
    Effect.gen(function* () {
      const { accepted, taken, waiting } = yield* run(steps, { slow: true })
      assert.sameMembers(taken, accepted)
      assert.strictEqual(taken.length, accepted.length)
      assert.strictEqual(waiting, 0)
    })
  )

  const filled = Effect.gen(function* () {
    const mailbox = new Mailbox<string, "end">(3)
    for (const item of ["a", "b", "c"]) yield* mailbox.put(item, 0)
    const leases: Array<Lease<string>> = []
    for (let i = 0; i < 2; i++) yield* mailbox.lease(0, (lease) => leases.push(lease))
    return { mailbox, leases }
  })
  const take = (mailbox: Mailbox<string, "end">, patience = 0) => mailbox.take(patience, Effect.fromOption)

  it.effect("leases that are given back, in any order, are taken in the order of puts", () =>
    Effect.gen(function* () {
      const { mailbox, leases } = yield* filled
      mailbox.giveBack(leases[1]!)
      mailbox.giveBack(leases[0]!)
      assert.deepStrictEqual([yield* take(mailbox), yield* take(mailbox), yield* take(mailbox)], ["a", "b", "c"])
    })
  )

  it.effect("a lease keeps its place: there is no room until the commit", () =>
    Effect.gen(function* () {
      const { mailbox, leases } = yield* filled
      assert.isFalse(yield* mailbox.put("d", 0))
      mailbox.commit(leases[0]!)
      mailbox.commit(leases[0]!)
      assert.isTrue(yield* mailbox.put("d", 0))
      assert.isFalse(yield* mailbox.put("e", 0))
    })
  )

  it.effect("a mailbox that ends is drained only when no lease can come back", () =>
    Effect.gen(function* () {
      const { mailbox, leases } = yield* filled
      mailbox.finish("end")
      assert.strictEqual(yield* take(mailbox), "c")
      const first = yield* Effect.forkChild(take(mailbox, forever), { startImmediately: true })
      const second = yield* Effect.forkChild(Effect.flip(take(mailbox, forever)), { startImmediately: true })
      mailbox.giveBack(leases[0]!)
      assert.strictEqual(yield* Fiber.join(first), "a")
      assert.isUndefined(second.pollUnsafe())
      mailbox.commit(leases[1]!)
      assert.strictEqual(yield* Fiber.join(second), "end")
    })
  )

  it.effect("patience is measured from the call, and a waiter that leaves is forgotten", () =>
    Effect.gen(function* () {
      const mailbox = new Mailbox<string, "end">(1)
      const taker = yield* Effect.forkChild(Effect.option(take(mailbox, 100)), { startImmediately: true })
      yield* TestClock.adjust(99)
      assert.strictEqual(mailbox.waiting, 1)
      yield* TestClock.adjust(1)
      assert.isTrue(Option.isNone(yield* Fiber.join(taker)))
      assert.strictEqual(mailbox.waiting, 0)
    })
  )
})
