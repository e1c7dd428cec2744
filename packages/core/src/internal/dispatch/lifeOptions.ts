/**
 * The life of a pool and of its workers: how many there are, when they are replaced, how the pool ends, what it tells of
 * itself. Public through `Pool`.
 *
 * @internal
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as Stream from "effect/Stream"
import type { QueueOptions } from "../../Pool.ts"
import type { Place } from "../codec/CallContext.ts"
import type { InvalidOption } from "../errors.ts"
import type { PoolClosed, WorkerStartFailed, WorkerStuck } from "../poolErrors.ts"
import type { PoolEvent } from "../poolEvents.ts"

/** So many workers; or, as there is work for them, from `min` (0 or more) to `max`. */
export type SizeInput = number | { readonly min: number; readonly max: number }

/** How many tasks a pool runs at the same time. */
export interface SizeOptions {
  /**
   * How many workers. Default: as many as the machine runs at the same time (`os.availableParallelism()`).
   *
   * With a range the pool starts `min` of them, and one more at once for each call that finds none free: a burst starts
   * `max`. Those above `min` end when they have been idle for `idleTime`. Fibers need no workers: there it is `max`.
   */
  readonly size?: SizeInput | undefined
  /** How many tasks one worker runs at the same time. More than one is for tasks that wait. Default: 1. */
  readonly concurrency?: number | undefined
  /** How many calls may wait for a worker, and what becomes of the next one. Default: all wait. */
  readonly queue?: QueueOptions | undefined
}

/** How long the workers of a pool live. */
export interface LifeOptions {
  /**
   * How long a worker above `size.min` may have nothing to do before it ends, after its teardown; up to a quarter more.
   * Default: 30 seconds.
   */
  readonly idleTime?: Duration.Input | undefined
  /**
   * When to start a worker again that did not start, or that died before it was given a task. It is asked after each such
   * failure, which is its input; its delay is the time until the next attempt; and its first success begins it anew. When it
   * ends, the calls that have no worker fail with `WorkerStartFailed`, and so do those that come, at once, for a second; then
   * one call tries again. Default: three attempts, after 100 and 200 ms. A worker that dies of a task is replaced at once.
   */
  readonly restart?: Schedule.Schedule<unknown, WorkerStartFailed, unknown> | undefined
  /**
   * When a worker is replaced by a fresh one: between tasks, after its teardown (or the finalizers of its layer). For tasks
   * that leak. Of `age` and `memory` at most half of the workers are replaced at the same time. Default: never.
   */
  readonly recycle?: RecycleOptions | undefined
}

export interface RecycleOptions {
  /** After so many tasks, exactly. */
  readonly tasks?: number | undefined
  /** When it has been ready for so long. */
  readonly age?: Duration.Input | undefined
  /**
   * When it takes more than so many MiB: a thread of heap and buffers, a process of resident memory. Those that work are
   * measured once a second.
   */
  readonly memory?: number | undefined
}

/** How a pool is drained. */
export interface DrainOptions {
  /** How long the tasks have. What is not done then is stopped, as if the pool were closed. Default: as long as they take. */
  readonly deadline?: Duration.Input | undefined
}

/** What became of the calls that a pool had accepted and not settled when its drain began. */
export interface Drained {
  /** Answered, with a result or with an error of their own. */
  readonly finished: number
  /** Failed with a `PoolError`: at the deadline with `PoolClosed`, or because their worker died. */
  readonly unfinished: number
}

/** What a pool is doing, at one moment. */
export interface PoolStats {
  readonly place: Place
  /** The most workers that the pool may have. Fibers need none: there `size × concurrency` tasks run at the same time. */
  readonly size: number
  /** The least, as far as it can start them. */
  readonly minSize: number
  /** Tasks that wait for a worker. */
  readonly queued: number
  /** Tasks whose callers wait for room in the queue. */
  readonly waiting: number
  /** Tasks that a worker has been given and has not answered. */
  readonly running: number
  /** Tasks that were answered, with a result or with an error of their own. */
  readonly completed: number
  /** Tasks that failed because their worker died. */
  readonly crashed: number
  /** Workers that were started in the place of one that died. */
  readonly restarts: number
  /** Workers that ended because of `recycle`. */
  readonly recycled: number
  /** None for fibers. */
  readonly workers: ReadonlyArray<WorkerStats>
}

export interface WorkerStats {
  /** Thread id or process id. */
  readonly id: number
  /** Which of the pool's places it has, from 0: calls of one key go to one place. */
  readonly lane: number
  readonly state: "starting" | "ready" | "retiring" | "ending" | "gone"
  readonly running: number
  readonly completed: number
  /** Milliseconds since it was started. */
  readonly age: number
  /** Bytes, when last measured: only with `recycle.memory` or `memoryLimit`. */
  readonly memory: number | undefined
}

/** What can be done with a pool besides running tasks on it. */
export interface PoolControl {
  /** How many tasks the pool runs at the same time, at the most: workers (or fibers) × `concurrency`. */
  readonly capacity: number
  /** What the pool is doing now. */
  readonly stats: Effect.Effect<PoolStats>
  /**
   * What happens in the pool, from now on until it is closed. It begins with the workers that are there.
   *
   * Each run of the stream is a listener with a buffer of its own, of 16,384 events. The pool does not wait for one that
   * is slow: it drops what finds the buffer full, and says how much in an `EventsDropped` in that place. A listener costs
   * the caller's thread about 4 µs a task; when nobody listens it is a comparison.
   *
   * Of a task, `TaskQueued` comes first, `TaskStarted` next if it starts (and again when it is started again), and
   * `TaskSettled` last, exactly once, when the work has ended: for one that is interrupted, when its handler has. A chunk of a
   * `map` is one task here. Tasks that were called before anybody listened are left out. Of a worker that dies,
   * `WorkerCrashed` is followed by the start of its replacement and by what that does to its tasks.
   *
   * Starts and run times are measured by the workers, also of tasks that were offered ahead, and don't count the ways to and
   * fro. The clocks of two threads or processes agree to some 0.1 ms; they are read as `performance.timeOrigin +
   * performance.now()`.
   */
  readonly events: Stream.Stream<PoolEvent>
  /**
   * Waits until the least number of workers is ready. It is when the pool has been made; it need not be after a `resize`, or
   * a crash.
   */
  readonly ready: Effect.Effect<void, WorkerStartFailed | PoolClosed>
  /** Starts as many workers as the pool may have, and waits until all are ready. */
  readonly warmUp: Effect.Effect<void, WorkerStartFailed | PoolClosed>
  /**
   * Makes the pool larger or smaller. Workers that are missing are started at once (`ready` waits for them); superfluous
   * ones, those with the least to do first, end after what they run, and what they had not started is run by others. The
   * calls of some keys get another worker.
   */
  readonly resize: (size: SizeInput) => Effect.Effect<void, InvalidOption>
  /**
   * Refuses new calls with `PoolClosed`, finishes all that were made before, and then ends the workers. Answers with what
   * became of those calls. It goes on when the drain is interrupted: it can't be taken back, only cut short, by the scope.
   */
  readonly drain: (options?: DrainOptions) => Effect.Effect<Drained, WorkerStuck | InvalidOption>
}
