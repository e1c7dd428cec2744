/**
 * Gives calls to workers: a queue in front, a fixed number of sessions behind, and a replacement for each that dies.
 *
 * Plain callbacks, no Effect: this is the path that every task takes.
 *
 * @internal
 */
import { PoolClosed, WorkerStartFailed } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"
import type { Transport } from "../transport/Transport.ts"
import { Call, type Outcome } from "./Call.ts"
import type { CallProbe } from "./CallProbe.ts"
import { type Thrown, WorkerSession } from "./WorkerSession.ts"

export interface DispatcherOptions {
  /** How many workers. */
  readonly size: number
  /** How many calls one worker runs at the same time. */
  readonly concurrency: number
  /** Milliseconds between two rungs of the cancellation ladder. */
  readonly grace: number
  /** Milliseconds a worker has until it is ready. */
  readonly startTimeout: number
}

/** After this many starts in a row that failed, waiting calls fail, and the next start is the next caller's. */
const maxStartAttempts = 3

/** Milliseconds before the second attempt; doubled for each one after it. */
const restartDelay = 100

export class Dispatcher {
  completed = 0
  crashed = 0
  restarts = 0
  private readonly transport: Transport
  private readonly options: DispatcherOptions
  private readonly sessions = new Set<WorkerSession>()
  /** In the order of submission; a call that is withdrawn is deleted where it stands. */
  private readonly queue = new Set<Call>()
  private readonly timers = new Set<NodeJS.Timeout>()
  private closed = false
  private failedStarts = 0
  private onStarted: ((failure: WorkerStartFailed | undefined) => void) | undefined

  constructor(transport: Transport, options: DispatcherOptions) {
    this.transport = transport
    this.options = options
  }

  /** Starts all workers. `onStarted` hears of the first one that fails, or of none when all are ready. */
  start(onStarted: (failure: WorkerStartFailed | undefined) => void): void {
    KeepAlive.hold()
    this.onStarted = (failure) => {
      this.onStarted = undefined
      KeepAlive.release()
      onStarted(failure)
    }
    this.refill()
  }

  /** Queues a task. `observer` hears of its outcome exactly once. */
  submit(task: string, payload: unknown, observer: (outcome: Outcome) => void, probe?: CallProbe): Call {
    KeepAlive.hold()
    const settled = (outcome: Outcome) => {
      KeepAlive.release()
      if (outcome.kind === "replied") this.completed++
      else if (outcome.kind === "failed" && outcome.error._tag === "WorkerCrashed") this.crashed++
      observer(outcome)
    }
    const call = new Call(task, payload, settled, probe)
    if (this.closed) {
      call.fail(new PoolClosed({ task }))
      return call
    }
    this.queue.add(call)
    if (this.gaveUp) this.refill()
    this.dispatch()
    return call
  }

  /** Takes a call back: from the queue at once, from a worker by the cancellation ladder. Its observer hears `withdrawn`. */
  withdraw(call: Call, onStopped: () => void): void {
    const { running } = call
    call.forget()
    if (running !== undefined) {
      // Nobody waits for the task's answer any more, but somebody for its end.
      KeepAlive.hold()
      return running.host.interrupt(running, () => {
        KeepAlive.release()
        onStopped()
      })
    }
    this.queue.delete(call)
    onStopped()
  }

  /** Refuses new calls, fails those that wait, and ends the workers in order. */
  close(onClosed: () => void): void {
    this.closed = true
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    this.failQueue((call) => new PoolClosed({ task: call.task }))
    let open = this.sessions.size
    if (open === 0) return onClosed()
    KeepAlive.hold()
    for (const session of [...this.sessions]) {
      session.close(() => {
        if (--open > 0) return
        KeepAlive.release()
        onClosed()
      })
    }
  }

  get queued(): number {
    return this.queue.size
  }

  get workers(): Iterable<WorkerSession> {
    return this.sessions
  }

  /** Whether the last start failed, and no other is under way. */
  private get gaveUp(): boolean {
    return this.failedStarts >= maxStartAttempts && this.timers.size === 0 && this.sessions.size < this.options.size
  }

  private refill(): void {
    while (this.sessions.size < this.options.size) this.spawn()
  }

  private spawn(): void {
    const session = new WorkerSession(this.transport, this.options.grace, {
      onReady: () => this.ready(),
      onRoom: () => {
        this.failedStarts = 0
        this.dispatch()
      },
      onGone: (gone, startFailure) => {
        clearTimeout(timeout)
        this.gone(gone, startFailure)
      }
    })
    this.sessions.add(session)
    const { startTimeout } = this.options
    const timeout = setTimeout(() => {
      if (session.state === "starting") session.giveUpStart(new Error(`It was not ready after ${startTimeout} ms`))
    }, startTimeout).unref()
  }

  private ready(): void {
    if (this.onStarted !== undefined && this.every((session) => session.state === "ready")) this.onStarted(undefined)
    this.dispatch()
  }

  /** Gives the oldest calls to the workers with the most room. */
  private dispatch(): void {
    for (const call of this.queue) {
      const session = this.withMostRoom()
      if (session === undefined) return
      this.queue.delete(call)
      session.start(call)
    }
  }

  private withMostRoom(): WorkerSession | undefined {
    let best: WorkerSession | undefined
    for (const session of this.sessions) {
      if (session.state !== "ready" || session.running >= this.options.concurrency) continue
      if (best === undefined || session.running < best.running) best = session
    }
    return best
  }

  private gone(session: WorkerSession, startFailure: Thrown | undefined): void {
    this.sessions.delete(session)
    if (this.closed) return
    if (this.onStarted !== undefined) return this.onStarted(this.startFailed(startFailure, 1))
    // A worker that dies before it was given anything would die again at once: that counts as a start that failed.
    const failed = startFailure !== undefined || session.started === 0
    if (!failed) {
      this.failedStarts = 0
      this.restarts++
      return this.spawn()
    }
    this.failedStarts++
    if (this.failedStarts < maxStartAttempts) return this.spawnLater(restartDelay * 2 ** (this.failedStarts - 1))
    if (this.sessions.size > 0) return
    const failure = this.startFailed(startFailure, this.failedStarts)
    this.failQueue(() => failure)
  }

  private spawnLater(delay: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      this.restarts++
      this.spawn()
    }, delay)
    this.timers.add(timer)
  }

  private startFailed(failure: Thrown | undefined, attempts: number): WorkerStartFailed {
    const cause = failure === undefined ? new Error("It ended before it was given a task") : failure.cause
    return new WorkerStartFailed({ worker: this.transport.workerFile, cause, attempts })
  }

  private failQueue(errorFor: (call: Call) => PoolClosed | WorkerStartFailed): void {
    const waiting = [...this.queue]
    this.queue.clear()
    for (const call of waiting) call.fail(errorFor(call))
  }

  private every(holds: (session: WorkerSession) => boolean): boolean {
    return this.sessions.size === this.options.size && [...this.sessions].every(holds)
  }
}
