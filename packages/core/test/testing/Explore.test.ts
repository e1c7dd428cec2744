import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Explore from "../../src/testing/Explore.ts"
import { lostUpdate } from "../gallery/lostUpdate.ts"

const two = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.all([effect, effect], { concurrency: "unbounded", discard: true })

const found = <A, E>(effect: Effect.Effect<A, E>, options?: Explore.Options<A, E>) =>
  Effect.map(Explore.run(effect, options), (report) => {
    assert.isDefined(report.finding, Explore.format(report))
    return { ...report, kind: report.finding!.kind, message: report.finding!.message }
  })

describe("Explore finds", () => {
  it.live("a failure, a defect, and what is not as expected", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* found(Effect.fail("no"))).kind, "failure")
      assert.strictEqual((yield* found(Effect.die(new Error("no")))).kind, "defect")
      const unexpected = yield* found(Effect.succeed(1), { expect: (exit) => exit.toString() === "Success(2)" })
      assert.strictEqual(unexpected.message, "not as expected: the program ended with 1")
      yield* Explore.check(Effect.fail("no"), { expect: Exit.isFailure })
    })
  )

  it.live("an invariant that is broken for one step only", () =>
    Effect.gen(function* () {
      let inside = 0
      const visit = Effect.gen(function* () {
        yield* Effect.sync(() => inside++)
        yield* Effect.sync(() => inside--)
      })
      const program = Effect.suspend(() => {
        inside = 0
        return two(visit)
      })
      const report = yield* found(program, { invariant: () => inside <= 1 })
      assert.strictEqual(report.kind, "invariant")
      yield* Explore.check(program, { invariant: () => inside <= 2 })
    })
  )

  it.live("a deadlock, and says in which line each fiber waits", () =>
    Effect.gen(function* () {
      const report = yield* found(
        Effect.gen(function* () {
          const never = yield* Deferred.make<void>()
          yield* Effect.forkChild(
            Effect.gen(function* () {
              yield* Deferred.await(never) // here
            })
          )
          yield* Effect.withSpan(Deferred.await(never), "the main wait")
        })
      )
      assert.strictEqual(report.kind, "deadlock")
      assert.match(
        report.message,
        /fiber 1 waits at \S*Explore\.test\.ts:\d+ {2}yield\* Deferred\.await\(never\) \/\/ here/
      )
      assert.match(report.message, /waits at \S*Explore\.test\.ts:\d+ {2}yield\* Effect\.withSpan/)
    })
  )

  it.live("a livelock by the bound on steps, and no starvation where turns are fair", () =>
    Effect.gen(function* () {
      const forever = Effect.forever(Effect.yieldNow)
      assert.strictEqual((yield* found(forever, { maxSteps: 100 })).kind, "livelock")
      assert.strictEqual((yield* found(Effect.forever(Effect.void), { maxSteps: 100 })).kind, "livelock")
      const polite = Effect.gen(function* () {
        const isDone = yield* Ref.make(false)
        const spin: Effect.Effect<void> = Effect.flatMap(Ref.get(isDone), (done) =>
          done ? Effect.void : Effect.andThen(Effect.yieldNow, spin)
        )
        yield* Effect.all([spin, Ref.set(isDone, true)], { concurrency: "unbounded" })
      })
      yield* Explore.check(polite, { strategy: Explore.exhaustive({ preemptions: 1 }), maxSteps: 200 })
    })
  )

  it.live("a fiber that outlives the program, unless it may or ends by itself", () =>
    Effect.gen(function* () {
      const leaking = Effect.forkDetach(Effect.sleep("1 hour"))
      assert.strictEqual((yield* found(leaking)).kind, "leak")
      assert.strictEqual((yield* found(Effect.forkDetach(Effect.forever(Effect.yieldNow)))).kind, "leak")
      yield* Explore.check(leaking, { mayLeak: true })
      yield* Explore.check(Effect.forkDetach(two(Effect.yieldNow)))
    })
  )

  it.live("a scope that nobody closes", () =>
    Effect.gen(function* () {
      const acquired = Effect.andThen(
        Effect.acquireRelease(Effect.void, () => Effect.void),
        Effect.yieldNow
      )
      const open = Effect.flatMap(Scope.make(), (scope) => Scope.provide(acquired, scope))
      assert.strictEqual((yield* found(open)).kind, "finalizer")
      yield* Explore.check(Effect.scoped(acquired))
      yield* Explore.check(acquired)
    })
  )

  it.live("what escapes: a real timer and a promise, by name and line", () =>
    Effect.gen(function* () {
      const report = yield* found(
        Effect.callback<void>((resume) => {
          const timer = setTimeout(() => resume(Effect.void), 60_000) // started here
          return Effect.sync(() => clearTimeout(timer))
        })
      )
      assert.strictEqual(report.kind, "escape")
      assert.match(report.message, /Timeout, started at \S*Explore\.test\.ts:\d+ {2}const timer = setTimeout/)
      const promise = yield* found(Effect.promise(() => Promise.resolve()))
      assert.match(promise.message, /PROMISE/)
    })
  )

  it.live("what is not the same when a schedule runs twice, if asked", () =>
    Effect.gen(function* () {
      let runs = 0
      const moody = Effect.suspend(() => (runs++ % 2 === 0 ? two(Effect.yieldNow) : Effect.yieldNow))
      assert.strictEqual((yield* found(moody, { twice: true })).kind, "escape")
      const moodier = Effect.suspend(() => (runs++ % 2 === 1 ? two(Effect.yieldNow) : Effect.yieldNow))
      assert.strictEqual((yield* found(moodier, { twice: true })).kind, "escape")
      const report = yield* Explore.check(lostUpdate.fixed, { twice: true, schedules: 50 })
      assert.strictEqual(report.runs, 50)
      const all = { strategy: Explore.exhaustive({ preemptions: 1 }), twice: true }
      assert.isTrue((yield* Explore.check(lostUpdate.fixed, all)).complete)
    })
  )

  it.live("a result that depends on the schedule", () =>
    Effect.gen(function* () {
      const order = Effect.suspend(() => {
        const names: Array<string> = []
        const arrive = (name: string) => Effect.sync(() => names.push(name))
        return Effect.as(Effect.all([arrive("a"), arrive("b")], { concurrency: "unbounded" }), names)
      })
      const failed = yield* Effect.flip(Explore.deterministic(order))
      assert.strictEqual(failed._tag === "ExploreFailed" && failed.report.finding?.kind, "difference")
      yield* Explore.deterministic(Effect.map(order, (names) => names.toSorted()))
    })
  )
})

describe("Explore.interrupts", () => {
  const lease = (open: Set<string>, take: (name: string) => Effect.Effect<void, never, Scope.Scope>) =>
    Effect.gen(function* () {
      open.clear()
      yield* take("file")
      yield* Effect.sleep("1 second")
      yield* take("socket")
      yield* Effect.yieldNow
    })

  it.live("finds the one point at which a resource is lost", () =>
    Effect.gen(function* () {
      const open = new Set<string>()
      const expect = () => assert.strictEqual(open.size, 0, "left open")
      const careless = lease(open, (name) =>
        Effect.gen(function* () {
          yield* Effect.sync(() => open.add(name))
          yield* Effect.addFinalizer(() => Effect.sync(() => open.delete(name)))
        })
      )
      const failed = yield* Effect.flip(Explore.interrupts(careless, { expect }))
      assert.match(failed.message, /left open/)

      const careful = lease(open, (name) =>
        Effect.acquireRelease(
          Effect.sync(() => open.add(name)),
          () => Effect.sync(() => open.delete(name))
        )
      )
      const report = yield* Explore.interrupts(careful, { expect })
      assert.isTrue(report.complete)
    })
  )

  it.live("takes the interrupt for an end, and a failure for a finding", () =>
    Effect.gen(function* () {
      yield* Explore.interrupts(Effect.never)
      const failed = yield* Effect.flip(
        Explore.interrupts(Effect.onInterrupt(Effect.never, () => Effect.die("clean-up")))
      )
      assert.strictEqual(failed._tag === "ExploreFailed" && failed.report.finding?.kind, "defect")
    })
  )
})

describe("Explore controls", () => {
  it.live("time: three hours take none, and timers of one instant fire in any order", () =>
    Effect.gen(function* () {
      const before = performance.now()
      const report = yield* Explore.check(
        Effect.gen(function* () {
          const start = yield* Clock.currentTimeMillis
          yield* Effect.all([Effect.sleep("3 hours"), Effect.timeoutOption(Effect.never, "1 hour")], {
            concurrency: "unbounded"
          })
          return (yield* Clock.currentTimeMillis) - start
        }),
        { schedules: 200, expect: (exit) => exit.toString() === "Success(10800000)" }
      )
      assert.strictEqual(report.runs, 200)
      assert.isBelow(performance.now() - before, 5000)

      const tie = Effect.raceFirst(Effect.as(Effect.sleep("1 second"), "a"), Effect.as(Effect.sleep("1 second"), "b"))
      const failed = yield* Effect.flip(Explore.deterministic(tie))
      assert.strictEqual(failed._tag === "ExploreFailed" && failed.report.finding?.kind, "difference")
    })
  )

  it.live("randomness: the same in every run", () =>
    Explore.deterministic(Effect.all([Random.next, Random.nextInt, Random.shuffle([1, 2, 3, 4, 5])]), { schedules: 20 })
  )

  class Counter extends Context.Service<Counter, Ref.Ref<number>>()("Counter") {}

  it.live("services: layers are built in each run anew", () =>
    Explore.check(
      Effect.flatMap(
        Counter,
        Ref.updateAndGet((n) => n + 1)
      ),
      {
        layers: Layer.effect(Counter, Ref.make(0)),
        schedules: 20,
        expect: (exit) => exit.toString() === "Success(1)"
      }
    )
  )

  it.live("fibers that are interrupted while they wait, sleep, or have not begun", () =>
    Explore.check(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(1)
        const fibers = yield* Effect.forEach(
          [Effect.never, Effect.sleep("1 day"), Effect.yieldNow, semaphore.take(2)],
          (effect) => Effect.forkChild(effect)
        )
        yield* Effect.yieldNow
        yield* Effect.forEach(fibers, Fiber.interrupt, { concurrency: "unbounded" })
      }),
      { schedules: 2000 }
    )
  )
})

describe("Explore reports", () => {
  it.live("a schedule that shows the same finding again, and is no longer than the one that was found", () =>
    Effect.gen(function* () {
      for (let seed = 0; seed < 10; seed++) {
        const report = yield* found(lostUpdate.broken, { seed })
        assert.isAtMost(report.schedule!.length, report.foundBy!.length)
        for (const schedule of [report.schedule!, report.foundBy!, report.passing!]) {
          const again = yield* Explore.run(lostUpdate.broken, { strategy: Explore.replay(schedule) })
          assert.strictEqual(again.finding?.kind, schedule === report.passing ? undefined : "defect")
        }
      }
    })
  )

  it.live("the same for the same seed", () =>
    Effect.gen(function* () {
      const report = (seed: number) => Explore.run(lostUpdate.broken, { seed })
      assert.deepStrictEqual(yield* report(5), yield* report(5))
      const others = yield* Effect.forEach([1, 2, 3, 4, 5], report)
      assert.isAbove(new Set(others.map(({ foundBy }) => foundBy)).size, 1)
    })
  )

  it.live("the failing run beside a passing one, line by line, and how to see it again", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(lostUpdate.broken))
      assert.match(error.message, /EXPLORE_REPLAY=x1-\S+/)
      assert.match(error.message, /this run fails +│ this one passes/)
      assert.match(error.message, /· ● · +lostUpdate\.ts:\d+ {2}const before = yield\* Ref\.get\(balance\)/)
    })
  )

  it.live("by EXPLORE_REPLAY and EXPLORE_SEED, which go before the options", () =>
    Effect.gen(function* () {
      const { schedule } = yield* found(lostUpdate.broken)
      const inEnvironment = (name: string, value: string) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            process.env[name] = value
          }),
          () => Explore.run(lostUpdate.broken, { seed: 1 }),
          () => Effect.sync(() => delete process.env[name])
        )
      const replayed = yield* inEnvironment("EXPLORE_REPLAY", schedule!)
      assert.strictEqual(replayed.strategy, `replay ${schedule}`)
      assert.strictEqual((yield* inEnvironment("EXPLORE_SEED", "7")).seed, 7)
      assert.strictEqual((yield* Effect.flip(inEnvironment("EXPLORE_REPLAY", "nonsense")))._tag, "ScheduleInvalid")
    })
  )

  it.live("a schedule of another program as one that does not fit", () =>
    Effect.gen(function* () {
      const report = yield* found(two(Effect.yieldNow), { strategy: Explore.replay("x1-1-2-9") })
      assert.strictEqual(report.kind, "escape")
      assert.match(report.message, /the schedule does not fit/)
    })
  )

  it.live("how much was looked at, and whether that is all", () =>
    Effect.gen(function* () {
      const all = yield* Explore.check(two(Effect.yieldNow), { strategy: Explore.exhaustive() })
      assert.isTrue(all.complete)
      assert.strictEqual(all.distinct, all.runs)
      assert.match(Explore.format(all), /^nothing found in .* every schedule was run$/)
      const some = yield* Explore.check(two(Effect.yieldNow), { schedules: 7 })
      assert.isFalse(some.complete)
      assert.strictEqual(some.runs, 7)
    })
  )
})
