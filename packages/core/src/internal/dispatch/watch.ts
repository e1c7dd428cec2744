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
import { EventStream } from "../EventStream.ts"
import type { PoolEvent, TaskOutcome } from "../poolEvents.ts"
import type { Reporting, WireExit } from "../transport/Transport.ts"
import type { Outcome } from "./Call.ts"
import type { PooledSession } from "./PooledSession.ts"
import { RunTimes } from "./RunTimes.ts"
import { type RecordObserver, TaskRecord } from "./TaskRecord.ts"

/** What metrics need of each task. */
export interface PoolTimes {
  readonly wait: RunTimes
  readonly run: RunTimes
}

export class PoolWatch implements RecordObserver {
  readonly events: EventStream<PoolEvent>
  readonly times: PoolTimes | undefined
  private lastId = 0
  /** By lane, who has left it. */
  private readonly vacated = new Map<number, number>()

  /** `workers` are those that are there; `onChange`: what is wanted is more, or less, than before. */
  constructor(timed: boolean, workers: () => Iterable<PooledSession>, onChange: () => void) {
    this.times = timed ? { wait: new RunTimes(), run: new RunTimes() } : undefined
    this.events = new EventStream<PoolEvent>(() => Array.from(workers(), presenceOf).flat(), onChange)
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

  workerStarted(session: PooledSession): void {
    this.events.publish(startOf(session))
    const { id, lane } = session
    const worker = this.vacated.get(lane)
    if (worker === undefined) return
    this.vacated.delete(lane)
    this.events.publish({ _tag: "WorkerReplaced", at: wallClock(), worker, replacement: id })
  }

  workerReady(session: PooledSession): void {
    session.report(this.reporting)
    this.events.publish(readinessOf(session, session.readyAt as number))
  }

  workerGone({ id, isClosing, lane, readyAt, reason }: PooledSession): void {
    this.vacated.set(lane, id)
    const at = wallClock()
    const ready = readyAt !== undefined
    if (isClosing || reason === undefined) this.events.publish({ _tag: "WorkerRetired", at, worker: id })
    else this.events.publish({ _tag: "WorkerCrashed", at, worker: id, ready, reason })
  }
}

const workerField = (worker: number | undefined) => (worker === undefined ? {} : { worker })

const startOf = ({ id, lane, startedAt }: PooledSession): PoolEvent => ({
  _tag: "WorkerStarted",
  at: performance.timeOrigin + startedAt,
  worker: id,
  lane
})

const readinessOf = ({ id, startedAt }: PooledSession, readyAt: number): PoolEvent => ({
  _tag: "WorkerReady",
  at: performance.timeOrigin + readyAt,
  worker: id,
  millis: readyAt - startedAt
})

/** What a listener would have heard of a worker that is there. */
const presenceOf = (session: PooledSession): ReadonlyArray<PoolEvent> =>
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
