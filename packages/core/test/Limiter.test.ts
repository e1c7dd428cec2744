import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as FiberPool from "../src/FiberPool.ts"
import * as Limiter from "../src/Limiter.ts"
import { settle } from "./support/settle.ts"

const look = (limiter: Limiter.Limiter) =>
  Effect.all({ available: limiter.available, running: limiter.running, waiting: limiter.waiting })

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

/** A body that says when it started, and runs until it is let go. */
const body = Effect.gen(function* () {
  const started: Array<number> = []
  const end = yield* Deferred.make<void>()
  const run = (id: number) =>
    Effect.andThen(
      Effect.sync(() => started.push(id)),
      Deferred.await(end)
    )
  return { started, run, end: Deferred.succeed(end, undefined) }
})

describe("Limiter", () => {
  it.effect("lets as many run as it has permits, and says who runs and who waits", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 2 })
      const { end, run, started } = yield* body
      const fibers = yield* Effect.forEach([0, 1, 2, 3, 4], (id) => start(limiter.withPermit(run(id))))
      assert.deepStrictEqual(yield* look(limiter), { available: 0, running: 2, waiting: 3 })
      assert.deepStrictEqual(started, [0, 1])
      yield* end
      yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(started, [0, 1, 2, 3, 4])
      assert.deepStrictEqual(yield* look(limiter), { available: 2, running: 0, waiting: 0 })
    })
  )

  it.effect("Q70: a cancelled waiter is skipped, and the order of the others kept", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      const { end, run, started } = yield* body
      const fibers = yield* Effect.forEach([0, 1, 2, 3], (id) => start(limiter.withPermit(run(id))))
      yield* Fiber.interrupt(fibers[1]!)
      assert.deepStrictEqual(yield* look(limiter), { available: 0, running: 1, waiting: 2 })
      yield* end
      yield* Effect.forEach([fibers[0]!, fibers[2]!, fibers[3]!], Fiber.join)
      assert.deepStrictEqual(started, [0, 2, 3])
    })
  )

  it.effect("L2: takes the permit back from a body that fails, dies, throws null or is interrupted", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1, limit: 100, per: "1 second" })
      const thrower = Effect.sync(() => {
        throw null
      })
      for (const ends of [Effect.fail("failed"), Effect.die("died"), thrower, Effect.interrupt]) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(limiter.withPermit(ends))))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(limiter.tryWithPermit(ends))))
      }
      const running = yield* start(limiter.withPermit(Effect.never))
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(yield* look(limiter), { available: 1, running: 0, waiting: 0 })
    })
  )

  it.effect("a try does not wait, and does not overtake", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      const { end, run } = yield* body
      assert.deepStrictEqual(yield* limiter.tryWithPermit(Effect.succeed(1)), Option.some(1))
      const holder = yield* start(limiter.withPermit(run(0)))
      assert.deepStrictEqual(yield* limiter.tryWithPermit(Effect.succeed(1)), Option.none())
      const waiter = yield* start(limiter.withPermit(run(1)))
      yield* end
      assert.deepStrictEqual(yield* limiter.tryWithPermit(Effect.succeed(1)), Option.none())
      yield* Effect.forEach([holder, waiter], Fiber.join)
    })
  )

  it.effect("a scope holds a permit until it closes", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      const scope = yield* Scope.make()
      yield* Scope.provide(limiter.acquireScoped, scope)
      assert.strictEqual(yield* limiter.available, 0)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* limiter.available, 1)
    })
  )

  it.effect("is shared by whatever it is put around, as two pools", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      const url = new URL("node:zlib")
      const one = yield* FiberPool.module<typeof import("node:zlib")>(url, { size: 4 })
      const other = yield* FiberPool.module<typeof import("node:zlib")>(url, { size: 4 })
      const seen: Array<number> = []
      const call = (pool: typeof one) =>
        limiter.withPermit(
          Effect.andThen(
            Effect.map(limiter.running, (running) => seen.push(running)),
            pool.crc32("ropewalk")
          )
        )
      yield* Effect.all([one, other, one, other].map(call), { concurrency: "unbounded" })
      assert.deepStrictEqual(seen, [1, 1, 1, 1])
    }).pipe(Effect.scoped)
  )

  const bad = { permits: 1, limit: 1, per: "1 second" } as const
  for (const [option, options] of [
    ["permits", { permits: 0 }],
    ["permits", { permits: 1.5 }],
    ["permits", { permits: Number.NaN }],
    ["permits", { permits: Number.POSITIVE_INFINITY }],
    ["permits", {} as never],
    ["limit", { ...bad, limit: -1 }],
    ["limit", { permits: 1, per: "1 second" } as never],
    ["per", { ...bad, per: 0 }],
    ["per", { ...bad, per: -1 }],
    ["per", { ...bad, per: Number.NaN }],
    ["per", { permits: 1, limit: 1 } as never]
  ] as ReadonlyArray<[string, Limiter.Options]>) {
    it.effect(`refuses ${JSON.stringify(options)} and says that it is about ${option}`, () =>
      Effect.gen(function* () {
        for (const made of [Effect.asVoid(Limiter.make(options)), Effect.asVoid(Limiter.keyed(options))]) {
          const error = yield* Effect.flip(made)
          assert.instanceOf(error, Limiter.InvalidOption)
          assert.strictEqual(error.option, option)
        }
      })
    )
  }
})

/** When each of so many effects started, in milliseconds of the test's clock, which is moved on in steps. */
const startsOf = (
  limiter: Limiter.Limiter,
  arrivals: ReadonlyArray<number>,
  work: Duration.Input,
  until: number
): Effect.Effect<ReadonlyArray<number>> =>
  Effect.gen(function* () {
    const starts: Array<number> = []
    const visit = Effect.andThen(
      Effect.map(Clock.currentTimeMillis, (now) => starts.push(now)),
      Effect.sleep(work)
    )
    const fibers = yield* Effect.forEach(arrivals, (at) =>
      Effect.forkChild(Effect.delay(limiter.withPermit(visit), Duration.millis(at)))
    )
    yield* settle
    for (let now = 0; now < until; now += 10) {
      yield* TestClock.adjust("10 millis")
      yield* settle
    }
    yield* Effect.forEach(fibers, Fiber.join)
    return starts
  })

describe("Limiter with a rate", () => {
  it.effect("lets the limit start at once, and the next ones as these leave the window", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ limit: 2, per: "100 millis" })
      assert.deepStrictEqual(yield* startsOf(limiter, [0, 0, 0, 0, 0], 0, 300), [0, 0, 100, 100, 200])
    })
  )

  it.effect(
    "holds in a stretch that lies over a border, where a window of fixed times lets twice as much through",
    () =>
      Effect.gen(function* () {
        const limiter = yield* Limiter.make({ limit: 2, per: "100 millis" })
        assert.deepStrictEqual(yield* startsOf(limiter, [90, 90, 110, 110], 0, 300), [90, 90, 190, 190])
      })
  )

  it.effect("a start that waits for a permit counts when it starts", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1, limit: 2, per: "100 millis" })
      assert.deepStrictEqual(yield* startsOf(limiter, [0, 0, 0, 0], "90 millis", 500), [0, 90, 180, 270])
    })
  )

  it.effect("an interrupted waiter counts as no start, and the next one has its place", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 2, limit: 1, per: "100 millis" })
      yield* limiter.withPermit(Effect.void)
      const started: Array<number> = []
      const waiters = yield* Effect.forEach([0, 1, 2], (id) =>
        start(limiter.withPermit(Effect.sync(() => started.push(id))))
      )
      assert.deepStrictEqual(yield* look(limiter), { available: 0, running: 0, waiting: 3 })
      assert.deepStrictEqual(yield* limiter.tryWithPermit(Effect.void), Option.none())
      yield* Fiber.interrupt(waiters[0]!)
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(started, [1])
      yield* Fiber.interrupt(waiters[2]!)
      assert.deepStrictEqual(yield* look(limiter), { available: 0, running: 0, waiting: 0 })
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(yield* look(limiter), { available: 1, running: 0, waiting: 0 })
    })
  )

  it.effect("who comes in the moment in which the window opens does not overtake the one who waits for it", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ limit: 1, per: "100 millis" })
      yield* limiter.withPermit(Effect.void)
      const order: Array<string> = []
      const come = (name: string) => limiter.withPermit(Effect.sync(() => order.push(name)))
      // It sleeps until then since before the other one does, and so wakes first.
      const late = yield* start(Effect.delay(come("late"), "100 millis"))
      const early = yield* start(come("early"))
      yield* TestClock.adjust("100 millis")
      yield* settle
      assert.deepStrictEqual(order, ["early"])
      yield* TestClock.adjust("100 millis")
      yield* Effect.forEach([late, early], Fiber.join)
      assert.deepStrictEqual(order, ["early", "late"])
    })
  )

  it.effect.prop(
    "no stretch sees more starts than the limit, none is late, and nobody overtakes",
    {
      arrivals: Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))), {
        minLength: 1,
        maxLength: 12
      }),
      limit: Schema.Literals([1, 2, 3, 5]),
      per: Schema.Literals([10, 50, 70])
    },
    ({ arrivals, limit, per }) =>
      Effect.gen(function* () {
        const began = yield* Clock.currentTimeMillis
        const limiter = yield* Limiter.make({ limit, per })
        const sorted = arrivals.map((tens) => tens * 10).sort((a, b) => a - b)
        const starts = (yield* startsOf(limiter, sorted, 0, 300 + 12 * per)).map((at) => at - began)
        // What has to come of it: each starts when it came, or when the one `limit` before it has left the window.
        const expected: Array<number> = []
        for (const at of sorted) {
          const before = expected[expected.length - limit]
          expected.push(Math.max(at, before === undefined ? at : before + per))
        }
        assert.deepStrictEqual(starts, expected)
      }),
    { arbitrary: { runs: 25 } }
  )
})

describe("Limiter by key", () => {
  it.effect("gives each key limits of its own", () =>
    Effect.gen(function* () {
      const limits = yield* Limiter.keyed<string>({ permits: 1 })
      const { end, run, started } = yield* body
      const use = (key: string, id: number) => start(limits.of(key).withPermit(run(id)))
      const fibers = yield* Effect.all([use("a", 0), use("a", 1), use("b", 2)])
      assert.deepStrictEqual(started, [0, 2])
      assert.deepStrictEqual(yield* look(limits.of("a")), { available: 0, running: 1, waiting: 1 })
      assert.deepStrictEqual(yield* look(limits.of("c")), { available: 1, running: 0, waiting: 0 })
      assert.strictEqual(yield* limits.size, 2)
      yield* end
      yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(yield* limits.size, 0)
    })
  )

  it.effect("keeps a key that only somebody waits for, and forgets one whose waiter was interrupted last", () =>
    Effect.gen(function* () {
      const limits = yield* Limiter.keyed<string>({ permits: 1 })
      const { end, run } = yield* body
      const holder = yield* start(limits.of("a").withPermit(run(0)))
      const waiter = yield* start(limits.of("a").withPermit(Effect.never))
      yield* end
      yield* Fiber.join(holder)
      assert.strictEqual(yield* limits.size, 1)
      yield* Fiber.interrupt(waiter)
      assert.strictEqual(yield* limits.size, 0)
    })
  )

  it.effect("a rate remembers a key as long as its starts count, and no longer", () =>
    Effect.gen(function* () {
      const limits = yield* Limiter.keyed<number>({ limit: 1, per: "100 millis" })
      for (let key = 0; key < 50; key++) yield* limits.of(key).withPermit(Effect.void)
      yield* TestClock.adjust("60 millis")
      yield* limits.of(50).withPermit(Effect.void)
      assert.strictEqual(yield* limits.size, 51)
      assert.strictEqual(yield* limits.of(7).available, 0)
      assert.deepStrictEqual(yield* limits.of(7).tryWithPermit(Effect.void), Option.none())
      yield* TestClock.adjust("40 millis")
      assert.strictEqual(yield* limits.of(7).available, 1)
      // 7 was asked in vain after its start, and was in use until then.
      assert.strictEqual(yield* limits.size, 2)
      yield* TestClock.adjust("60 millis")
      assert.strictEqual(yield* limits.size, 0)
    })
  )
})
