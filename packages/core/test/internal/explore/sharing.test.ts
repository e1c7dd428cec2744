/** What the steps of fibers are seen to share, and what comes of it if they share more than was declared. */
import * as nodeAssert from "node:assert/strict"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as MutableRef from "effect/MutableRef"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Semaphore from "effect/Semaphore"
import * as Explore from "../../../src/testing/Explore.ts"
import { declared, detached, explored, increment, times } from "./reduced.ts"

describe("what is seen", () => {
  const twice = <A>(effect: Effect.Effect<A>) => Effect.all([effect, effect], { concurrency: "unbounded" })

  it.live("the lost update, in a ref or in a variable that is declared", () =>
    Effect.gen(function* () {
      const inRef = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        yield* twice(Effect.flatMap(Ref.get(ref), (n) => Ref.set(ref, n + 1)))
        return yield* Ref.get(ref)
      })
      const inShared = Effect.gen(function* () {
        const counter = Explore.shared({ n: 0 })
        yield* twice(
          Effect.gen(function* () {
            const before = counter.n
            yield* Effect.yieldNow
            counter.n = before + 1
          })
        )
        return counter.n
      })
      const expect = (exit: Exit.Exit<number>) => Exit.isSuccess(exit) && exit.value === 2
      for (const program of [inRef, inShared]) {
        assert.strictEqual((yield* explored(program, { expect })).finding?.kind, "failure")
      }
    })
  )

  it.live("an interrupt, before or after each step of the one that is interrupted", () =>
    Effect.gen(function* () {
      const seen = new Set<number>()
      const report = yield* explored(
        Effect.gen(function* () {
          const ref = yield* Ref.make(0)
          const fiber = yield* Effect.forkChild(times(4, increment(ref)))
          yield* Fiber.interrupt(fiber)
          return yield* Ref.get(ref)
        }),
        { expect: (exit) => void (Exit.isSuccess(exit) && seen.add(exit.value)) }
      )
      assert.isTrue(report.complete)
      assert.deepStrictEqual([...seen].toSorted(), [0, 1, 2, 3, 4])
    })
  )

  it.live("a latch, of which nobody knows who touches it: its steps touch everything", () =>
    Effect.gen(function* () {
      const seen = new Set<string>()
      yield* explored(
        Effect.gen(function* () {
          const latch = yield* Latch.make(true)
          yield* Effect.all([latch.open, latch.close], { concurrency: "unbounded" })
          return latch.isOpen() ? "open" : "closed"
        }),
        { expect: (exit) => void (Exit.isSuccess(exit) && seen.add(exit.value)) }
      )
      assert.deepStrictEqual([...seen].toSorted(), ["closed", "open"])
    })
  )

  it.live("methods of a map, fields that come and go, and who made what", () =>
    Effect.gen(function* () {
      const ends = (program: Effect.Effect<string>) =>
        Effect.gen(function* () {
          const seen = new Set<string>()
          const report = yield* explored(program, {
            expect: (exit) => void (Exit.isSuccess(exit) && seen.add(exit.value))
          })
          assert.isTrue(report.complete, Explore.format(report))
          return [...seen].toSorted()
        })
      const map = Effect.gen(function* () {
        const shared = Explore.shared(new Map<string, number>())
        const add = (name: string) => Effect.sync(() => void shared.set(name, shared.size).set(`${name}'`, 0))
        yield* Effect.all([add("a"), add("b")], { concurrency: "unbounded" })
        return [...shared.keys()].join()
      })
      assert.deepStrictEqual(yield* ends(map), ["a,a',b,b'", "b,b',a,a'"])
      const fields = Effect.gen(function* () {
        const shared = Explore.shared<Record<string, number>>({ x: 1 })
        const remove = Effect.sync(() => delete shared["x"])
        const look = Effect.sync(() => `${"x" in shared} ${Object.keys(shared)}`)
        return (yield* Effect.all([look, remove], { concurrency: "unbounded" }))[0]
      })
      assert.deepStrictEqual(yield* ends(fields), ["false ", "true x"])
    })
  )

  it.live("an object that only some step says it touches, made outside of all of them", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const arrive = (name: string) =>
        Effect.sync(() => {
          Explore.touch(log)
          log.push(name)
        })
      const program = Effect.suspend(() => {
        log.length = 0
        return Effect.map(Effect.all([arrive("a"), arrive("b")], { concurrency: "unbounded" }), () => log.join())
      })
      const failed = yield* Effect.flip(Explore.deterministic(program, { strategy: declared }))
      assert.strictEqual(failed._tag === "ExploreFailed" && failed.report.finding?.kind, "difference")
    })
  )
})

describe("what is shared and not declared", () => {
  const counted = Effect.gen(function* () {
    let n = 0
    const add = Effect.gen(function* () {
      const before = n
      yield* Effect.yieldNow
      n = before + 1
    })
    yield* Effect.all([add, add], { concurrency: "unbounded" })
    return n
  })

  for (const strategy of [declared, Explore.exhaustive({ preemptions: 1, sharing: "declared" })]) {
    it.live(`is found when another order makes a difference, with both orders: ${strategy.name}`, () =>
      Effect.gen(function* () {
        const report = yield* explored(counted, { strategy })
        assert.strictEqual(report.finding?.kind, "undeclared")
        assert.match(report.finding!.message, /of fiber 1 and fiber 2.*the run ends with 1, and not 2/s)
        assert.match(report.timeline!, /^the two steps in this order +│ and in this one/)
        const ends: Array<unknown> = []
        for (const schedule of [report.schedule!, report.passing!]) {
          yield* Explore.run(counted, {
            strategy: Explore.replay(schedule),
            expect: (exit) => void ends.push(Exit.isSuccess(exit) && exit.value)
          })
        }
        assert.deepStrictEqual(ends, [1, 2])
      })
    )
  }

  it.live("is found when a later step touches other things, or is not there", () =>
    Effect.gen(function* () {
      const elsewhere = Effect.gen(function* () {
        let isOpen = false
        const [a, b] = [yield* Ref.make(0), yield* Ref.make(0)]
        const open = Effect.sync(() => {
          isOpen = true
        })
        const enter = Effect.suspend(() => increment(isOpen ? a : b))
        yield* detached(open, enter)
      })
      const report = yield* explored(elsewhere)
      assert.strictEqual(report.finding?.kind, "undeclared")
      assert.match(report.finding!.message, /touches other things/)
    })
  )

  it.live("is not said of a program that is another in each run: that is an escape", () =>
    Effect.gen(function* () {
      let runs = 0
      const moody = Effect.gen(function* () {
        const run = ++runs
        yield* detached(Effect.yieldNow, Effect.yieldNow)
        return run
      })
      // Nothing of it shows in the steps; how it ends does.
      assert.include(["escape", "undeclared"], (yield* explored(moody)).finding?.kind)
    })
  )

  it.live("is looked for in each reduced search, and said how often", () =>
    Effect.gen(function* () {
      const kept = Effect.gen(function* () {
        const [a, b] = [yield* Ref.make(0), yield* Ref.make(0)]
        yield* detached(times(3, increment(a)), times(3, increment(b)))
      })
      const report = yield* explored(kept)
      assert.isAbove(report.reordered!, 10)
      assert.match(Explore.format(report), /\d+ other orders tried/)
      assert.isUndefined((yield* explored(kept, { strategy: Explore.exhaustive({ preemptions: 0 }) })).reordered)
    })
  )
})

describe("Effect's objects", () => {
  it.live("are as before when the exploration is over, and what it made goes on to work", () =>
    Effect.gen(function* () {
      const samples = [MutableRef.make(0), Deferred.makeUnsafe(), yield* Queue.unbounded(), Semaphore.makeUnsafe(1)]
      const prototypes = [...samples, Effect.runFork(Effect.void)].map((sample) => Object.getPrototypeOf(sample))
      const before = prototypes.map((prototype) => Object.getOwnPropertyDescriptors(prototype))
      let left: Ref.Ref<number> | undefined
      const program = Effect.gen(function* () {
        left = yield* Ref.make(1)
        yield* twoDefects(left)
      })
      const report = yield* explored(program)
      assert.strictEqual(report.finding?.kind, "defect")
      nodeAssert.deepEqual(
        prototypes.map((prototype) => Object.getOwnPropertyDescriptors(prototype)),
        before
      )
      yield* increment(left!)
      assert.strictEqual(yield* Ref.get(left!), 3)
      assert.deepStrictEqual(Explore.shared(samples), samples)
    })
  )

  const twoDefects = (ref: Ref.Ref<number>) => Effect.andThen(increment(ref), Effect.die("over"))

  it.live("tell of a step also after another exploration took place in it", () =>
    Effect.gen(function* () {
      const inner = Effect.flatMap(Ref.make(0), increment)
      const program = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        const order: Array<string> = []
        const arrive = (name: string) =>
          Effect.sync(() => {
            Effect.runSync(Explore.check(inner, { strategy: declared }))
            Effect.runSync(Ref.set(ref, 1))
            order.push(name)
          })
        yield* Effect.all([arrive("a"), arrive("b")], { concurrency: "unbounded" })
        return order.join()
      })
      const failed = yield* Effect.flip(Explore.deterministic(program, { strategy: declared }))
      assert.strictEqual(failed._tag === "ExploreFailed" && failed.report.finding?.kind, "difference")
    })
  )

  it.live("and each schedule may be run twice", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        yield* detached(times(2, increment(ref)), times(2, increment(ref)))
      })
      assert.deepInclude(yield* explored(program, { twice: true }), { runs: 6, distinct: 6, complete: true })
    })
  )
})
