/**
 * What can be seen of a run from outside while it goes on. Public through `Pipeline`.
 *
 * Nothing here runs unless somebody listens: a snapshot is made when a listener asks for one.
 *
 * @internal
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { InvalidOption } from "../errors.ts"
import { millis } from "../options.ts"
import type { RunMeter } from "./RunMeter.ts"
import type { PipelineStats } from "./stats.ts"

/** The outside of one run of a pipeline. */
export interface RunStats {
  /** How it stands. After the run's end: how it ended. */
  readonly stats: Effect.Effect<PipelineStats>
  /**
   * How it stands: at once, then each time `interval` has passed (default 100 ms), and at the end of the run, after which the
   * stream ends. `recent` and `bottleneck` tell of the time since the element before; in the last one, of the whole run.
   *
   * A listener that is slow gets fewer; nothing is queued for it, and the run doesn't wait for it.
   */
  readonly changes: (interval?: Duration.Input) => Stream.Stream<PipelineStats, InvalidOption>
}

const everySoOften: Duration.Input = "100 millis"

/** Milliseconds. Less would leave no time for what is looked at. */
const shortest = 1

export const runStats = (meter: RunMeter): RunStats => ({
  stats: Effect.sync(() => meter.snapshot()),
  changes: (interval = everySoOften) =>
    Stream.unwrap(
      Effect.map(millis("interval", interval), (interval) => {
        // The end wins over an interval that ends with it, so that the last snapshot is of the end.
        const wait = Effect.raceFirst(meter.ended.await, Effect.sleep(Math.max(interval, shortest)))
        return Stream.unfold(undefined as PipelineStats | undefined, (before) => {
          if (before === undefined) return Effect.sync(() => next(meter.snapshot()))
          if (before.isDone) return Effect.undefined
          return Effect.map(wait, () => next(meter.snapshot(before)))
        })
      })
    )
})

const next = (stats: PipelineStats) => [stats, stats] as const
