import { assert, describe, it } from "@effect/vitest"
import type { DemoEvent } from "@ropewalk/examples/DemoEvent"
import { type Options, runAll, runOne } from "@ropewalk/examples/DemoRunner"
import type { Demo } from "@ropewalk/examples/Demos"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import { lane, type Stage } from "../src/internal/Stage.ts"

const demo = (name: string, run: Effect.Effect<void, unknown, Stage>): Demo => ({
  name,
  title: "A title",
  article: "a section",
  load: () => Promise.resolve({ run })
})

const recorder = (more: Partial<Options> = {}) => {
  const events: Array<DemoEvent> = []
  const options: Options = { scale: 1, seed: 1, render: (event) => events.push(event), ...more }
  return { events, options, end: () => events.findLast((event) => event.type === "demo-ended") }
}

describe("runOne", () => {
  it.effect("makes a line event of each line", () =>
    Effect.gen(function* () {
      const { events, options } = recorder()
      yield* runOne(demo("a", Console.log("one %d\ntwo", 1, [null])), options)
      const lines = events.flatMap((event) => (event.type === "line" ? [event.text] : []))
      assert.deepStrictEqual(lines, ["one 1", "two [ null ]"])
    })
  )

  for (const [how, failure, message] of [
    ["an error", Effect.fail(new TypeError("no such thing")), "TypeError: no such thing"],
    ["a value that is no error", Effect.fail({ code: 7 }), "{ code: 7 }"],
    ["a defect", Effect.die(new RangeError("out")), "RangeError: out"]
  ] as const) {
    it.effect(`${how} fails the demo, with a message and without a stack`, () =>
      Effect.gen(function* () {
        const { end, options } = recorder()
        assert.isFalse(yield* runOne(demo("a", failure), options))
        assert.strictEqual(end()?.outcome, "failed")
        assert.strictEqual(end()?.error, message)
      })
    )
  }

  it.effect("shows the stack to who asks for it", () =>
    Effect.gen(function* () {
      const { end, options } = recorder({ stacks: true })
      yield* runOne(demo("a", Effect.die(new RangeError("out"))), options)
      assert.match(end()?.error ?? "", /RangeError: out\n\s+at /)
    })
  )

  it.effect("a demo that can't be loaded fails like any other", () =>
    Effect.gen(function* () {
      const { end, options } = recorder()
      const missing: Demo = { ...demo("a", Effect.void), load: () => Promise.reject(new Error("no such file")) }
      assert.isFalse(yield* runOne(missing, options))
      assert.strictEqual(end()?.error, "Error: no such file")
    })
  )

  it.effect("an interrupt runs the finalizers, then says so", () =>
    Effect.gen(function* () {
      const { end, events, options } = recorder()
      const running = yield* Latch.make()
      const endless = running.open.pipe(Effect.andThen(Effect.never), Effect.ensuring(Console.log("finalized")))
      const fiber = yield* Effect.forkChild(runAll([demo("a", endless), demo("b", Effect.void)], options))
      yield* running.await
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        events.map((event) => event.type),
        ["demo-started", "line", "demo-ended"]
      )
      assert.strictEqual(end()?.outcome, "interrupted")
    })
  )

  for (const [how, ending] of [
    ["an interrupt", Effect.never],
    ["a failure", Effect.fail("no")],
    ["the end", Effect.void]
  ] as const) {
    it.effect(`${how} of a demo ends the fibers it forked first: nothing is said after the last event`, () =>
      Effect.gen(function* () {
        const { events, options } = recorder()
        const running = yield* Latch.make()
        const child = Effect.never.pipe(lane("child"), Effect.ensuring(Console.log("child finalized")))
        const parent = Effect.andThen(Effect.forkChild(child, { startImmediately: true }), running.open)
        const fiber = yield* Effect.forkChild(runOne(demo("a", Effect.andThen(parent, ending)), options))
        yield* running.await
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(
          events.map((event) => event.type),
          ["demo-started", "lane", "line", "demo-ended"]
        )
      })
    )
  }

  it.effect("a demo that fetches from a given server runs on the real clock: that server knows of no scale", () =>
    Effect.gen(function* () {
      const fetching: Demo = { ...demo("a", Effect.void), fetches: true }
      const scaleOf = (events: ReadonlyArray<DemoEvent>) =>
        events.flatMap((event) => (event.type === "demo-started" ? [event.scale] : []))
      const embedded = recorder({ scale: 0.5 })
      yield* runOne(fetching, embedded.options)
      assert.deepStrictEqual(scaleOf(embedded.events), [0.5])
      const given = recorder({ scale: 0.5, baseUrl: "http://127.0.0.1:1" })
      yield* runOne(fetching, given.options)
      assert.deepStrictEqual(scaleOf(given.events), [1])
    })
  )
})

describe("runAll", () => {
  it.effect("runs what comes after a failure, and gives the names of those that failed", () =>
    Effect.gen(function* () {
      const { events, options } = recorder()
      const failed = yield* runAll([demo("a", Effect.fail("no")), demo("b", Effect.void)], options)
      assert.deepStrictEqual(failed, ["a"])
      assert.lengthOf(
        events.filter((event) => event.type === "demo-ended"),
        2
      )
    })
  )
})
