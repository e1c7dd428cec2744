/**
 * What a pool tells of its workers and tasks. Public through `Pool`.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { EventsDropped } from "./EventStream.ts"
import { CrashReason } from "./poolErrors.ts"

/** Milliseconds since the epoch, with fractions. */
const at = Schema.Number

/** Thread id or process id. */
const worker = Schema.Number

/** The call's number: they count up within one pool. */
const id = Schema.Number

/** The tag of the task, or the name of the function. */
const task = Schema.String

/** What became of a task. */
export const TaskOutcome = Schema.Literals([
  "succeeded",
  /** With an error of its own, or with one about its result. */
  "failed",
  "died",
  "interrupted",
  /** Its worker died under it. */
  "crashed",
  /** The pool did not take it on, or gave it up before it started. */
  "refused"
])
export type TaskOutcome = typeof TaskOutcome.Type

/** A worker is being started. `lane` is its place in the pool, which its replacement takes. */
const WorkerStarted = Schema.TaggedStruct("WorkerStarted", { at, worker, lane: Schema.Number })

/** A worker can take tasks; it took `millis` to get there. */
const WorkerReady = Schema.TaggedStruct("WorkerReady", { at, worker, millis: Schema.Number })

/** A worker has ended in order: the pool is closing or has become smaller, or the worker was idle or worn out. */
const WorkerRetired = Schema.TaggedStruct("WorkerRetired", { at, worker })

/** A worker has ended otherwise. `ready` says whether it had been ready. */
const WorkerCrashed = Schema.TaggedStruct("WorkerCrashed", { at, worker, ready: Schema.Boolean, reason: CrashReason })

/** Another worker, which is being started, has taken the lane of one that is gone. */
const WorkerReplaced = Schema.TaggedStruct("WorkerReplaced", { at, worker, replacement: Schema.Number })

const TaskQueued = Schema.TaggedStruct("TaskQueued", { at, id, task })

/** `worker` is left out by fibers. */
const TaskStarted = Schema.TaggedStruct("TaskStarted", { at, id, task, worker: Schema.optionalKey(worker) })

const TaskSettled = Schema.TaggedStruct("TaskSettled", {
  at,
  id,
  task,
  /** Left out by fibers, and for a task that did not start. */
  worker: Schema.optionalKey(worker),
  outcome: TaskOutcome,
  /** The tag of the pool's error, if it was one. */
  error: Schema.optionalKey(Schema.String),
  /** Milliseconds from the call to the start, or to the end of one that did not start. */
  waited: Schema.Number,
  /** Milliseconds from the start to the end; 0 for a task that did not start. */
  ran: Schema.Number
})

/** Each begins with when it happened; a task is known by its `id`. Plain objects: JSON lines by `Schema.toCodecJson`. */
export const PoolEvent = Schema.Union([
  WorkerStarted,
  WorkerReady,
  WorkerRetired,
  WorkerCrashed,
  WorkerReplaced,
  TaskQueued,
  TaskStarted,
  TaskSettled,
  EventsDropped
])
export type PoolEvent = typeof PoolEvent.Type
