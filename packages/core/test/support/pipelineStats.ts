/** Stats of a pipeline that a test makes up. */
import type { PipelineStats, StageStats } from "../../src/internal/pipeline/stats.ts"

const stageStats = (stage: Partial<StageStats> = {}): StageStats => ({
  ...{ id: 0, name: "stage", kind: "map", concurrency: 1, in: 0, out: 0, failed: 0, retried: 0, skipped: 0 },
  ...{ inFlight: 0, queued: 0, p50: 0, p99: 0, busy: 0, utilisation: 0, recent: 0, isDone: false },
  ...stage
})

export const pipelineStats = (
  stages: ReadonlyArray<Partial<StageStats>>,
  stats: Partial<Omit<PipelineStats, "stages">> = {}
): PipelineStats => ({
  ...{ elapsed: 10_000, done: 0, bottleneck: undefined, isDone: false },
  ...stats,
  stages: stages.map((stage, id) => stageStats({ id, ...stage }))
})

/** Lines, a slow parser that skips what it can't read, and a writer. */
export const importing = pipelineStats(
  [
    { name: "lines", kind: "source", in: 12_345, out: 12_345, p50: 0.002, p99: 0.005, recent: 0.01 },
    {
      ...{ name: "parse", in: 12_345, out: 12_334, inFlight: 8, failed: 3, skipped: 3 },
      ...{ concurrency: 8, p50: 5.1, p99: 12, recent: 0.98 }
    },
    { name: "write", in: 12_334, out: 12_333, inFlight: 1, p50: 0.2, p99: 1, recent: 0.12 }
  ],
  { done: 12_336, bottleneck: "parse" }
)
