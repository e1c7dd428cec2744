/**
 * The metrics of a pool, in the `Metric` registry of whoever made it. Gauges and counters are read from the pool when
 * somebody takes a snapshot, and cost nothing in between. Only the two histograms need something of each task: `RunTimes`.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import type { Place } from "../codec/CallContext.ts"
import type { RunTimes } from "./RunTimes.ts"
import type { PoolTimes } from "./watch.ts"

export type MetricsOption = boolean | { readonly name: string }

/** What is read of a pool. */
export interface MetricsSource {
  readonly queued: () => number
  readonly running: () => number
  /** How many tasks it runs at the same time. */
  readonly capacity: () => number
  readonly completed: () => number
  readonly crashed: () => number
  readonly restarts: () => number
  readonly times: PoolTimes | undefined
}

/** Milliseconds: the upper ends of the buckets. */
const boundaries = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000
]

/** Pools that were not given a name are told apart by a number. */
let unnamed = 0

/** Registers the metrics until the scope closes. */
export const registerMetrics = (
  option: MetricsOption | undefined,
  place: Place,
  source: MetricsSource
): Effect.Effect<void, never, Scope.Scope> => {
  if (option === undefined || option === false) return Effect.void
  const pool = option === true ? `pool-${++unnamed}` : option.name
  return Effect.contextWith((context: Context.Context<Scope.Scope>) =>
    Effect.acquireRelease(
      Effect.sync(() => register(context, { pool, place }, source)),
      (registrations) => Effect.sync(() => registrations.forEach((registration) => void registration.remove()))
    )
  )
}

const register = (
  context: Context.Context<never>,
  attributes: { readonly pool: string; readonly place: Place },
  source: MetricsSource
): ReadonlyArray<Metric.Registration> => {
  const ignored = { update: () => {}, modify: () => {} }
  const gauge = (name: string, description: string, read: () => number) =>
    Metric.registerUnsafe(Metric.gauge(`ropewalk_pool_${name}`, { description, attributes }), context, {
      ...ignored,
      get: () => ({ value: read() })
    })
  const counter = (name: string, description: string, read: () => number) =>
    Metric.registerUnsafe(
      Metric.counter(`ropewalk_pool_${name}`, { description, attributes, incremental: true }),
      context,
      { ...ignored, get: () => ({ count: read(), incremental: true }) }
    )
  const histogram = (name: string, description: string, times: RunTimes) =>
    Metric.registerUnsafe(Metric.histogram(`ropewalk_pool_${name}`, { description, attributes, boundaries }), context, {
      ...ignored,
      get: () => histogramOf(times)
    })
  return [
    gauge("queued", "Tasks that wait for a worker", source.queued),
    gauge("running", "Tasks that a worker has started", source.running),
    gauge(
      "utilisation",
      "The share of the pool that is running tasks, from 0 to 1",
      () => source.running() / source.capacity()
    ),
    counter("completed", "Tasks that were answered", source.completed),
    counter("crashed", "Tasks that failed because their worker died", source.crashed),
    counter("restarts", "Workers that were started in the place of one that died", source.restarts),
    ...(source.times === undefined
      ? []
      : [
          counter("busy_millis", "Milliseconds that tasks have run, all together", () => millis(source.times!.run.sum)),
          histogram("wait_millis", "From the call to the start of its task, in milliseconds", source.times.wait),
          histogram("run_millis", "From the start of a task to its end, in milliseconds", source.times.run)
        ])
  ]
}

const millis = (micros: number): number => micros / 1000

const histogramOf = (times: RunTimes): Metric.HistogramState => {
  const { max, min } = times.summary()
  return {
    buckets: boundaries.map((boundary) => [boundary, times.countUpTo(boundary * 1000)]),
    count: times.count,
    min: millis(min),
    max: millis(max),
    sum: millis(times.sum)
  }
}
