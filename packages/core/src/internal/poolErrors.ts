/**
 * Every way in which a pool, or one dedicated worker, can fail a task. Public through `Pool`.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { describeValue, EncodeFailed, InvalidOption, inWords, Path } from "./errors.ts"

/** The worker ended by itself: `process.exit`, or nothing left to do. `code` is its exit code. */
export class Exited extends Schema.TaggedClass<Exited>()("Exited", { code: Schema.Number }) {}

/** A signal that this library did not send ended the worker's process. */
export class Killed extends Schema.TaggedClass<Killed>()("Killed", { signal: Schema.String }) {}

/** The worker's JavaScript heap reached its limit, or its process took more than its `memoryLimit`. */
export class OutOfMemory extends Schema.TaggedClass<OutOfMemory>()("OutOfMemory", {}) {}

/** An exception or a rejection outside of every task: a timer, an event listener, a forgotten promise. */
export class Uncaught extends Schema.TaggedClass<Uncaught>()("Uncaught", { cause: Schema.Defect() }) {}

/** This library stopped the worker: another task on it was interrupted and did not yield in its grace, or `kill` was called. */
export class Terminated extends Schema.TaggedClass<Terminated>()("Terminated", {}) {}

export const CrashReason = Schema.Union([Exited, Killed, OutOfMemory, Uncaught, Terminated])
export type CrashReason = typeof CrashReason.Type

const describeReason = (reason: CrashReason): string => {
  switch (reason._tag) {
    case "Exited":
      return `it exited with code ${reason.code}`
    case "Killed":
      return `it was killed by ${reason.signal}`
    case "OutOfMemory":
      return "it ran out of memory"
    case "Uncaught":
      return `it threw outside of a task: ${describeValue(reason.cause)}`
    case "Terminated":
      return "it was stopped"
  }
}

/** The worker that ran the task died under it. The pool has replaced it; the task's effects may have happened in part. */
export class WorkerCrashed extends Schema.TaggedError<WorkerCrashed>()("WorkerCrashed", {
  task: Schema.String,
  /** Thread id or process id. */
  worker: Schema.Number,
  reason: CrashReason
}) {
  override get message(): string {
    return `Worker ${this.worker} died while it ran "${this.task}": ${describeReason(this.reason)}`
  }
}

/** No worker could be started: its file is missing, fails while it loads, or does not call `WorkerMain.run`. */
export class WorkerStartFailed extends Schema.TaggedError<WorkerStartFailed>()("WorkerStartFailed", {
  worker: Schema.String,
  cause: Schema.Defect(),
  /** How many starts in a row failed. */
  attempts: Schema.Number
}) {
  override get message(): string {
    const times = this.attempts === 1 ? "" : ` (${this.attempts} attempts)`
    return `Worker ${this.worker} did not start${times}: ${describeValue(this.cause)}`
  }
}

/**
 * A worker was killed and did not end: the operating system holds it, in a call that nothing interrupts (`execSync` in a
 * thread, a disk that does not answer). The pool has given it up, and goes on without it. It is a defect of whoever waited
 * for its end: of an interrupted call, of the scope that closes the pool. `drain` fails with it.
 */
export class WorkerStuck extends Schema.TaggedError<WorkerStuck>()("WorkerStuck", {
  /** Thread id or process id. */
  worker: Schema.Number,
  /** How long it was waited for after the kill. */
  millis: Schema.Number
}) {
  override get message(): string {
    return `Worker ${this.worker} was killed and did not end within ${this.millis} ms: the system holds it, and may let it go later. What it runs should wait without blocking: exec and not execSync, say`
  }
}

/** The pool was closed before the task had an answer. */
export class PoolClosed extends Schema.TaggedError<PoolClosed>()("PoolClosed", { task: Schema.String }) {
  override get message(): string {
    return `"${this.task}" was not run to its end: its pool is closed`
  }
}

/** The pool's queue was full, and the pool was made to refuse what finds it so. The task was not begun. */
export class PoolFull extends Schema.TaggedError<PoolFull>()("PoolFull", {
  task: Schema.String,
  /** How many calls may wait in the queue. */
  capacity: Schema.Number
}) {
  override get message(): string {
    return `"${this.task}" was refused: the queue of its pool is full (capacity ${this.capacity}). Call again later, or make a pool with more workers, a higher capacity, or the overflow "suspend", which waits for room`
  }
}

/** The pool's queue was full, and the pool was made to drop what waits there longest. The task was not begun. */
export class TaskDropped extends Schema.TaggedError<TaskDropped>()("TaskDropped", {
  task: Schema.String,
  /** How many calls may wait in the queue. */
  capacity: Schema.Number
}) {
  override get message(): string {
    return `"${this.task}" was dropped in favour of calls of the same or a higher priority: the queue of its pool is full (capacity ${this.capacity}). If it is still wanted call again, with a higher priority, or make a pool with more workers, a higher capacity, or the overflow "suspend", which drops nothing`
  }
}

/** The time given to the task ran out. `phase` says whether it was still queued, or running (and has been stopped). */
export class TaskTimeout extends Schema.TaggedError<TaskTimeout>()("TaskTimeout", {
  task: Schema.String,
  phase: Schema.Literals(["queued", "running"]),
  /** The time it had, in milliseconds. */
  millis: Schema.Number
}) {
  override get message(): string {
    const advice =
      this.phase === "queued" ? "no worker was free; a larger pool would have started it" : "it was stopped"
    return `"${this.task}" did not end within ${this.millis} ms: ${advice}`
  }
}

/** What arrived does not fit the schema of this side: the two sides were built from different versions of the group. */
export class DecodeFailed extends Schema.TaggedError<DecodeFailed>()("DecodeFailed", {
  task: Schema.String,
  what: Schema.Literals(["payload", "result"]),
  path: Path,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `The ${this.what} of "${this.task}" arrived but can't be read${inWords(this.path)}: ${describeValue(this.cause)}`
  }
}

/** Everything that `run` can fail with besides the task's own error. */
export const PoolError = Schema.Union([
  PoolClosed,
  PoolFull,
  TaskDropped,
  TaskTimeout,
  WorkerCrashed,
  WorkerStartFailed,
  EncodeFailed,
  DecodeFailed,
  InvalidOption
])
export type PoolError = typeof PoolError.Type
