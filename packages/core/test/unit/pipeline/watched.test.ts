/** What the stats of real runs say. */
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Pipeline from "../../../src/Pipeline.ts"

const taking =
  (millis: number) =>
  <A>(value: A) =>
    Effect.as(Effect.sleep(millis), value)

/** A stage that gathers what it sees of the runs. */
const watching = () => {
  const seen: Array<Pipeline.PipelineStats> = []
  const observer = (run: Pipeline.RunStats) =>
    Stream.runForEach(run.changes("1 second"), (stats) => Effect.sync(() => void seen.push(stats)))
  return { seen, observe: Pipeline.observe(observer), last: () => seen.at(-1)! }
}

const range = Pipeline.from(Array.from({ length: 1000 }, (_, n) => n))

/** Runs it in virtual time, so long. */
const forSeconds = <A, E>(seconds: number, run: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(run, { startImmediately: true })
    yield* TestClock.adjust(`${seconds} seconds`)
    return fiber
  })

describe("the bottleneck of a run", () => {
  it.effect("is the slow stage, wherever it is", () =>
    Effect.gen(function* () {
      for (const slow of [0, 1, 2]) {
        const { last, observe } = watching()
        const stage = (number: number) =>
          Pipeline.map(taking(number === slow ? 100 : 20), { name: `s${number}`, concurrency: 2, buffer: 4 })
        const run = range.pipe(stage(0), stage(1), stage(2), observe, Pipeline.run)
        const fiber = yield* forSeconds(10, run)
        expect(last().bottleneck).toBe(`s${slow}`)
        expect(last().stages[slow + 1]?.recent).toBeCloseTo(1, 1)
        yield* Fiber.interrupt(fiber)
      }
    })
  )

  it.effect("goes away when the stage is made wider, and is the next one then", () =>
    Effect.gen(function* () {
      const { last, observe } = watching()
      const run = range.pipe(
        Pipeline.map(taking(100), { name: "parse", concurrency: 20, buffer: 4 }),
        Pipeline.map(taking(20), { name: "write", concurrency: 2, buffer: 4 }),
        observe,
        Pipeline.run
      )
      const fiber = yield* forSeconds(10, run)
      expect(last().bottleneck).toBe("write")
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("is the source when all wait for it", () =>
    Effect.gen(function* () {
      const { last, observe } = watching()
      const slow = Stream.fromIterable([1, 2, 3, 4, 5, 6, 7, 8, 9]).pipe(
        Stream.rechunk(1),
        Stream.mapEffect(taking(900))
      )
      const run = Pipeline.from(slow).pipe(Pipeline.map(taking(100), { name: "work" }), observe, Pipeline.run)
      const fiber = yield* forSeconds(5, run)
      expect([last().bottleneck, last().stages[0]?.kind]).toEqual([last().stages[0]?.name, "source"])
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("is no stage when the consumer is slow", () =>
    Effect.gen(function* () {
      const { last, observe } = watching()
      const stream = range.pipe(Pipeline.map(taking(10), { name: "work" }), observe, Pipeline.toStream)
      const fiber = yield* forSeconds(10, Stream.runForEach(Stream.rechunk(stream, 1), taking(1000)))
      expect(last().bottleneck).toBe(undefined)
      yield* Fiber.interrupt(fiber)
    })
  )
})

describe("the stats of a run", () => {
  it.effect("come while it goes on, and a last time at its end, however that is", () =>
    Effect.gen(function* () {
      const ways = {
        success: Pipeline.from([1, 2, 3]).pipe(Pipeline.map(taking(700))),
        failure: Pipeline.from([1, 2, 3]).pipe(
          Pipeline.map((n) => Effect.andThen(taking(700)(n), n === 3 ? Effect.fail("no") : Effect.succeed(n)))
        ),
        interrupt: Pipeline.from([1, 2, 3]).pipe(Pipeline.map(taking(100_000)))
      }
      for (const [way, pipeline] of Object.entries(ways)) {
        const { last, observe, seen } = watching()
        const fiber = yield* forSeconds(2.1, Pipeline.run(observe(pipeline as Pipeline.Pipeline<number, string>)))
        if (way === "interrupt") yield* Fiber.interrupt(fiber)
        const exit = yield* Fiber.await(fiber)
        expect(Exit.isSuccess(exit)).toBe(way === "success")
        expect(seen.map(({ isDone }) => isDone)).toEqual([false, false, false, true])
        expect(seen.map(({ elapsed }) => elapsed)).toEqual([0, 1000, 2000, 2100])
        expect(last().stages.every(({ isDone }) => isDone)).toBe(true)
      }
    })
  )

  it.effect("count what came, went, failed, was tried again and was left out", () =>
    Effect.gen(function* () {
      const { last, observe } = watching()
      let tries = 0
      yield* Pipeline.from([1, 2, 3, 4]).pipe(
        Pipeline.map(
          (n) => Effect.suspend(() => (n % 2 === 0 || ++tries > 100 ? Effect.succeed(n) : Effect.fail("odd"))),
          {
            ...{ name: "even", retry: Schedule.recurs(2), onError: Pipeline.skip }
          }
        ),
        Pipeline.filter((n) => n > 2, { name: "large" }),
        observe,
        Pipeline.run
      )
      const counts = last().stages.map((stage) => [
        stage.name,
        stage.in,
        stage.out,
        stage.failed,
        stage.retried,
        stage.skipped
      ])
      expect(counts).toEqual([
        ["source", 4, 4, 0, 0, 0],
        ["even", 4, 2, 2, 4, 2],
        ["large", 2, 1, 0, 0, 0]
      ])
      for (const stage of last().stages) expect([stage.name, stage.inFlight, stage.queued]).toEqual([stage.name, 0, 0])
    })
  )

  it.effect("show what is in flight, and what waits to be taken", () =>
    Effect.gen(function* () {
      const { last, observe } = watching()
      const run = range.pipe(
        Pipeline.map(taking(10), { name: "quick", concurrency: 3, buffer: 5 }),
        Pipeline.map(taking(5000), { name: "slow" }),
        observe,
        Pipeline.run
      )
      const fiber = yield* forSeconds(4, run)
      const [, quick, slow] = last().stages
      expect([quick?.inFlight, slow?.inFlight]).toEqual([0, 1])
      assert(quick !== undefined && quick.queued > 0 && quick.queued <= 8, `${quick?.queued} wait`)
      expect(quick.in).toBe(quick.out + quick.queued)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("fail the run as an observer does, before more elements leave it", () =>
    Effect.gen(function* () {
      let count = 0
      const run = range.pipe(
        Pipeline.map(taking(100)),
        Pipeline.observe((run) => Stream.runDrain(run.changes(Number.NaN))),
        Pipeline.runForEach(() => Effect.sync(() => count++))
      )
      const fiber = yield* forSeconds(10, run)
      const exit = fiber.pollUnsafe()
      assert(exit !== undefined && Exit.isFailure(exit))
      const error = Option.getOrThrow(Exit.findErrorOption(exit))
      expect([error._tag, count]).toEqual(["InvalidOption", 0])
    })
  )

  it.effect("tell of each run by itself", () =>
    Effect.gen(function* () {
      const { observe, seen } = watching()
      const run = Pipeline.from([1, 2]).pipe(observe, Pipeline.run)
      yield* Effect.andThen(run, run)
      expect(seen.filter(({ isDone }) => isDone).map(({ stages }) => stages[0]?.out)).toEqual([2, 2])
    })
  )
})
