/**
 * Gives calls to workers: a queue in front, the staff behind. A free worker is given the oldest call at once; a fast one is
 * offered some more ahead; and one that has run out of work gets those that wait behind a long task elsewhere.
 *
 * Plain callbacks, no Effect: this is the path that every task takes.
 *
 * Lineage: work stealing (Blumofe and Leiserson, "Scheduling Multithreaded Computations by Work Stealing", 1999), except
 * that the thief is served by the dispatcher, which alone knows the queues.
 *
 * @internal
 */
import { PoolClosed, type WorkerStartFailed } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"
import type { Transport } from "../transport/Transport.ts"
import { Call, type Outcome } from "./Call.ts"
import type { CallProbe } from "./CallProbe.ts"
import { Staff, type StaffOptions } from "./Staff.ts"
import type { WorkerSession } from "./WorkerSession.ts"

export type DispatcherOptions = StaffOptions

export class Dispatcher {
  completed = 0
  crashed = 0
  readonly staff: Staff
  /** In the order of submission; a call that is withdrawn is deleted where it stands. */
  private queue = new Set<Call>()
  private closed = false
  /** No worker had room when last looked at: until one has, nobody need look again. */
  private full = false

  constructor(transport: Transport, options: DispatcherOptions) {
    this.staff = new Staff(transport, options, {
      onRoom: (session) => this.room(session),
      onReturned: (call) => this.returned(call),
      onGaveUp: (failure) => this.failQueue(() => failure)
    })
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
    if (this.staff.gaveUp) this.staff.refill()
    if (!this.full) this.assign()
    return call
  }

  /** Takes a call back: from the queue at once, from a worker by the cancellation ladder. Its observer hears `withdrawn`. */
  withdraw(call: Call, onStopped: () => void): void {
    call.forget()
    if (call.host !== undefined) {
      // Nobody waits for the task's answer any more, but somebody for its end.
      KeepAlive.hold()
      return call.host.interrupt(call, () => {
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
    this.failQueue((call) => new PoolClosed({ task: call.task }))
    this.staff.close(onClosed)
  }

  get queued(): number {
    return this.queue.size
  }

  /** Gives the oldest calls to the workers with the least to do. */
  private assign(): void {
    for (const call of this.queue) {
      const session = this.leastLoaded()
      if (session === undefined) {
        this.full = true
        return
      }
      // Whoever watches a call wants to see it start when it is given away.
      if (call.probe !== undefined && !session.isFree) return
      this.queue.delete(call)
      session.offer(call)
    }
  }

  private leastLoaded(): WorkerSession | undefined {
    let best: WorkerSession | undefined
    for (const session of this.staff.sessions) {
      if (session.hasRoom && (best === undefined || session.load < best.load)) best = session
    }
    return best
  }

  private room(session: WorkerSession): void {
    this.full = false
    if (this.queue.size > 0) this.assign()
    else if (session.isFree) this.relieve()
  }

  /** A worker has nothing to do: it gets half of what waits for the busiest one. */
  private relieve(): void {
    let busiest: WorkerSession | undefined
    for (const session of this.staff.sessions) {
      if (busiest === undefined || session.recallable > busiest.recallable) busiest = session
    }
    if (busiest !== undefined && busiest.recallable > 0) busiest.recall(Math.ceil(busiest.recallable / 2))
  }

  /** A call that a worker has not started: it was the first of those that wait. */
  private returned(call: Call): void {
    if (this.closed) return call.fail(new PoolClosed({ task: call.task }))
    this.queue = new Set([call, ...this.queue])
    this.full = false
    this.assign()
  }

  private failQueue(errorFor: (call: Call) => PoolClosed | WorkerStartFailed): void {
    const waiting = [...this.queue]
    this.queue.clear()
    for (const call of waiting) call.fail(errorFor(call))
  }
}
