import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { PoolStats } from "../../../src/internal/dispatch/lifeOptions.ts"
import * as Progress from "../../../src/Progress.ts"

const worker = (running: number) => ({
  ...{ id: 1, lane: 0, state: "ready" as const, running, completed: 0, age: 0, memory: undefined }
})

const threads = (running: ReadonlyArray<number>, rest: Partial<PoolStats> = {}): PoolStats => ({
  ...{ place: "thread", size: running.length, minSize: running.length, queued: 0, waiting: 0, crashed: 0 },
  ...{ restarts: 0, recycled: 0, completed: 0, workers: running.map(worker) },
  running: running.reduce((sum, n) => sum + n, 0),
  ...rest
})

describe("the stats of pools", () => {
  it.effect("come at once and at intervals, a stage each, with what their workers have done since", () =>
    Effect.gen(function* () {
      let stats = threads([4, 0], { completed: 10, queued: 3, waiting: 2, crashed: 1 })
      const pools = {
        parse: Effect.sync(() => stats),
        fetch: Effect.succeed({ ...threads([]), place: "fiber" as const, size: 8, running: 2 })
      }
      const listener = yield* Effect.forkChild(Stream.runCollect(Stream.take(Progress.ofPools(pools, "1 second"), 3)))
      yield* TestClock.adjust("1 second")
      stats = threads([1, 1], { completed: 30 })
      yield* TestClock.adjust("1 second")
      const seen = yield* Fiber.join(listener)
      expect(seen.map(({ elapsed }) => elapsed)).toEqual([0, 1000, 2000])
      expect(seen.map(({ done }) => done)).toEqual([10, 10, 30])
      expect(seen.map(({ bottleneck }) => bottleneck)).toEqual(["parse", "parse", "parse"])
      expect(seen[0]!.stages.map(({ name, concurrency, recent }) => [name, concurrency, recent])).toEqual([
        ["parse", 2, 0.5],
        ["fetch", 8, 0.25]
      ])
      const parse = seen.map(({ stages }) => stages[0]!)
      expect(parse.map(({ busy }) => busy)).toEqual([0, 1000, 3000])
      expect(parse.map(({ utilisation }) => utilisation)).toEqual([0.5, 0.5, 0.75])
      expect([parse[0]!.in, parse[0]!.out, parse[0]!.inFlight, parse[0]!.queued, parse[0]!.failed]).toEqual([
        15, 10, 4, 5, 1
      ])
    })
  )

  it.effect("refuse an interval that is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(Progress.ofPools({}, Number.NaN)))
      assert.equal(error._tag, "InvalidOption")
    })
  )
})
