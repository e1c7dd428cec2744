/** Each fault on real workers. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as places from "../fixtures/places.ts"
import { defectOf, sum, sums, timed, wrapped } from "../support/chaos.ts"
import { reasonOf } from "../support/exits.ts"

for (const place of places.isolated) {
  describe(place.name, () => {
    const killed = place.name === "process" ? new Pool.Killed({ signal: "SIGKILL" }) : new Pool.Exited({ code: 1 })

    it.live("kill: the task crashes before it begins, its neighbours don't", () =>
      Effect.gen(function* () {
        const { ledger, pool } = yield* wrapped(place, [Chaos.at(2, Chaos.kill())])
        const [first, second, third] = yield* sums(pool, 3)
        assert.deepEqual([first, third], [Exit.succeed(42), Exit.succeed(42)])
        assert.deepEqual(reasonOf(second as Exit.Exit<unknown, unknown>), killed)
        const { entries, outcomes } = yield* ledger.check
        assert.deepEqual([outcomes.succeeded, outcomes.crashed], [2, 1])
        assert.deepEqual([entries[1]?.crashedBy, entries[1]?.starts], [2, 1])
      })
    )

    it.live("kill, after a while: in the midst of the task, and not of one that has ended", () =>
      Effect.gen(function* () {
        const late = Chaos.kill({ after: "300 millis" })
        const { heard, ledger, pool } = yield* wrapped(place, [Chaos.at(1, late), Chaos.at(2, late)])
        const waiting = yield* Effect.forkChild(pool.run("Wait", { label: "x" }))
        yield* heard("started x")
        assert.deepEqual(reasonOf(yield* Fiber.await(waiting)), killed)
        assert.equal(yield* pool.run("Add", sum), 42)
        assert.equal(Chaos.format((yield* ledger.check).struck), "1:kill+300")
      })
    )

    it.live("kill: the tasks beside the struck one crash with it, and the ledger says by whom", () =>
      Effect.gen(function* () {
        const { heard, ledger, pool } = yield* wrapped(place, [Chaos.at(2, Chaos.kill())], { concurrency: 2 })
        const beside = yield* Effect.forkChild(pool.run("Wait", { label: "x" }))
        yield* heard("started x")
        yield* Effect.exit(pool.run("Add", sum))
        yield* Fiber.await(beside)
        const { entries } = yield* ledger.check
        assert.deepEqual(
          entries.map(({ crashedBy, outcome }) => [outcome, crashedBy]),
          [
            ["crashed", 2],
            ["crashed", 2]
          ]
        )
      })
    )

    it.live("stop: the task is late, and its worker goes on", () =>
      Effect.gen(function* () {
        const { inner, ledger, pool } = yield* wrapped(place, [Chaos.at(1, Chaos.stop("150 millis"))])
        const [before] = (yield* inner.stats).workers
        const [taken, answer] = yield* timed(pool.run("Add", sum))
        assert.equal(answer, 42)
        assert.isAtLeast(taken, 140)
        assert.equal((yield* inner.stats).workers[0]?.id, before?.id)
        yield* ledger.check
      })
    )

    it.live("stop: the end of the wrap's scope lets the worker go on", () =>
      Effect.gen(function* () {
        const { pool: inner } = yield* place.make()
        const stopped = yield* Effect.scoped(
          Effect.gen(function* () {
            const { pool } = yield* Chaos.wrap(inner, Chaos.plan([Chaos.at(1, Chaos.stop("1 hour"))]))
            return yield* Effect.forkChild(pool.run("Add", sum), { startImmediately: true })
          })
        )
        assert.equal(yield* Fiber.join(stopped), 42)
      })
    )

    it.live("stop: a task that is interrupted meanwhile ends with its worker, not with the stop", () =>
      Effect.gen(function* () {
        const { ledger, pool } = yield* wrapped(place, [Chaos.at(1, Chaos.stop("1 hour"))], { grace: 50 })
        const stopped = yield* Effect.forkChild(pool.run("Add", sum), { startImmediately: true })
        yield* Fiber.interrupt(stopped)
        assert.equal(yield* pool.run("Add", sum), 42)
        assert.equal((yield* ledger.check).outcomes.interrupted, 1)
      })
    )

    it.live("slow: the start, or the answer", () =>
      Effect.gen(function* () {
        const strikes = [
          Chaos.at(1, Chaos.slow({ start: "100 millis" })),
          Chaos.at(2, Chaos.slow({ answer: "100 millis" }))
        ]
        const { ledger, pool } = yield* wrapped(place, strikes)
        for (let task = 1; task <= 2; task++) {
          const [taken, answer] = yield* timed(pool.run("Add", sum))
          assert.equal(answer, 42)
          assert.isAtLeast(taken, 95)
        }
        yield* ledger.check
      })
    )

    it.live("slow: an interrupt does not wait for the delay, and the worker stays", () =>
      Effect.gen(function* () {
        const strikes = [Chaos.slow({ start: "1 hour" }), Chaos.slow({ answer: "1 hour" })]
        const { inner, ledger, pool } = yield* wrapped(
          place,
          strikes.map((fault, index) => Chaos.at(index + 1, fault)),
          { grace: "1 hour" }
        )
        for (const _ of strikes) {
          const waiting = yield* Effect.forkChild(pool.run("Add", sum), { startImmediately: true })
          yield* Fiber.interrupt(waiting)
        }
        assert.equal(yield* pool.run("Add", sum), 42)
        assert.equal((yield* inner.stats).restarts, 0)
        assert.equal((yield* ledger.check).outcomes.interrupted, 2)
      })
    )

    it.live("slow: a pool that closes does not wait for the delay", () =>
      Effect.gen(function* () {
        const strikes = [Chaos.at(1, Chaos.slow({ start: "1 hour" })), Chaos.at(2, Chaos.slow({ answer: "1 hour" }))]
        const [start, answer] = yield* Effect.scoped(
          Effect.gen(function* () {
            const { pool } = yield* wrapped(place, strikes, { concurrency: 2, grace: "1 hour" })
            const fork = Effect.forkDetach(pool.run("Add", sum), { startImmediately: true })
            return [yield* fork, yield* fork] as const
          })
        )
        assert.instanceOf(yield* Effect.flip(Fiber.join(start)), Pool.PoolClosed)
        assert.equal(yield* Fiber.join(answer), 42)
      })
    )

    it.live("memory: the worker runs out of heap", () =>
      Effect.gen(function* () {
        const { ledger, pool } = yield* wrapped(place, [Chaos.at(1, Chaos.memory())], { heapLimit: 48 })
        const [first, second] = yield* sums(pool, 2)
        assert.instanceOf(reasonOf(first as Exit.Exit<unknown, unknown>), Pool.OutOfMemory)
        assert.deepEqual(second, Exit.succeed(42))
        yield* ledger.check
      })
    )

    it.live("fail: the task dies typed, and its worker stays", () =>
      Effect.gen(function* () {
        const { inner, ledger, pool } = yield* wrapped(place, [Chaos.at(1, Chaos.fail())])
        const [first, second] = yield* sums(pool, 2)
        const defect = defectOf(first as Exit.Exit<unknown, unknown>)
        assert.instanceOf(defect, Chaos.InjectedFailure)
        assert.deepEqual([defect.task, defect.tag], [1, "Add"])
        assert.deepEqual(second, Exit.succeed(42))
        assert.equal((yield* inner.stats).restarts, 0)
        assert.equal((yield* ledger.check).outcomes.died, 1)
      })
    )

    it.live("fail: a defect of the task itself is left alone", () =>
      Effect.gen(function* () {
        const { pool } = yield* wrapped(place, [])
        assert.instanceOf(defectOf(yield* Effect.exit(pool.run("Throw", { what: "error" }))), TypeError)
      })
    )

    it.live("exit: with its code", () =>
      Effect.gen(function* () {
        const { ledger, pool } = yield* wrapped(place, [Chaos.at(1, Chaos.exit(7))])
        const [first, second] = yield* sums(pool, 2)
        assert.deepEqual(reasonOf(first as Exit.Exit<unknown, unknown>), new Pool.Exited({ code: 7 }))
        assert.deepEqual(second, Exit.succeed(42))
        yield* ledger.check
      })
    )

    it.live("memory needs a heapLimit: that is said when the pool is wrapped", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const refused = yield* Effect.flip(Chaos.wrap(pool, Chaos.plan([Chaos.at(1, Chaos.memory())])))
        assert.instanceOf(refused, Chaos.ChaosUnsupported)
        assert.include(refused.message, "heapLimit")
      })
    )

    /** So many tasks, four at a time, and the ledger when all of them have settled. */
    const storm = (plan: Chaos.Plan, tasks: number) =>
      Effect.scoped(
        Effect.gen(function* () {
          const { pool: inner } = yield* place.make({ size: 2, heapLimit: 48 })
          const { ledger, pool } = yield* Chaos.wrap(inner, plan)
          const all = Array.from({ length: tasks }, () => Effect.exit(pool.run("Add", sum)))
          yield* Effect.all(all, { concurrency: 4 })
          return yield* ledger.check
        })
      )

    it.live("a storm over 300 tasks: who was struck ends as its fault says, all others succeed, none is lost", () =>
      Effect.gen(function* () {
        const faults = [
          Chaos.kill(),
          Chaos.exit(3),
          Chaos.memory(),
          Chaos.fail(),
          Chaos.stop("20 millis"),
          Chaos.slow({ start: "5 millis", answer: "5 millis" })
        ]
        const plan = Chaos.random({ seed: 2, rate: 0.08, faults })
        const { accepted, entries, repeated, retried, settled, struck } = yield* storm(plan, 300)
        assert.deepEqual([accepted, settled, retried, repeated], [300, 300, 0, []])
        for (const { fault, outcome, task } of entries) assert.equal(outcome, expected(fault), `task ${task}`)
        assert.equal(new Set(entries.map(({ fault }) => fault?.kind ?? "none")).size, faults.length + 1)
        assert.deepEqual(struck, Chaos.unfold(plan, 300))
      })
    )

    it.live("the same seed has the same faults at the same tasks, and the same outcomes", () =>
      Effect.gen(function* () {
        const plan = Chaos.random({ seed: 1, rate: 0.2, faults: [Chaos.kill(), Chaos.fail()] })
        const ends = Effect.map(storm(plan, 30), ({ entries }) =>
          entries.map(({ fault, outcome, task }) => [task, fault?.kind, outcome])
        )
        const first = yield* ends
        assert.deepEqual(yield* ends, first)
        assert.isTrue(first.some(([, , outcome]) => outcome === "crashed"))
      })
    )
  })
}

const expected = (fault: Chaos.Fault | undefined): Chaos.Outcome => {
  if (fault?.kind === "fail") return "died"
  return fault !== undefined && ["kill", "exit", "memory"].includes(fault.kind) ? "crashed" : "succeeded"
}
