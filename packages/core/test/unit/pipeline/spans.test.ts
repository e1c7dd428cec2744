import { assert, describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Tracer from "effect/Tracer"
import * as TestClock from "effect/testing/TestClock"
import { RunMeter } from "../../../src/internal/pipeline/RunMeter.ts"
import { beginSpans } from "../../../src/internal/pipeline/spans.ts"
import * as Pipeline from "../../../src/Pipeline.ts"

/** A tracer, and the spans that were drawn with it. */
const tracing = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const traced = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideService(effect, Tracer.Tracer, tracer)
  return { spans, traced, named: (name: string) => spans.filter((span) => span.name === name) }
}

const exitOf = ({ status }: Tracer.NativeSpan) => (status._tag === "Ended" ? status.exit : undefined)

const parentOf = ({ parent }: Tracer.NativeSpan) => Option.getOrUndefined(parent)

const slowly = <A>(value: A) => Effect.as(Effect.sleep("1 second"), value)

const numbers = Pipeline.from([1, 2, 3, 4, 5])

describe("the span of a stage", () => {
  it.effect("is there from the beginning of a run to its end, with its stats, below the caller's", () =>
    Effect.gen(function* () {
      const { named, spans, traced } = tracing()
      const run = numbers.pipe(
        Pipeline.map(slowly, { name: "wait", concurrency: 2 }),
        Pipeline.filter((n) => n > 1, { name: "larger" }),
        Pipeline.run,
        Effect.withSpan("caller")
      )
      const fiber = yield* Effect.forkChild(traced(run))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(fiber)
      expect(spans.map(({ name }) => name)).toEqual([
        ...["caller", "pipeline.source", "pipeline.wait", "pipeline.larger"]
      ])
      const [wait] = named("pipeline.wait")
      assert(wait !== undefined)
      expect(parentOf(wait)).toBe(named("caller")[0])
      expect(Object.fromEntries(wait.attributes)).toMatchObject({
        ...{ "pipeline.kind": "map", "pipeline.place": "fiber", "pipeline.concurrency": 2 },
        ...{ "pipeline.in": 5, "pipeline.out": 5, "pipeline.failed": 0, "pipeline.p50": 1000 }
      })
      expect(wait.attributes.get("pipeline.utilisation")).toBeCloseTo(5 / 6)
      expect(named("pipeline.larger")[0]?.attributes.get("pipeline.out")).toBe(4)
      assert(wait.status._tag === "Ended")
      expect([wait.status.endTime - wait.status.startTime, wait.status.exit._tag]).toEqual([3_000_000_000n, "Success"])
    })
  )

  it.effect("ends as the run does: by a failure, or an interrupt", () =>
    Effect.gen(function* () {
      const failing = tracing()
      yield* Effect.exit(failing.traced(Pipeline.run(Pipeline.map(numbers, () => Effect.fail("no")))))
      const interrupted = tracing()
      const fiber = yield* Effect.forkChild(interrupted.traced(Pipeline.run(Pipeline.map(numbers, slowly))), {
        startImmediately: true
      })
      yield* Fiber.interrupt(fiber)
      for (const { spans } of [failing, interrupted]) {
        expect(spans).toHaveLength(2)
        for (const span of spans) assert.isTrue(Exit.isFailure(exitOf(span) ?? Exit.void))
      }
    })
  )

  it.effect("is there for each run", () =>
    Effect.gen(function* () {
      const { named, traced } = tracing()
      const run = traced(Pipeline.run(numbers))
      yield* Effect.andThen(run, run)
      expect(named("pipeline.source")).toHaveLength(2)
    })
  )

  it.effect("is not there for a tracer that shows it to nobody, or that is switched off", () =>
    Effect.gen(function* () {
      const meter = new RunMeter({ nodes: [], edges: [] }, yield* Clock.clockWith(Effect.succeed))
      assert.equal(yield* beginSpans(meter), undefined)
      const { spans, traced } = tracing()
      yield* numbers.pipe(
        Pipeline.map((n) => n),
        Pipeline.withSpans({ every: 1 }),
        Pipeline.run,
        Effect.withTracerEnabled(false),
        traced
      )
      expect(spans).toEqual([])
    })
  )
})

describe("the spans of elements", () => {
  it.effect("are those of every so manieth one, below their stage's", () =>
    Effect.gen(function* () {
      const { named, traced } = tracing()
      const doubled = yield* numbers.pipe(
        Pipeline.map((n) => Effect.succeed(2 * n), { name: "effect" }),
        Pipeline.map((n) => n + 1, { name: "value" }),
        Pipeline.withSpans({ every: 2 }),
        Pipeline.map((n) => n, { name: "after" }),
        Pipeline.runCollect,
        traced
      )
      expect(doubled).toEqual([3, 5, 7, 9, 11])
      for (const stage of ["effect", "value"]) {
        const elements = named(`pipeline.${stage}.element`)
        expect(elements.map(({ attributes }) => attributes.get("pipeline.index"))).toEqual([0, 2, 4])
        for (const span of elements) expect(parentOf(span)).toBe(named(`pipeline.${stage}`)[0])
      }
      expect([named("pipeline.after").length, named("pipeline.after.element").length]).toEqual([1, 0])
    })
  )

  it.effect("are one for each attempt, and end as it did", () =>
    Effect.gen(function* () {
      const { named, traced } = tracing()
      let attempts = 0
      const sometimes = () => (++attempts < 3 ? Effect.fail("not yet") : Effect.succeed("done"))
      yield* Pipeline.from(["a"]).pipe(
        Pipeline.map(() => Effect.suspend(sometimes), { name: "try", retry: Schedule.recurs(5) }),
        Pipeline.withSpans({ every: 1 }),
        Pipeline.run,
        traced
      )
      expect(named("pipeline.try.element").map((span) => exitOf(span)?._tag)).toEqual(["Failure", "Failure", "Success"])
    })
  )

  it.effect("are the parents of what the stage draws", () =>
    Effect.gen(function* () {
      const { named, traced } = tracing()
      const look = (n: number) => Effect.withSpan(Effect.succeed(n), "look")
      yield* traced(Pipeline.run(Pipeline.withSpans(Pipeline.map(numbers, look, { name: "find" }), { every: 5 })))
      expect(named("look")).toHaveLength(5)
      expect(parentOf(named("look")[0]!)).toBe(named("pipeline.find.element")[0])
    })
  )

  for (const every of [0, -1, 1.5, Number.NaN]) {
    it.effect(`refuse to be one of ${every}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Pipeline.run(Pipeline.withSpans(numbers, { every })))
        expect([error._tag, error.option]).toEqual(["InvalidOption", "every"])
      })
    )
  }
})
