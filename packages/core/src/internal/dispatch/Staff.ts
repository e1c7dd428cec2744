/**
 * The workers of a pool: starts them, and replaces each that dies.
 *
 * @internal
 */
import { WorkerStartFailed } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"
import type { Transport } from "../transport/Transport.ts"
import type { Call } from "./Call.ts"
import type { Thrown } from "./crashReason.ts"
import { type SessionOptions, WorkerSession } from "./WorkerSession.ts"
import type { PoolWatch } from "./watch.ts"

export interface StaffOptions extends SessionOptions {
  /** How many workers. */
  readonly size: number
  /** Milliseconds a worker has until it is ready. */
  readonly startTimeout: number
}

export interface StaffObserver {
  /** A worker can take a call: it is new, or has answered one. */
  readonly onRoom: (session: WorkerSession) => void
  readonly onReturned: (call: Call) => void
  /** No worker is left, and none will be started until `refill` is called. */
  readonly onGaveUp: (failure: WorkerStartFailed) => void
}

/** After this many starts in a row that failed, waiting calls fail, and the next start is the next caller's. */
const maxStartAttempts = 3

/** Milliseconds before the second attempt; doubled for each one after it. */
const restartDelay = 100

export class Staff {
  readonly sessions = new Set<WorkerSession>()
  /** The numbers of the slots that have a worker, or get one: keys are bound to them. */
  readonly lanes: ReadonlyArray<number>
  restarts = 0
  /** Whoever hears of the workers, if anybody does. */
  private watch: PoolWatch | undefined
  private readonly transport: Transport
  private readonly options: StaffOptions
  private readonly observer: StaffObserver
  private readonly timers = new Set<NodeJS.Timeout>()
  private closed = false
  private failedStarts = 0
  private onStarted: ((failure: WorkerStartFailed | undefined) => void) | undefined

  constructor(transport: Transport, options: StaffOptions, observer: StaffObserver) {
    this.transport = transport
    this.options = options
    this.observer = observer
    this.lanes = Array.from({ length: options.size }, (_, lane) => lane)
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

  /** Whether the last start failed, and no other is under way. */
  get gaveUp(): boolean {
    return this.failedStarts >= maxStartAttempts && this.timers.size === 0 && this.sessions.size < this.options.size
  }

  refill(): void {
    while (this.sessions.size < this.options.size) this.spawn()
  }

  /** What happens to the workers is told to `watch` from here on, and they report what it wants. */
  watchWith(watch: PoolWatch | undefined): void {
    this.watch = watch
    for (const session of this.sessions) session.report(watch?.reporting ?? "nothing")
  }

  /** Ends the workers in order, and starts no other. */
  close(onClosed: () => void): void {
    this.closed = true
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
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

  private spawn(replaced?: WorkerSession): void {
    const session = new WorkerSession(this.transport, this.freeLane(), this.options, {
      onReady: () => this.ready(session),
      onRoom: () => {
        this.failedStarts = 0
        this.observer.onRoom(session)
      },
      onReturned: (call) => this.observer.onReturned(call),
      onGone: (gone, startFailure) => {
        clearTimeout(timeout)
        this.gone(gone, startFailure)
      }
    })
    this.sessions.add(session)
    this.watch?.workerStarted(session)
    if (replaced !== undefined) this.watch?.workerReplaced(replaced, session)
    const { startTimeout } = this.options
    const timeout = setTimeout(() => {
      if (session.state === "starting") session.giveUpStart(new Error(`It was not ready after ${startTimeout} ms`))
    }, startTimeout).unref()
  }

  private ready(session: WorkerSession): void {
    if (this.watch !== undefined) {
      session.report(this.watch.reporting)
      this.watch.workerReady(session)
    }
    if (this.onStarted !== undefined && this.every(({ state }) => state === "ready")) this.onStarted(undefined)
    this.observer.onRoom(session)
  }

  private gone(session: WorkerSession, startFailure: Thrown | undefined): void {
    this.sessions.delete(session)
    this.watch?.workerGone(session)
    if (this.closed) return
    if (this.onStarted !== undefined) return this.onStarted(this.startFailed(startFailure, 1))
    // A worker that dies before it has done anything would die again at once: that counts as a start that failed.
    if (startFailure === undefined && session.hasWorked) {
      this.failedStarts = 0
      this.restarts++
      return this.spawn(session)
    }
    this.failedStarts++
    if (this.failedStarts < maxStartAttempts)
      return this.spawnLater(session, restartDelay * 2 ** (this.failedStarts - 1))
    if (this.sessions.size === 0) this.observer.onGaveUp(this.startFailed(startFailure, this.failedStarts))
  }

  private freeLane(): number {
    const taken = new Set(Array.from(this.sessions, ({ lane }) => lane))
    return this.lanes.find((lane) => !taken.has(lane)) ?? taken.size
  }

  private spawnLater(replaced: WorkerSession, delay: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      this.restarts++
      this.spawn(replaced)
    }, delay)
    this.timers.add(timer)
  }

  private startFailed(failure: Thrown | undefined, attempts: number): WorkerStartFailed {
    const cause = failure === undefined ? new Error("It ended before it was given a task") : failure.cause
    return new WorkerStartFailed({ worker: this.transport.workerFile, cause, attempts })
  }

  private every(holds: (session: WorkerSession) => boolean): boolean {
    return this.sessions.size === this.options.size && [...this.sessions].every(holds)
  }
}
