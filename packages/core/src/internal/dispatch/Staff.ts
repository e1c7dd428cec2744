/**
 * The workers of a pool: starts them, as many as are wanted, and replaces each that dies or is worn out.
 *
 * ```text
 *  min ≤ workers ≤ max
 *    a call finds no worker that is free ──▶ one more, at once          (a burst starts them all)
 *    one above min has had nothing to do for the idle time ──▶ it retires
 *    resize: more ──▶ at once; fewer ──▶ those with the least to do retire
 *    one dies, or has retired because it is worn out ──▶ another in its place, if it is wanted
 * ```
 *
 * One that retires counts until it is gone. So there are never more workers than the maximum, except while those end that a
 * smaller maximum made superfluous; and what a worker tears down is torn down before its successor sets up.
 *
 * @internal
 */
import { PoolClosed, WorkerStartFailed, type WorkerStuck } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"
import type { Transport } from "../transport/Transport.ts"
import type { Call } from "./Call.ts"
import type { Thrown } from "./crashReason.ts"
import { IdleWatch } from "./IdleWatch.ts"
import { MemoryWatch } from "./MemoryWatch.ts"
import { PooledSession } from "./PooledSession.ts"
import { Recycler } from "./Recycler.ts"
import { RestartPolicy } from "./RestartPolicy.ts"
import type { PoolSize, StaffOptions } from "./StaffOptions.ts"
import { type StartError, StartWaiters } from "./StartWaiters.ts"
import type { PoolWatch } from "./watch.ts"

export interface StaffObserver {
  /** A worker can take a call: it is new, or has answered one. */
  readonly onRoom: (session: PooledSession) => void
  /** The pace of a worker has been measured anew. */
  readonly onPace: () => void
  readonly onReturned: (call: Call) => void
  /** The lanes are others now: calls with a key are to be bound anew. */
  readonly onLanes: () => void
  /** No worker is left, and none may be started now. */
  readonly onGaveUp: (failure: WorkerStartFailed) => void
  /** How many calls wait for a worker. */
  readonly waiting: () => number
  readonly waitsFor: (lane: number) => boolean
}

export class Staff {
  readonly sessions = new Set<PooledSession>()
  /** The numbers of the slots that have a worker, or may get one: keys are bound to them. */
  lanes: ReadonlyArray<number>
  /** Whether there may be more workers than there are. */
  short = true
  /** Workers that were started in the place of one that died, or that was worn out. */
  restarts = 0
  recycled = 0
  /** Whoever hears of the workers, if anybody does. */
  private watch: PoolWatch | undefined
  size: PoolSize
  private readonly transport: Transport
  private readonly options: StaffOptions
  private readonly observer: StaffObserver
  private readonly policy: RestartPolicy
  private readonly recycler: Recycler
  private readonly idleWatch: IdleWatch
  private readonly memoryWatch: MemoryWatch
  /** Attempts that are due, after one that failed. */
  private readonly timers = new Set<NodeJS.Timeout>()
  private coolDown: NodeJS.Timeout | undefined
  /** Those that a smaller size has made superfluous: a larger one may take them back. */
  private readonly dismissed = new Set<PooledSession>()
  private readonly waiters = new StartWaiters()
  /** Until the first workers are ready: one that fails then is the pool's failure. */
  private starting = false
  /** Somebody wants all of them. */
  private warming = false
  private givingUp = false
  /** How many places became vacant by a death. */
  private vacant = 0
  private closed = false

  constructor(transport: Transport, options: StaffOptions, observer: StaffObserver) {
    this.transport = transport
    this.options = options
    this.observer = observer
    this.size = options.size
    this.lanes = lanesOf(options.size)
    this.policy = new RestartPolicy({ worker: transport.workerFile, ...options.restart })
    this.recycler = new Recycler(this.sessions, options.recycle.age, () => this.policy.attempts === 0)
    this.idleWatch = new IdleWatch(this.sessions, options.idleTime, (session) => this.dismissIdle(session))
    this.memoryWatch = new MemoryWatch(this.sessions, options.memory, {
      onLarge: (session) => this.recycler.wear(session),
      onExceeded: (session) => session.exceedMemory()
    })
  }

  /** Starts the least number. `onStarted` hears of the first one that fails, or of none when all are ready. */
  start(onStarted: (failure: StartError | undefined) => void): void {
    this.starting = true
    while (this.sessions.size < this.size.min) this.spawn(this.freeLane())
    const target = () => this.size.min
    this.waiters.add(target, (failure) => {
      this.starting = false
      onStarted(failure)
    })
    this.look()
  }

  /** `onReady` hears when the least number is ready, or why it can't be. Answers with what takes the wish back. */
  ready(onReady: (failure: StartError | undefined) => void): () => void {
    const forget = this.waiters.add(() => this.size.min, onReady)
    this.refill()
    this.look()
    return forget
  }

  /** The same for the greatest number: they are started. */
  warmUp(onReady: (failure: StartError | undefined) => void): () => void {
    this.warming = true
    const forget = this.waiters.add(
      () => this.size.max,
      (failure) => {
        this.warming = false
        onReady(failure)
      }
    )
    this.refill()
    this.look()
    return () => {
      this.warming = false
      forget()
    }
  }

  /**
   * Starts workers as far as they are wanted: for the least number, and for the calls that wait (`more`: and for some more).
   * Only those that the restart policy lets start.
   */
  refill(more = 0): void {
    if (this.closed) return
    for (let lane = this.wanted(more); lane !== undefined; lane = this.wanted(more)) {
      const verdict = this.mayStart()
      if (verdict === "wait") return
      if (verdict !== "start") return this.refused(verdict)
      this.spawn(lane)
    }
  }

  /** More are started at once; superfluous ones end after what they run. */
  resize(size: PoolSize): void {
    this.size = size
    this.lanes = lanesOf(size)
    if (this.closed) return
    const live = this.live.sort((one, other) => other.load - one.load)
    const superfluous = live.splice(size.max)
    this.vacant = 0
    for (const session of superfluous) this.dismiss(session)
    for (const session of live) if (session.lane >= size.max) session.lane = this.freeLane()
    this.observer.onLanes()
    const wanted = Math.min(Math.max(size.min, live.length + this.observer.waiting()), size.max)
    for (const session of this.dismissed) {
      if (this.live.length >= wanted) break
      if (session.state !== "retiring") continue
      session.lane = this.freeLane()
      this.dismissed.delete(session)
      session.revive()
    }
    this.counted()
    this.refill()
    this.look()
  }

  /** What happens to the workers is told to `watch` from here on, and they report what it wants. */
  watchWith(watch: PoolWatch | undefined): void {
    this.watch = watch
    for (const session of this.sessions) session.report(watch?.reporting ?? "nothing")
  }

  /** Ends the workers in order, and starts no other. `onClosed` hears of those that did not end. */
  close(onClosed: (stuck: ReadonlyArray<WorkerStuck>) => void): void {
    this.closed = true
    this.stopTimers()
    this.waiters.fail(new PoolClosed({ task: "ready" }))
    const sessions = [...this.sessions]
    let open = sessions.length
    if (open === 0) return onClosed([])
    KeepAlive.hold()
    for (const session of sessions) {
      session.close(() => {
        if (--open > 0) return
        KeepAlive.release()
        onClosed(sessions.flatMap(({ stuck }) => stuck ?? []))
      })
    }
  }

  /** Those that take calls, or will. */
  private get live(): Array<PooledSession> {
    return [...this.sessions].filter(isLive)
  }

  private spawn(lane: number): void {
    if (this.vacant > 0) {
      this.vacant--
      this.restarts++
    }
    let proven = false
    const session = new PooledSession(this.transport, lane, this.options, {
      onReady: () => {
        session.readyAt = performance.now()
        this.watch?.workerReady(session)
        this.recycler.add(session)
        this.observer.onRoom(session)
        this.refill()
        this.look()
      },
      onRoom: () => {
        if (!proven && session.completed > 0) {
          proven = true
          this.proved()
        }
        this.observer.onRoom(session)
      },
      onPace: this.observer.onPace,
      onReturned: (call) => this.observer.onReturned(call),
      onWorn: () => {
        this.recycler.replaced(session)
        session.retire()
      },
      onGone: (_, startFailure) => {
        clearTimeout(timeout)
        this.gone(session, startFailure)
      }
    })
    this.sessions.add(session)
    this.watch?.workerStarted(session)
    this.counted()
    const { startTimeout } = this.options
    const timeout = setTimeout(() => {
      if (session.state === "starting") session.giveUpStart(new Error(`It was not ready after ${startTimeout} ms`))
    }, startTimeout).unref()
  }

  /** A worker has answered: the file is sound, and what could not be started may be started now. */
  private proved(): void {
    if (this.policy.attempts === 0) return
    this.policy.succeeded()
    this.recycler.next()
    if (this.short) this.refill()
  }

  private gone(session: PooledSession, startFailure: Thrown | undefined): void {
    this.sessions.delete(session)
    const wasDismissed = this.dismissed.delete(session)
    const wasReplaced = this.recycler.left(session)
    this.watch?.workerGone(session)
    this.counted()
    if (this.closed) return
    if (wasReplaced) this.recycled++
    if (wasReplaced || wasDismissed) {
      if (!session.hasWorked) this.policy.inconclusive()
    } else if (startFailure === undefined && session.hasWorked) this.vacant++
    // A worker that dies before it has done anything would die again at once: that counts as a start that failed.
    else
      this.startFailed(
        startFailure === undefined ? new Error("It ended before it was given a task") : startFailure.cause
      )
    this.refill()
    this.look()
    this.recycler.next()
  }

  private startFailed(cause: unknown): void {
    if (this.starting) {
      this.closed = true
      return this.waiters.fail(new WorkerStartFailed({ worker: this.transport.workerFile, cause, attempts: 1 }))
    }
    this.vacant++
    const next = this.policy.failed(cause)
    if (typeof next === "number") return this.spawnLater(next)
    this.stopTimers()
    this.refused(next)
  }

  /** The circuit is open. Whoever has a worker waits for it; the others need not wait. */
  private refused(failure: WorkerStartFailed): void {
    this.waiters.fail(failure)
    if (this.live.length === 0) return this.giveUp(failure)
    // Calls wait that only a worker which is missing can take: nobody may come by to try again.
    this.coolDown ??= setTimeout(() => {
      this.coolDown = undefined
      if (this.observer.waiting() > 0) this.refill()
    }, this.options.restart.coolDown).unref()
  }

  /** Soon: one caller must not hear of its failure while another is submitting. */
  private giveUp(failure: WorkerStartFailed): void {
    if (this.givingUp) return
    this.givingUp = true
    queueMicrotask(() => {
      this.givingUp = false
      if (this.live.length === 0) this.observer.onGaveUp(failure)
    })
  }

  /** `trying` can mean a worker that is ready, and that has not been given a call: it keeps no other from being started. */
  private mayStart(): "start" | "wait" | WorkerStartFailed {
    const verdict = this.policy.mayStart()
    if (verdict !== "wait" || this.timers.size > 0 || this.startingCount > 0) return verdict
    this.policy.inconclusive()
    return this.policy.mayStart()
  }

  private spawnLater(delay: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      const lane = this.wanted(0)
      if (lane === undefined) this.policy.inconclusive()
      else this.spawn(lane)
      this.counted()
    }, delay).unref()
    this.timers.add(timer)
    this.counted()
  }

  /** The lane of a worker that is wanted and is not there. */
  private wanted(more: number): number | undefined {
    if (this.sessions.size + this.timers.size >= this.size.max) return undefined
    const present = this.sessions.size - this.dismissed.size
    if (present + this.timers.size < (this.warming ? this.size.max : this.size.min)) return this.freeLane()
    const coming = (this.startingCount + this.timers.size) * this.options.concurrency
    if (coming >= this.observer.waiting() + more) return undefined
    const taken = lanesIn(this.present)
    return this.lanes.find((lane) => !taken.has(lane) && (more > 0 || this.observer.waitsFor(lane)))
  }

  /** Those whose place is theirs until they are gone: what they tear down must not meet what a successor sets up. */
  private get present(): Array<PooledSession> {
    return [...this.sessions].filter((session) => !this.dismissed.has(session))
  }

  private get startingCount(): number {
    return this.live.filter(({ state }) => state === "starting").length
  }

  /** One that ends may have had the last free one: then it has it no more. */
  private freeLane(): number {
    const taken = lanesIn(this.present)
    const live = lanesIn(this.live)
    return this.lanes.find((lane) => !taken.has(lane)) ?? (this.lanes.find((lane) => !live.has(lane)) as number)
  }

  private dismissIdle(session: PooledSession): void {
    if (!this.closed && !this.warming && this.live.length > this.size.min) this.dismiss(session)
  }

  private dismiss(session: PooledSession): void {
    this.dismissed.add(session)
    session.retire()
  }

  private counted(): void {
    this.short = this.sessions.size + this.timers.size < this.size.max
    this.idleWatch.watch(!this.closed && this.sessions.size > this.size.min)
    this.memoryWatch.watch(!this.closed && this.sessions.size > 0)
  }

  private look(): void {
    this.waiters.look(this.live.filter(({ state }) => state === "ready").length)
  }

  private stopTimers(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    clearTimeout(this.coolDown)
    this.coolDown = undefined
    this.counted()
  }
}

const lanesIn = (sessions: ReadonlyArray<PooledSession>): Set<number> => new Set(sessions.map(({ lane }) => lane))

const isLive = ({ state }: PooledSession): boolean => state === "starting" || state === "ready"

const lanesOf = ({ max }: PoolSize): Array<number> => Array.from({ length: max }, (_, lane) => lane)
