/**
 * Who watches a pool: the listeners of its events, and its metrics. A pool that nobody watches has none of this at work:
 * where something could be told there is one look whether anybody wants to know.
 *
 * When a task started, and how long it ran, is the worker's word, by its own clock (`wallClock.ts`): a task may have been
 * offered ahead, and its answer may have waited for others. Workers say it only while somebody watches, and say it at the
 * start of each task only to listeners.
 *
 * @internal
 */
import { wallClock } from "../context/wallClock.ts"
import type { PoolEvent, TaskOutcome } from "../poolEvents.ts"
import type { Reporting, WireExit } from "../transport/Transport.ts"
import type { Outcome } from "./Call.ts"
import { PoolEvents } from "./events.ts"
import { RunTimes } from "./RunTimes.ts"
import { type RecordObserver, TaskRecord } from "./TaskRecord.ts"
import type { WorkerSession } from "./WorkerSession.ts"

/** What metrics need of each task. */
export interface PoolTimes {
  readonly wait: RunTimes
  readonly run: RunTimes
}

export class PoolWatch implements RecordObserver {
  readonly events: PoolEvents
  readonly times: PoolTimes | undefined
  private lastId = 0

  /** `workers` are those that are there; `onChange`: what is wanted is more, or less, than before. */
  constructor(hasMetrics: boolean, workers: () => Iterable<WorkerSession>, onChange: () => void) {
    this.times = hasMetrics ? { wait: new RunTimes(), run: new RunTimes() } : undefined
    this.events = new PoolEvents(() => Array.from(workers(), presenceOf).flat(), onChange)
  }

  get isWanted(): boolean {
    return this.events.isListening || this.times !== undefined
  }

  /** What workers are to report. */
  get reporting(): Reporting {
    if (this.events.isListening) return "starts"
    return this.times === undefined ? "nothing" : "times"
  }

  queued(task: string): TaskRecord {
    const record = new TaskRecord(++this.lastId, task, this)
    this.events.publish({ _tag: "TaskQueued", at: record.queuedAt, id: record.id, task })
    return record
  }

  onStarted({ id, startedAt, task, worker }: TaskRecord): void {
    if (!this.events.isListening) return
    this.events.publish({ _tag: "TaskStarted", at: startedAt as number, id, task, ...workerField(worker) })
  }

  onSettled(record: TaskRecord, outcome: TaskOutcome, error: string | undefined): void {
    const { endedAt, id, runTime, startedAt, task, waitTime, worker } = record
    if (this.times !== undefined && startedAt !== undefined) {
      this.times.wait.record(waitTime * 1000)
      this.times.run.record(runTime * 1000)
    }
    if (!this.events.isListening) return
    this.events.publish({
      _tag: "TaskSettled",
      at: endedAt as number,
      id,
      task,
      ...workerField(worker),
      outcome,
      ...(error === undefined ? {} : { error }),
      waited: waitTime,
      ran: runTime
    })
  }

  workerStarted(session: WorkerSession): void {
    this.events.publish(startOf(session))
  }

  workerReady(session: WorkerSession): void {
    this.events.publish(readinessOf(session, session.readyAt as number))
  }

  workerGone({ id, isClosing, readyAt, reason }: WorkerSession): void {
    const at = wallClock()
    const ready = readyAt !== undefined
    if (isClosing || reason === undefined) this.events.publish({ _tag: "WorkerRetired", at, worker: id })
    else this.events.publish({ _tag: "WorkerCrashed", at, worker: id, ready, reason })
  }

  workerReplaced(session: WorkerSession, replacement: WorkerSession): void {
    const at = wallClock()
    this.events.publish({ _tag: "WorkerReplaced", at, worker: session.id, replacement: replacement.id })
  }
}

const workerField = (worker: number | undefined) => (worker === undefined ? {} : { worker })

const startOf = ({ id, lane, startedAt }: WorkerSession): PoolEvent => ({
  _tag: "WorkerStarted",
  at: startedAt,
  worker: id,
  lane
})

const readinessOf = ({ id, startedAt }: WorkerSession, at: number): PoolEvent => ({
  _tag: "WorkerReady",
  at,
  worker: id,
  millis: at - startedAt
})

/** What a listener would have heard of a worker that is there. */
const presenceOf = (session: WorkerSession): ReadonlyArray<PoolEvent> =>
  session.readyAt === undefined ? [startOf(session)] : [startOf(session), readinessOf(session, session.readyAt)]

/** Notes down what became of a call. */
export const settleRecord = (record: TaskRecord, outcome: Outcome): void => {
  if (outcome.kind === "withdrawn") return record.settled("interrupted", undefined)
  if (outcome.kind === "replied") return settleReplied(record, outcome.exit)
  const tag = outcome.error._tag
  // Its pool was closed while it ran.
  if (tag === "PoolClosed" && record.startedAt !== undefined) return record.settled("interrupted", tag)
  record.settled(tag === "WorkerCrashed" ? "crashed" : "refused", tag)
}

const settleReplied = (record: TaskRecord, exit: WireExit): void => {
  switch (exit.kind) {
    case "success":
      return record.settled("succeeded", undefined)
    case "unsendable":
      return record.settled("failed", "EncodeFailed")
    case "unreadable":
      return record.settled("failed", "DecodeFailed")
    case "failure": {
      const kinds = new Set(exit.reasons.map(({ kind }) => kind))
      if (kinds.has("fail") || kinds.has("thrown")) return record.settled("failed", undefined)
      return record.settled(kinds.has("die") ? "died" : "interrupted", undefined)
    }
  }
}
