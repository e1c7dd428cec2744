/** What holds of the stats of a run under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { runStats } from "../../src/internal/pipeline/observe.ts"
import { RunMeter } from "../../src/internal/pipeline/RunMeter.ts"
import * as Pipeline from "../../src/Pipeline.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"

const it = withExplore(base)

const isOnceDone = (seen: ReadonlyArray<Pipeline.PipelineStats>) => {
  assert.ok(seen.length > 0)
  assert.deepEqual(
    seen.map(({ isDone }) => isDone),
    seen.map((_, index) => index === seen.length - 1)
  )
}

describe("the stats of a run, explored", () => {
  for (const strategy of [Explore.random, Explore.exhaustive({ preemptions: 2 })]) {
    it.explore(
      `end with the run's last, for each listener, also when it ends with an interval: ${strategy.name}`,
      Effect.gen(function* () {
        const meter = yield* Clock.clockWith((clock) =>
          Effect.sync(() => new RunMeter({ nodes: [], edges: [] }, clock))
        )
        const { changes } = runStats(meter)
        const listen = Stream.runCollect(changes("1 second"))
        const end = Effect.andThen(
          Effect.sleep("2 seconds"),
          Effect.sync(() => meter.end())
        )
        const [, ...listeners] = yield* Effect.all([end, listen, listen], { concurrency: "unbounded" })
        for (const seen of listeners) isOnceDone(seen)
      }),
      { strategy, schedules: 1000 }
    )

    it.explore(
      `tell each observer how a run has ended, wherever it is interrupted: ${strategy.name}`,
      Effect.gen(function* () {
        const runs: Array<Array<Pipeline.PipelineStats>> = []
        const observer = (run: Pipeline.RunStats) => {
          const seen: Array<Pipeline.PipelineStats> = []
          runs.push(seen)
          return Stream.runForEach(run.changes("1 second"), (stats) => Effect.sync(() => void seen.push(stats)))
        }
        const run = Pipeline.from([1, 2]).pipe(
          Pipeline.map((n) => Effect.as(Effect.yieldNow, n), { concurrency: 2 }),
          Pipeline.observe(observer),
          Pipeline.run
        )
        yield* Explore.interrupted(run)
        assert.ok(runs.length <= 1)
        for (const seen of runs) isOnceDone(seen)
      }),
      { strategy, schedules: 1000 }
    )
  }
})
