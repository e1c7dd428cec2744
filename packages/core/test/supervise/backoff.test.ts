/** How long a child, and its group, waits before it starts again. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import { patient, settled, troupe } from "../support/troupe.ts"

describe("back-off", () => {
  const backoff = Schedule.exponential("100 millis")

  it.effect(
    "waits as the schedule says, longer each time; begins anew when the child has held out for the period",
    () =>
      Effect.gen(function* () {
        const { child, crash, read, until } = troupe()
        const supervisor = yield* Supervisor.make({
          children: [child("a"), child("b")],
          backoff,
          intensity: { restarts: 10, within: "10 seconds" }
        })
        read()
        for (const delay of [100, 200, 400]) {
          yield* crash("a")
          yield* until("-a")
          yield* settled(supervisor)
          assert.deepInclude((yield* supervisor.whichChildren)[0], { id: "a", status: "restarting" })
          yield* TestClock.adjust(delay - 1)
          assert.deepEqual(read(), [])
          yield* TestClock.adjust(1)
          yield* until("+a")
        }
        yield* TestClock.adjust("10 seconds")
        yield* crash("a")
        yield* until("-a")
        yield* settled(supervisor)
        yield* TestClock.adjust(100)
        yield* until("+a")
      })
  )

  it.effect("the group is stopped at once and waits with the child that failed", () =>
    Effect.gen(function* () {
      const { child, crash, read, until } = troupe()
      const children = [child("a"), child("b"), child("c")]
      const supervisor = yield* Supervisor.make({ strategy: "restForOne", children, backoff, intensity: patient })
      read()
      yield* crash("b")
      yield* until("-b", "-c")
      yield* settled(supervisor)
      assert.deepEqual(
        (yield* supervisor.whichChildren).map(({ status }) => status),
        ["running", "restarting", "restarting"]
      )
      yield* TestClock.adjust("99 millis")
      // A larger group takes the one that waits along; the delay is that of the child that failed now.
      yield* crash("a")
      yield* until("-a")
      yield* settled(supervisor)
      yield* TestClock.adjust("99 millis")
      assert.deepEqual(read(), [])
      yield* TestClock.adjust("1 millis")
      yield* until("+a", "+b", "+c")
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(read(), [])
    })
  )

  it.effect("a schedule that ends means that it is enough; so does one without an end to its delay, or that dies", () =>
    Effect.gen(function* () {
      const boom = Schedule.forever.pipe(Schedule.tap(() => Effect.die("bad schedule")))
      for (const [schedule, defects] of [
        [Schedule.recurs(0), []],
        [Schedule.spaced(Number.POSITIVE_INFINITY), []],
        [boom, ["bad schedule"]]
      ] as const) {
        const { child, crash, until } = troupe()
        const supervisor = yield* Supervisor.make({
          children: [child("a", { backoff: schedule }), child("b")],
          intensity: patient
        })
        yield* crash("a")
        const error = yield* Effect.flip(supervisor.join)
        assert.instanceOf(error, Supervisor.RestartIntensityReached)
        const { cause, reason, restarts } = error as Supervisor.RestartIntensityReached
        assert.deepEqual([reason, restarts], ["backoff", 0])
        assert.deepEqual(
          cause.reasons.filter(Cause.isFailReason).map(({ error }) => error),
          ["a crashed"]
        )
        assert.deepEqual(
          cause.reasons.filter(Cause.isDieReason).map(({ defect }) => defect),
          [...defects]
        )
        yield* until("+a", "+b", "-a", "-b")
      }
    })
  )

  it.effect("the schedule is told how the child ended", () =>
    Effect.gen(function* () {
      const heard: Array<Exit.Exit<unknown, unknown>> = []
      const listens: Supervisor.Backoff = Schedule.forever.pipe(
        Schedule.setInputType<Exit.Exit<unknown, unknown>>(),
        Schedule.tap(({ input }) => Effect.sync(() => heard.push(input)))
      )
      const { child, crash, end, read, until } = troupe()
      yield* Supervisor.make({ children: [child("a")], backoff: listens, intensity: patient })
      read()
      yield* crash("a")
      yield* until("-a", "+a")
      yield* end("a", Effect.succeed("done"))
      yield* until("-a", "+a")
      assert.deepEqual(heard, [Exit.fail("a crashed"), Exit.succeed("done")])
    })
  )
})
