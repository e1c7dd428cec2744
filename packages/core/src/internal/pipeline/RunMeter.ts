/**
 * The meters of one run of a pipeline, a stage each, and the snapshots that are made of them.
 *
 * @internal
 */
import type { Clock } from "effect/Clock"
import * as Latch from "effect/Latch"
import { bottleneckOf } from "./bottleneck.ts"
import { doneOf } from "./done.ts"
import type { Graph } from "./graph.ts"
import { StageMeter } from "./StageMeter.ts"
import type { PipelineStats, StageStats } from "./stats.ts"

export class RunMeter {
  /** By the ids of the graph's nodes. */
  readonly stages: ReadonlyArray<StageMeter>
  /** Opens when the run is over. */
  readonly ended = Latch.makeUnsafe()
  private readonly graph: Graph
  private readonly now: () => number
  private readonly startedAt: number
  private endedAt: number | undefined
  /** As seen last: where it is an average it may fall, and what is done is not undone. */
  private done = 0

  constructor(graph: Graph, clock: Clock) {
    this.graph = graph
    // A bigint costs more than a number would; it is why few elements are timed, and one clock serves live and test runs.
    this.now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    this.startedAt = this.now()
    this.stages = graph.nodes.map((node) => new StageMeter(node, this.now))
  }

  /** The run is over, well or not: snapshots are of this moment from now on. */
  end(): void {
    if (this.endedAt !== undefined) return
    this.endedAt = this.now()
    for (const stage of this.stages) stage.isDone = true
    this.ended.openUnsafe()
  }

  /** What has been counted until now. `since`: an earlier snapshot, from which on `recent` is measured. */
  snapshot(since?: PipelineStats): PipelineStats {
    const now = this.endedAt ?? this.now()
    const elapsed = now - this.startedAt
    const isDone = this.endedAt !== undefined
    const before = isDone ? undefined : since
    const stages = this.stages.map((meter, id) => statsOf(meter, now, elapsed, before, before?.stages[id]))
    this.done = Math.max(this.done, doneOf(this.graph, this.stages))
    return {
      elapsed,
      done: this.done,
      stages,
      bottleneck: bottleneckOf(stages, this.graph.edges)?.name,
      isDone
    }
  }
}

const statsOf = (
  meter: StageMeter,
  now: number,
  elapsed: number,
  before: PipelineStats | undefined,
  stageBefore: StageStats | undefined
): StageStats => {
  const { id, kind, name } = meter.node
  // A source is asked by one stage, for some elements at a time.
  const concurrency = meter.node.concurrency ?? (kind === "source" ? 1 : Number.POSITIVE_INFINITY)
  const busy = meter.busy(now)
  const share = (work: number, time: number): number =>
    time <= 0 ? 0 : Math.min(1, Math.max(0, work / (concurrency * time)))
  return {
    id,
    name,
    kind,
    concurrency,
    in: meter.in,
    out: meter.out,
    failed: meter.failed,
    retried: meter.retried,
    skipped: meter.skipped,
    inFlight: meter.inFlight,
    queued: meter.queued,
    p50: meter.quantile(0.5),
    p99: meter.quantile(0.99),
    busy,
    utilisation: share(busy, elapsed),
    recent: share(busy - (stageBefore?.busy ?? 0), elapsed - (before?.elapsed ?? 0)),
    isDone: meter.isDone
  }
}
