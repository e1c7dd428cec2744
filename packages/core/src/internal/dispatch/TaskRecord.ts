/**
 * What is noted down of one call while somebody watches its pool: when it came, started and ended. Made only then.
 *
 * @internal
 */
import { wallClock } from "../context/wallClock.ts"
import type { TaskOutcome } from "../poolEvents.ts"
import type { TaskTimes } from "../transport/Transport.ts"

export interface RecordObserver {
  readonly onStarted: (record: TaskRecord) => void
  readonly onSettled: (record: TaskRecord, outcome: TaskOutcome, error: string | undefined) => void
}

export class TaskRecord {
  readonly id: number
  readonly task: string
  readonly queuedAt = wallClock()
  startedAt: number | undefined = undefined
  endedAt: number | undefined = undefined
  worker: number | undefined = undefined
  private readonly observer: RecordObserver
  private hasSettled = false

  constructor(id: number, task: string, observer: RecordObserver) {
    this.id = id
    this.task = task
    this.observer = observer
  }

  /** `worker` is `undefined` on fibers. A task that is safe to repeat may start again, on another worker. */
  started(worker: number | undefined, at: number): void {
    if (this.hasSettled || (this.startedAt !== undefined && this.worker === worker)) return
    this.worker = worker
    // Two clocks, set by two threads or processes: a task does not start before it is called.
    this.startedAt = Math.max(at, this.queuedAt)
    this.observer.onStarted(this)
  }

  /** It has been answered. A worker that was asked only now may not know its times: then it is taken to have ended at once. */
  answered(worker: number, times: TaskTimes | undefined): void {
    this.started(worker, times?.at ?? wallClock())
    this.endedAt = this.startedAt! + Math.max(0, times?.millis ?? 0)
  }

  settled(outcome: TaskOutcome, error: string | undefined): void {
    if (this.hasSettled) return
    this.hasSettled = true
    this.endedAt ??= wallClock()
    this.observer.onSettled(this, outcome, error)
  }

  /** Milliseconds in the queue. */
  get waitTime(): number {
    return (this.startedAt ?? this.endedAt ?? this.queuedAt) - this.queuedAt
  }

  /** Milliseconds. */
  get runTime(): number {
    return this.startedAt === undefined ? 0 : Math.max(0, (this.endedAt ?? this.startedAt) - this.startedAt)
  }
}
