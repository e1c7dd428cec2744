/**
 * Pools as if they were the stages of a pipeline, for a picture of both.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { PoolStats } from "../dispatch/lifeOptions.ts"
import type { InvalidOption } from "../errors.ts"
import { millis } from "../options.ts"
import { bottleneckOf } from "../pipeline/bottleneck.ts"
import type { PipelineStats, StageStats } from "../pipeline/stats.ts"

export type PoolsByName = Readonly<Record<string, Effect.Effect<PoolStats>>>

export const ofPools = (pools: PoolsByName, interval: Duration.Input): Stream.Stream<PipelineStats, InvalidOption> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const pause = Effect.sleep(Math.max(1, yield* millis("interval", interval)))
      const startedAt = yield* Clock.currentTimeMillis
      const look = Effect.flatMap(Clock.currentTimeMillis, (now) => statsOf(pools, now - startedAt))
      return Stream.unfold(undefined as PipelineStats | undefined, (before) =>
        Effect.map(before === undefined ? look : Effect.andThen(pause, look), (stats) => {
          const since = withWork(stats, before)
          return [since, since] as const
        })
      )
    })
  )

const statsOf = (pools: PoolsByName, elapsed: number): Effect.Effect<PipelineStats> =>
  Effect.gen(function* () {
    const stages: Array<StageStats> = []
    for (const [name, stats] of Object.entries(pools)) stages.push(stageOf(stages.length, name, yield* stats))
    const done = stages.reduce((sum, { out }) => sum + out, 0)
    return { elapsed, done, stages, bottleneck: bottleneckOf(stages, [])?.name, isDone: false }
  })

/** A pool doesn't say how long its tasks take, nor how long its workers have worked: only how many do now. */
const stageOf = (id: number, name: string, pool: PoolStats): StageStats => {
  const working = pool.place === "fiber" ? pool.running : pool.workers.filter(({ running }) => running > 0).length
  const share = Math.min(1, working / Math.max(1, pool.size))
  return {
    ...{ id, name, kind: "pool", concurrency: Math.max(1, pool.size) },
    ...{ in: pool.completed + pool.crashed + pool.running, out: pool.completed, failed: pool.crashed },
    ...{ retried: 0, skipped: 0, inFlight: pool.running, queued: pool.queued + pool.waiting },
    ...{ p50: 0, p99: 0, busy: 0, utilisation: share, recent: share, isDone: false }
  }
}

/** As many as work now are taken to have worked since the last look. */
const withWork = (stats: PipelineStats, before: PipelineStats | undefined): PipelineStats => {
  const passed = stats.elapsed - (before?.elapsed ?? stats.elapsed)
  const stages = stats.stages.map((stage) => {
    const busy = (before?.stages[stage.id]?.busy ?? 0) + stage.recent * stage.concurrency * passed
    const utilisation = stats.elapsed === 0 ? stage.recent : busy / (stage.concurrency * stats.elapsed)
    return { ...stage, busy, utilisation }
  })
  return { ...stats, stages }
}
