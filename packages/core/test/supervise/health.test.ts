/** Children that run and are not well. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import { errorOf } from "../support/exits.ts"
import { book, patient, settled, statuses, troupe } from "../support/troupe.ts"

const everySecond = Schedule.spaced("1 second")

/** A child whose checks answer as the test says, one after the other; then they are fine. */
const checked = (
  answers: Array<Effect.Effect<unknown, unknown>>,
  options: Partial<Supervisor.Health<unknown>> = {}
) => {
  const said = book()
  const child = Supervisor.child({
    id: "a",
    start: Effect.as(
      Effect.acquireRelease(said.write("+a"), () => said.write("-a")),
      Effect.never
    ),
    health: {
      check: () => Effect.andThen(said.write("?"), answers.shift() ?? Effect.void),
      schedule: everySecond,
      timeout: "500 millis",
      failures: 2,
      ...options
    }
  })
  return { child, said }
}

describe("health checks", () => {
  it.effect("asks by the schedule; a child that answers runs on, and so does one that fails now and then", () =>
    Effect.gen(function* () {
      const { child, said } = checked([Effect.fail("busy"), Effect.void, Effect.fail("busy")])
      const supervisor = yield* Supervisor.make({ children: [child], intensity: patient })
      yield* TestClock.adjust("4 seconds")
      yield* settled(supervisor)
      assert.deepEqual(said.read(), ["+a", "?", "?", "?", "?"])
    })
  )

  for (const [name, answer] of [
    ["fails", Effect.fail("deaf")],
    ["dies", Effect.die("deaf")],
    ["is interrupted", Effect.interrupt],
    ["is late", Effect.never],
    ["answers false", Effect.succeed(false)]
  ] as const) {
    it.effect(`so many checks in a row that ${name.replace("is ", "are ").replace(/s$/, "")} restart it`, () =>
      Effect.gen(function* () {
        const { child, said } = checked([answer, answer])
        const supervisor = yield* Supervisor.make({ children: [child], intensity: patient })
        yield* TestClock.adjust("3 seconds")
        yield* said.until("+a", "?", "?", "-a", "+a")
        yield* settled(supervisor)
        assert.deepInclude((yield* supervisor.whichChildren)[0], { restarts: 1, status: "running" })
        yield* TestClock.adjust("1 second")
        yield* said.until("?")
      })
    )
  }

  it.effect("the reason says so when the supervisor gives up: which child, how often, and the last failure", () =>
    Effect.gen(function* () {
      const { child } = checked([Effect.void, Effect.fail("deaf"), Effect.fail("mute")])
      const supervisor = yield* Supervisor.make({
        name: "top",
        children: [child],
        intensity: { restarts: 0, within: "1 second" }
      })
      yield* TestClock.adjust("3 seconds")
      const error = yield* Effect.flip(supervisor.join)
      const unwell = Cause.squash((error as Supervisor.RestartIntensityReached).cause)
      assert.instanceOf(unwell, Supervisor.HealthCheckFailed)
      assert.deepInclude(unwell, { supervisor: "top", child: "a", failures: 2 })
      assert.equal(Cause.squash((unwell as Supervisor.HealthCheckFailed).cause), "mute")
      assert.include(error.message, "mute")
    })
  )

  it.effect("its kind says what comes then: a temporary one is forgotten", () =>
    Effect.gen(function* () {
      const { child, said } = checked([Effect.fail("deaf")], { failures: 1 })
      const temporary: Supervisor.Child = { ...child, options: { ...child.options, restart: "temporary" } }
      const supervisor = yield* Supervisor.make({ children: [temporary] })
      yield* TestClock.adjust("1 second")
      yield* said.until("+a", "?", "-a")
      yield* settled(supervisor)
      assert.deepEqual(yield* statuses(supervisor), [])
    })
  )

  it.effect("is given what start answered with, and the services of the child", () =>
    Effect.gen(function* () {
      class Limit extends Context.Service<Limit, number>()("Limit") {}
      const seen: Array<readonly [string, number]> = []
      const child = Supervisor.child({
        id: "a",
        start: Effect.succeed({ join: Effect.never, port: "8080" }),
        health: {
          check: ({ port }) => Effect.map(Limit, (limit) => void seen.push([port, limit])),
          schedule: everySecond
        }
      })
      yield* Effect.provideService(Supervisor.make({ children: [child] }), Limit, 7)
      yield* TestClock.adjust("1 second")
      assert.deepEqual(seen, [["8080", 7]])
    })
  )

  it.effect("a schedule that ends means no more questions; one that dies is a failure", () =>
    Effect.gen(function* () {
      const ending = checked([], { schedule: Schedule.upTo(everySecond, { times: 1 }) })
      const calm = yield* Supervisor.make({ children: [ending.child] })
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(ending.said.read(), ["+a", "?"])
      assert.deepEqual(yield* statuses(calm), ["a running"])

      const bad = checked([], { schedule: Schedule.tap(everySecond, () => Effect.die("bad schedule")) })
      const strict = yield* Supervisor.make({ children: [bad.child], intensity: { restarts: 0, within: 1000 } })
      yield* TestClock.adjust("1 minute")
      assert.include((yield* Effect.flip(strict.join)).message, "bad schedule")
    })
  )

  it.effect("one that is not well and does not end, either, is stuck: the supervisor gives up", () =>
    Effect.gen(function* () {
      const letGo = yield* Latch.make()
      const { child, read } = troupe()
      const exit = yield* Effect.exit(
        Effect.scoped(
          Effect.gen(function* () {
            const deaf = Supervisor.child({
              id: "deaf",
              run: Effect.uninterruptible(letGo.await),
              health: { check: () => Effect.fail("deaf"), schedule: everySecond, failures: 1 }
            })
            const supervisor = yield* Supervisor.make({ children: [child("a"), deaf], intensity: patient })
            yield* TestClock.adjust("6 seconds")
            return yield* supervisor.join
          })
        )
      )
      assert.deepInclude(errorOf(exit), { _tag: "ChildStuck", child: "deaf" })
      assert.deepEqual(read(), ["+a", "-a"])
      yield* letGo.open
    })
  )

  it.effect("one that was terminated and is stuck does not end its supervisor by being unwell, too", () =>
    Effect.gen(function* () {
      const letGo = yield* Latch.make()
      const deaf = Supervisor.child({
        id: "deaf",
        shutdown: "1 second",
        run: Effect.uninterruptible(letGo.await),
        health: { check: () => Effect.fail("deaf"), schedule: Schedule.spaced("1 minute"), failures: 1 }
      })
      const supervisor = yield* Supervisor.make({ children: [deaf] })
      const terminating = yield* Effect.forkChild(Effect.flip(supervisor.terminateChild("deaf")))
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      yield* TestClock.adjust("1 second")
      assert.instanceOf(yield* Fiber.join(terminating), Supervisor.ChildStuck)
      yield* TestClock.adjust("1 minute")
      yield* settled(supervisor)
      assert.deepEqual(yield* statuses(supervisor), ["deaf stuck"])
      yield* letGo.open
      yield* settled(supervisor)
      assert.deepEqual(yield* statuses(supervisor), ["deaf stopped"])
    })
  )

  it.effect("a child that is stopped is asked no more", () =>
    Effect.gen(function* () {
      const { child, said } = checked([])
      const supervisor = yield* Supervisor.make({ children: [child] })
      yield* supervisor.terminateChild("a")
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(said.read(), ["+a", "-a"])
    })
  )
})
