/**
 * What a running pipeline tells of itself: plain data, one snapshot at a time. Public through `Pipeline`.
 *
 * @internal
 */

/** One stage, since the run began. */
export interface StageStats {
  /** Its number in the graph of `Pipeline.describe`. */
  readonly id: number
  readonly name: string
  readonly kind: string
  /** How many elements it works on at the same time; `Infinity` when nothing limits it. */
  readonly concurrency: number
  /** Elements it has taken. */
  readonly in: number
  /** Elements it has given to the next stage. A `filter` gives fewer than it takes, a `flatMap` often more. */
  readonly out: number
  /** Elements whose last attempt failed, whatever `onError` did with them. */
  readonly failed: number
  /** Attempts after the first. */
  readonly retried: number
  /** Failed elements that were skipped or sent to a dead-letter sink. */
  readonly skipped: number
  /** Elements it is working on. */
  readonly inFlight: number
  /** Elements it has done, and that the next stage has not taken. */
  readonly queued: number
  /**
   * Milliseconds that half of the elements did not exceed, retries and their delays included; of a source, the times that a
   * stage had to wait for it. 0 while none has ended.
   */
  readonly p50: number
  /** Milliseconds that 99 of 100 elements did not exceed. */
  readonly p99: number
  /** Milliseconds of work, summed over what ran at the same time. */
  readonly busy: number
  /** `busy` as a share of what its concurrency allows, from 0 to 1, since the run began. 0 when nothing limits it. */
  readonly utilisation: number
  /** The same since the snapshot before this one in a stream of them; in a single or final snapshot it is `utilisation`. */
  readonly recent: number
  /** It has given its last element. */
  readonly isDone: boolean
}

/** A pipeline, at one moment of a run. */
export interface PipelineStats {
  /** Milliseconds since the run began. */
  readonly elapsed: number
  /**
   * How many of the elements that the sources have given have left the last stage, or were left out on the way: filtered,
   * skipped. The others are under way. What was given to a `reduce` is done when it is folded.
   *
   * Where a stage makes many of one (`flatMap`, `broadcast`) or one of many (`batch`, `window`), each that leaves it counts for
   * as much of an element of the source as it stands for on average until now, so there it may be a fraction. It never falls.
   */
  readonly done: number
  /** In the order of the graph's nodes: sources first, what they feed after them. */
  readonly stages: ReadonlyArray<StageStats>
  /** The name of the stage that holds up the others, if one does. */
  readonly bottleneck: string | undefined
  /** The run has ended, well or not: there is no later snapshot. */
  readonly isDone: boolean
}
