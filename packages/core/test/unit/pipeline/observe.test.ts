import { assert, describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { GraphNode } from "../../../src/internal/pipeline/graph.ts"
import { runStats } from "../../../src/internal/pipeline/observe.ts"
import { RunMeter } from "../../../src/internal/pipeline/RunMeter.ts"
import type { PipelineStats } from "../../../src/internal/pipeline/stats.ts"

const node = (id: number, name: string, concurrency: number | undefined): GraphNode => ({
  ...{ id, name, kind: id === 0 ? "source" : "map", place: "fiber" },
  ...{ concurrency, buffer: 1, ordered: true }
})

const graph = {
  nodes: [node(0, "from", 1), node(1, "parse", 2), node(2, "free", undefined)],
  edges: [
    { from: 0, to: 1, label: undefined },
    { from: 1, to: 2, label: undefined }
  ]
}

const begun = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const meter = new RunMeter(graph, clock)
    return { meter, parse: meter.stages[1]!, free: meter.stages[2]!, ...runStats(meter) }
  })
)

const recent = ({ stages }: PipelineStats) => stages.map((stage) => stage.recent)

describe("the stats of a run", () => {
  it.effect("are of now while it goes on, and of its end from then on", () =>
    Effect.gen(function* () {
      const { meter, parse, stats } = yield* begun
      const element = parse.begin()
      yield* TestClock.adjust("1 second")
      parse.end(element)
      parse.out++
      parse.queued++
      yield* TestClock.adjust("1 second")

      const running = yield* stats
      expect({ ...running, stages: undefined }).toEqual({
        ...{ elapsed: 2000, done: 0, bottleneck: undefined, isDone: false, stages: undefined }
      })
      const { p50, p99, ...counted } = running.stages[1]!
      expect(counted).toEqual({
        ...{ id: 1, name: "parse", kind: "map", concurrency: 2, in: 1, out: 1, failed: 0, retried: 0, skipped: 0 },
        ...{ inFlight: 0, queued: 1, busy: 1000, utilisation: 0.25, recent: 0.25, isDone: false }
      })
      expect([p50, p99]).toEqual([1000, 1000])

      meter.end()
      yield* TestClock.adjust("1 minute")
      const ended = yield* stats
      expect([ended.elapsed, ended.isDone, ended.stages.every((stage) => stage.isDone)]).toEqual([2000, true, true])
    })
  )

  it.effect("say 0 of what has no limit: it can't be too narrow", () =>
    Effect.gen(function* () {
      const { free, stats } = yield* begun
      free.begin()
      yield* TestClock.adjust("1 second")
      const { bottleneck, stages } = yield* stats
      expect([stages[2]!.concurrency, stages[2]!.busy, stages[2]!.utilisation]).toEqual([Infinity, 1000, 0])
      expect(bottleneck).toBe(undefined)
    })
  )

  it.effect(
    "come at once, at intervals, and at the end: each about the time since the one before, the last about all",
    () =>
      Effect.gen(function* () {
        const { changes, meter, parse } = yield* begun
        const listener = yield* Effect.forkChild(Stream.runCollect(changes("1 second")), { startImmediately: true })
        yield* TestClock.adjust("1 second")
        const elements = [parse.begin(), parse.begin()]
        yield* TestClock.adjust("1 second")
        for (const element of elements) parse.end(element)
        yield* TestClock.adjust("2500 millis")
        meter.end()

        const seen = yield* Fiber.join(listener)
        expect(seen.map((stats) => stats.elapsed)).toEqual([0, 1000, 2000, 3000, 4000, 4500])
        expect(seen.map((stats) => recent(stats)[1])).toEqual([0, 0, 1, 0, 0, 2 / 9])
        expect(seen.map((stats) => stats.bottleneck)).toEqual([
          ...[undefined, undefined, "parse", undefined, undefined, undefined]
        ])
        expect(seen.map((stats) => stats.isDone)).toEqual([false, false, false, false, false, true])
      })
  )

  it.effect("are one when the run has ended already", () =>
    Effect.gen(function* () {
      const { changes, meter } = yield* begun
      meter.end()
      const seen = yield* Stream.runCollect(changes())
      expect(seen.map((stats) => stats.isDone)).toEqual([true])
    })
  )

  it.effect("can be listened to by many, and left early", () =>
    Effect.gen(function* () {
      const { changes, meter } = yield* begun
      const two = yield* Effect.forkChild(Stream.runCollect(Stream.take(changes("1 second"), 2)))
      const all = yield* Effect.forkChild(Stream.runCollect(changes("2 seconds")))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(two)).toHaveLength(2)
      meter.end()
      expect(yield* Fiber.join(all)).toHaveLength(4)
    })
  )

  for (const interval of [-1, Number.NaN, "soon" as never]) {
    it.effect(`refuse an interval of ${interval}`, () =>
      Effect.gen(function* () {
        const { changes } = yield* begun
        const error = yield* Effect.flip(Stream.runDrain(changes(interval)))
        assert.equal(error._tag, "InvalidOption")
        assert.match(error.message, /^interval must be a duration/)
      })
    )
  }
})
