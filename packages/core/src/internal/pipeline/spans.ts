/**
 * What a tracer sees of a run: a span for each stage, from the run's beginning to its end, with the stage's stats at the end;
 * and below it spans of single elements, of which only some are drawn: one costs more than a brief element does.
 *
 * Nothing is made for the tracer that Effect has by default: it shows its spans to nobody.
 *
 * @internal
 */
import type { Clock } from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type { GraphNode } from "./graph.ts"
import type { RunMeter } from "./RunMeter.ts"
import type { StageStats } from "./stats.ts"

type Call = (value: unknown, index: number) => unknown

export class RunSpans {
  private readonly spans: ReadonlyArray<Tracer.Span>

  constructor(spans: ReadonlyArray<Tracer.Span>) {
    this.spans = spans
  }

  /** A stage's call, which draws a span of every so manieth element, from the first on; and of each of its attempts. */
  sampled(node: GraphNode, call: Call, every: number): Call {
    const parent = this.spans[node.id]
    const name = `${nameOf(node)}.element`
    return (value, index) => {
      if (index % every !== 0) return call(value, index)
      const called = Effect.suspend(() => {
        const answer = call(value, index)
        return Effect.isEffect(answer) ? answer : Effect.succeed(answer)
      })
      return Effect.withSpan(called, name, { parent, attributes: { "pipeline.index": index } })
    }
  }

  /** The run has ended: so do its spans, as it did. */
  end(meter: RunMeter, clock: Clock, exit: Exit.Exit<unknown, unknown>): void {
    const { stages } = meter.snapshot()
    const now = clock.currentTimeNanosUnsafe()
    for (const [id, span] of this.spans.entries()) {
      for (const [key, value] of Object.entries(countsOf(stages[id] as StageStats))) span.attribute(key, value)
      span.end(now, exit)
    }
  }
}

/** The spans of a run that begins now; none where nobody traces. */
export const beginSpans = (meter: RunMeter): Effect.Effect<RunSpans | undefined> =>
  Effect.gen(function* () {
    const isTraced = (yield* References.TracerEnabled) && (yield* Effect.tracer) !== Tracer.nativeTracer
    if (!isTraced) return undefined
    const spans = yield* Effect.forEach(meter.stages, ({ node }) =>
      Effect.makeSpan(nameOf(node), { attributes: attributesOf(node) })
    )
    return new RunSpans(spans)
  })

const nameOf = ({ name }: GraphNode): string => `pipeline.${name}`

const attributesOf = ({ concurrency, kind, place }: GraphNode): Record<string, unknown> => ({
  "pipeline.kind": kind,
  ...(place === undefined ? {} : { "pipeline.place": place }),
  ...(concurrency === undefined ? {} : { "pipeline.concurrency": concurrency })
})

/** Times are in milliseconds. */
const countsOf = (stats: StageStats): Record<string, number> => ({
  "pipeline.in": stats.in,
  "pipeline.out": stats.out,
  "pipeline.failed": stats.failed,
  "pipeline.retried": stats.retried,
  "pipeline.skipped": stats.skipped,
  "pipeline.p50": stats.p50,
  "pipeline.p99": stats.p99,
  "pipeline.utilisation": stats.utilisation
})
