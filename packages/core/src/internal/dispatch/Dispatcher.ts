/**
 * Gives calls to workers: a queue in front, the staff behind. A free worker is given the next call at once; a fast one is
 * offered some more ahead; and one that has run out of work gets those that wait behind a long task elsewhere.
 *
 * Plain callbacks, no Effect: this is the path that every task takes.
 *
 * Lineage: work stealing (Blumofe and Leiserson, "Scheduling Multithreaded Computations by Work Stealing", 1999), except
 * that the thief is served by the dispatcher, which alone knows the queues.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import { Capture } from "../context/capture.ts"
import { PoolClosed, WorkerCrashed, type WorkerStartFailed, type WorkerStuck } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"
import type { Transport } from "../transport/Transport.ts"
import { Admission, type AdmissionOptions } from "./Admission.ts"
import { laneOf } from "./affinity.ts"
import { Shares } from "./broadcast.ts"
import type { Call, CallOwner, Outcome } from "./Call.ts"
import { Drain, type DrainEnd } from "./Drain.ts"
import { lookMillis } from "./OfferWindow.ts"
import { Staff } from "./Staff.ts"
import type { PoolSize, StaffOptions } from "./StaffOptions.ts"
import type { WorkerSession } from "./WorkerSession.ts"
import { PoolWatch, settleRecord } from "./watch.ts"

export interface DispatcherOptions extends StaffOptions, AdmissionOptions {
  /** Whether each task is timed. */
  readonly timed: boolean
  /** What calls take along of their callers. */
  readonly carry: ReadonlyArray<Context.Reference<any>>
}

export class Dispatcher implements CallOwner {
  completed = 0
  crashed = 0
  readonly staff: Staff
  readonly watch: PoolWatch
  readonly capture: Capture
  /** The watch, while anybody wants to know. */
  private wanted: PoolWatch | undefined
  private readonly queue: Admission<Call>
  private readonly shares = new Shares((call, session) => this.orphaned(call, session))
  private closed = false
  private draining: Drain | undefined
  /** No worker had room when last looked at: until one has, nobody need look again. */
  private full = false
  /** Whoever watches calls wants to see each start when it is given away: then nothing is offered ahead. */
  private watched = false
  /** When it was last looked for stalled workers. */
  private lookedAt = 0

  constructor(transport: Transport, options: DispatcherOptions) {
    this.queue = new Admission(options, () => {})
    this.capture = new Capture(options.carry, options.logs?.level)
    this.watch = new PoolWatch(
      options.timed,
      () => this.staff.sessions,
      () => this.rewatch()
    )
    this.staff = new Staff(transport, options, {
      onRoom: (session) => this.room(session),
      onPace: () => this.lookForStalled(),
      onReturned: (call) => this.returned(call),
      onLanes: () => this.rebind(),
      onGaveUp: (failure) => this.failQueue(() => failure),
      waiting: () => this.queued + this.waiting,
      waitsFor: (lane) => this.queue.hasFor(lane)
    })
    this.rewatch()
  }

  /** Takes a call on. Its observer hears of its outcome exactly once, perhaps at once. */
  submit(call: Call): void {
    if (!this.accept(call)) return
    const { key, probe } = call.options
    if (key !== undefined) call.lane = laneOf(key, this.staff.lanes)
    if (probe !== undefined) this.watched = true
    const session = this.full ? undefined : this.roomFor(call)
    if (session === undefined) this.admit(call)
    else session.offer(call)
  }

  /** The workers that a broadcast reaches. */
  get audience(): ReadonlyArray<WorkerSession> {
    return [...this.staff.sessions].filter(({ state }) => state === "ready" || state === "starting")
  }

  /** Takes a call on that is for this worker alone. */
  submitTo(session: WorkerSession, call: Call): void {
    if (!this.accept(call)) return
    call.lane = session.lane
    call.pinnedTo = session
    this.shares.add(session, call)
    if (session.hasRoom && !this.queue.hasFor(session.lane)) session.offer(call)
    else this.admit(call)
  }

  /** Takes a call back: from the queue at once, from a worker by the cancellation ladder. Its observer hears `withdrawn`. */
  withdraw(call: Call, onStopped: (stuck: WorkerStuck | undefined) => void): void {
    call.forget()
    if (call.host !== undefined) {
      // Nobody waits for the task's answer any more, but somebody for its end.
      KeepAlive.hold()
      return call.host.interrupt(call, (stuck) => {
        KeepAlive.release()
        call.record?.settled("interrupted", undefined)
        this.draining?.look()
        onStopped(stuck)
      })
    }
    this.queue.remove(call)
    this.draining?.look()
    onStopped(undefined)
  }

  /** More workers are started at once; superfluous ones end after what they run. */
  resize(size: PoolSize): void {
    if (!this.closed) this.staff.resize(size)
  }

  /** Refuses new calls, and ends the workers when all others are done. A drain can't be taken back. */
  drain(onDrained: DrainEnd): void {
    this.draining ??= new Drain(
      () => this.queued + this.waiting === 0 && [...this.staff.sessions].every(({ load }) => load === 0),
      () => this.close(() => {})
    )
    this.draining.whenEnded(onDrained)
  }

  /** Refuses new calls, fails those that wait, and ends the workers in order. `onClosed` hears of those that did not end. */
  close(onClosed: (stuck: ReadonlyArray<WorkerStuck>) => void): void {
    this.closed = true
    this.failQueue((call) => new PoolClosed({ task: call.task }))
    this.staff.close((stuck) => {
      this.draining?.end(stuck)
      this.watch.events.end()
      onClosed(stuck)
    })
  }

  /** Whether new calls are refused: the pool is closed, or on its way there. */
  get refuses(): boolean {
    return this.closed || this.draining !== undefined
  }

  /** How many calls wait in the queue. */
  get queued(): number {
    return this.queue.queued
  }

  /** How many calls wait for room in the queue. */
  get waiting(): number {
    return this.queue.waiting
  }

  settled(call: Call, outcome: Outcome): void {
    KeepAlive.release()
    // One that is taken back from a worker has not ended yet.
    if (call.record !== undefined && (outcome.kind !== "withdrawn" || call.host === undefined)) {
      settleRecord(call.record, outcome)
    }
    if (call.pinnedTo !== undefined) this.shares.remove(call)
    if (outcome.kind === "replied") this.completed++
    else if (outcome.kind === "failed" && outcome.error._tag === "WorkerCrashed") this.crashed++
    if (this.draining !== undefined) this.draining.settled(outcome)
  }

  /** Whether it is taken on; if not, it has failed. */
  private accept(call: Call): boolean {
    if (this.refuses) {
      call.fail(new PoolClosed({ task: call.task }))
      return false
    }
    KeepAlive.hold()
    call.owner = this
    if (this.wanted !== undefined) call.record = this.wanted.queued(call.task)
    return true
  }

  private rewatch(): void {
    this.wanted = this.watch.isWanted ? this.watch : undefined
    this.staff.watchWith(this.wanted)
  }

  private admit(call: Call): void {
    const admitted = this.queue.admit(call)
    // A pool of no worker and no room would refuse for ever.
    if (this.staff.short) this.staff.refill(admitted.kind === "refused" ? 1 : 0)
    if (admitted.kind === "refused") call.fail(admitted.error)
    else if (admitted.kind === "dropped") {
      // Not within the step in which another caller submits: Effect's bounded `forEach` can't be told of one while it starts
      // another.
      queueMicrotask(() => admitted.call.fail(admitted.error))
    }
  }

  /** The worker with the least to do that can take a call which nobody is before. */
  private roomFor(call: Call): WorkerSession | undefined {
    let best: WorkerSession | undefined
    let someRoom = false
    for (const session of this.staff.sessions) {
      if (!this.takesMore(session)) continue
      someRoom = true
      if (call.lane !== undefined && call.lane !== session.lane) continue
      if (best === undefined || session.load < best.load) best = session
    }
    this.full = !someRoom
    return best !== undefined && this.queue.hasFor(best.lane) ? undefined : best
  }

  /** Gives the next calls to the workers with the least to do. */
  private assign(): void {
    for (let session = this.next(); session !== undefined; session = this.next()) {
      session.offer(this.queue.shift(session.lane) as Call)
    }
  }

  private next(): WorkerSession | undefined {
    let best: WorkerSession | undefined
    for (const session of this.staff.sessions) {
      if (!this.takesMore(session) || (best !== undefined && session.load >= best.load)) continue
      if (this.queue.hasFor(session.lane)) best = session
    }
    return best
  }

  private takesMore(session: WorkerSession): boolean {
    // Nor is anything offered ahead of a worker that could have been started for it.
    return this.watched || this.staff.short ? session.isFree : session.hasRoom
  }

  private room(session: WorkerSession): void {
    this.full = false
    if (this.queued > 0 || this.waiting > 0) this.assign()
    if (session.isFree && !this.queue.hasFor(session.lane)) this.relieve(session.room)
  }

  /** A worker has nothing to do, and room for so many calls: it gets up to half of what waits for the busiest one. */
  private relieve(room: number): void {
    let busiest: WorkerSession | undefined
    for (const session of this.staff.sessions) {
      if (busiest === undefined || session.recallable > busiest.recallable) busiest = session
    }
    if (busiest !== undefined && busiest.recallable > 0)
      busiest.recall(Math.min(room, Math.ceil(busiest.recallable / 2)))
  }

  /** What was offered ahead of a worker that has come upon a long task is not to wait there while others go on. */
  private lookForStalled(): void {
    const now = performance.now()
    if (now - this.lookedAt < lookMillis) return
    this.lookedAt = now
    for (const session of this.staff.sessions) session.recallIfStalled()
  }

  /** A call that a worker has not started: it was before all those that wait. */
  private returned(call: Call): void {
    if (this.closed) return call.fail(new PoolClosed({ task: call.task }))
    // Its worker is gone: `orphaned` is about to hear of it.
    if (call.pinnedTo !== undefined) return
    const { key } = call.options
    if (key !== undefined) call.lane = laneOf(key, this.staff.lanes)
    this.queue.unshift(call)
    this.full = false
    this.assign()
    if (this.staff.short) this.staff.refill()
  }

  /** What waits for a worker by its key waits for another one now. */
  private rebind(): void {
    const { lanes } = this.staff
    this.queue.rebind(({ options: { key } }) => (key === undefined ? undefined : laneOf(key, lanes)))
    this.full = false
    this.assign()
  }

  private orphaned(call: Call, { id, reason }: WorkerSession): void {
    this.queue.remove(call)
    const { task } = call
    if (reason === undefined || this.closed) call.fail(new PoolClosed({ task }))
    else call.fail(new WorkerCrashed({ task, worker: id, reason }))
  }

  private failQueue(errorFor: (call: Call) => PoolClosed | WorkerStartFailed): void {
    for (const call of this.queue.drain()) call.fail(errorFor(call))
  }
}
