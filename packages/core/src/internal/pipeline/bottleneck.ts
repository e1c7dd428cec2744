/**
 * Which stage holds up a pipeline.
 *
 * In a chain with bounded buffers every stage moves at the pace of the slowest. It alone is always at work: the stages before
 * it are blocked (what they have done isn't taken), those behind it starve. Neither being blocked nor starving is work, so
 * the stage with the highest utilisation is the one to widen; this is the utilisation law of operational analysis (Denning
 * and Buzen, 1978): `utilisation = throughput × work an element / width`, and the throughput is the same for all.
 *
 * Two things remain to be decided. Stages that are as good as equally busy are told apart by what waits in front of them: the
 * slower of two has a queue. And when nobody works for half of the time, no stage holds up the others: the consumer does, or
 * there is nothing to do.
 *
 * Utilisation is measured from when an element is begun until its result is there. So a stage that waits for workers of a
 * pool that is too small, for a limiter, or for a retry's delay is busy, and is named: it is where to look.
 *
 * @internal
 */
import type { GraphEdge } from "./graph.ts"
import type { StageStats } from "./stats.ts"

/** Who works less than this is not what the others wait for. */
const least = 0.5

/** Differences below this are noise. */
const margin = 0.05

export const bottleneckOf = (
  stages: ReadonlyArray<StageStats>,
  edges: ReadonlyArray<GraphEdge>
): StageStats | undefined => {
  const highest = Math.max(0, ...stages.map((stage) => stage.recent))
  if (highest < least) return undefined
  const busiest = stages.filter((stage) => stage.recent >= highest - margin)
  const waitingFor = (stage: StageStats): number =>
    edges
      .filter((edge) => edge.to === stage.id)
      .reduce((sum, edge) => sum + (stages.find(({ id }) => id === edge.from)?.queued ?? 0), 0)
  // With equal queues, or none, it is the first: what comes after it can't be faster.
  return busiest.reduce((slowest, stage) => (waitingFor(stage) > waitingFor(slowest) ? stage : slowest))
}
