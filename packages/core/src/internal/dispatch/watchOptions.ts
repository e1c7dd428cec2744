/**
 * What a pool's tasks take along of their callers, and how the pool is watched. Public through `Pool`.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import type { LogsOption } from "../context/replay.ts"
import type { MetricsOption } from "./metrics.ts"

/** How a pool is watched. */
export interface MetricsOptions {
  /**
   * Whether the pool has metrics in the `Metric` registry of the fiber that makes it, until it is closed. `name` is their
   * attribute `pool`, by default `pool-1`, `pool-2`, and so on; the attribute `place` is there too. Default: false.
   *
   * Gauges `ropewalk_pool_queued`, `_running`, `_utilisation` (the share of the pool that is running tasks, now) and counters
   * `_completed`, `_crashed`, `_restarts` are read when a snapshot is taken. Histograms `_wait_millis` and `_run_millis`, and
   * the counter `_busy_millis`, note down each task that has started and ended, for about 0.5 µs: the run time is measured by
   * the worker, the wait is the time from the call to the start there.
   */
  readonly metrics?: MetricsOption | undefined
}

/**
 * What a task takes along of its caller's context to a thread or process, besides the caller's span and log annotations.
 *
 * The span is the parent of those that the handler opens, as an external one: to export the worker's spans, give its layer a
 * tracer. Effect's default references stay behind unless they are named here.
 */
export interface ContextOptions {
  /**
   * Where it comes out what handlers log. With `"caller"`, at the loggers of the call's fiber, at its level and before the
   * call's result, with the annotations `worker` and `task` besides its own; a value that can't be cloned comes as text. What
   * a worker logs outside of calls (its layer, fibers that outlive their task) comes out where the pool was made. Loggers
   * that the worker's layer adds get it too. With `"worker"`, it is logged in the worker by the worker's own loggers and
   * level. Default: `"caller"`.
   *
   * **Gotchas**: an entry is a message to the program. A process waits until the system has taken it, as with a console.
   */
  readonly logs?: LogsOption | undefined
  /**
   * References whose values handlers find as the caller's fiber has them. One that the caller has not set has its default
   * there. The value is cloned; a call with one that can't be fails with `EncodeFailed`, about the `"context"`.
   */
  readonly carry?: ReadonlyArray<Context.Reference<any>> | undefined
}
