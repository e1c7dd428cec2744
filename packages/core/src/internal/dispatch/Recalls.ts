/**
 * How calls come back from the worker that they were offered to: those that are interrupted, and those that others could start
 * at once.
 *
 * ```text
 *            ┌─ not started ──────▶ returned: the worker drops the offer when it comes across it
 *   revoke ──┼─ not known: asked ─▶ one of the other two
 *            └─ started ──────────▶ it stays; if it is interrupted, it has the grace to end, or its worker is stopped
 * ```
 *
 * A thread's claims are looked at, and a process is asked: so the answer is there now, or it comes soon.
 *
 * @internal
 */
import type { WorkerStuck } from "../poolErrors.ts"
import { interrupted } from "../transport/interrupted.ts"
import type { Worker } from "../transport/Transport.ts"
import type { Call } from "./Call.ts"
import type { Offers } from "./Offers.ts"
import type { SessionOptions } from "./SessionOptions.ts"

/** The session of the worker. */
export interface RecallsOwner {
  /** Whether the worker is given calls. */
  readonly isReady: () => boolean
  /** An interrupted call has not ended in its grace. */
  readonly onOverdue: () => void
  /** The worker has not started this call, and never will: it is for another one. */
  readonly onReturned: (call: Call) => void
  /** A call came back, whoever wants it. */
  readonly onLeft: () => void
  /** The worker can be offered more than before. */
  readonly onRoom: () => void
}

/** Milliseconds in which a worker says what it has started. Its main thread may be busy; the one that answers never is. */
const patience = 100

export class Recalls {
  /** The worker may have to be stopped, and is given nothing that would be lost with it. */
  isHolding = false
  private readonly worker: Worker
  private readonly offers: Offers
  private readonly options: SessionOptions
  private readonly owner: RecallsOwner
  /** Interrupted calls that it runs. */
  private readonly stopping = new Set<Call>()
  /** Its grace has passed, and it is not known yet whether the worker has started something else. */
  private overdue: Call | undefined

  constructor(worker: Worker, offers: Offers, options: SessionOptions, owner: RecallsOwner) {
    this.worker = worker
    this.offers = offers
    this.options = options
    this.owner = owner
  }

  /**
   * The cancellation ladder. An offer that was not taken up is taken back. A handler that runs is interrupted; if it has
   * not ended after the grace, its worker is stopped. `onStopped` is called when the work has ended, one way or the other.
   */
  interrupt(call: Call, onStopped: (stuck: WorkerStuck | undefined) => void): void {
    const isFirst = !call.isInterrupted
    call.whenStopped(onStopped)
    if (!isFirst) return
    const revoked = call.options.probe === undefined ? this.worker.revoke(call.id) : false
    if (revoked === true) return this.returned(call)
    call.ladder = setTimeout(() => this.graceOver(call), this.options.grace)
    if (revoked === undefined) this.offers.ask(call)
    this.worker.send({ kind: "interrupt", id: call.id })
    if (revoked === false) this.hold(call)
  }

  /** Gives up to `count` calls back that the worker can't have started, the oldest first. */
  recall(count: number): void {
    const chosen: Array<Call> = []
    for (const call of this.offers.waiting()) {
      if (chosen.length >= count) break
      chosen.push(call)
    }
    this.takeBack(chosen)
  }

  /** The worker answers a `revoke` that could not be answered here. */
  answered(id: number, revoked: boolean): void {
    if (!this.offers.replied(id)) return
    const call = this.offers.get(id)
    if (call === undefined) return
    if (revoked) this.returned(call)
    else if (call.isInterrupted) {
      // The interrupt that was sent with the question may have come before the start.
      this.worker.send({ kind: "interrupt", id })
      this.hold(call)
    }
    const wasHolding = this.isHolding
    if (wasHolding) this.release()
    if (this.overdue !== undefined && this.offers.isSettled) this.graceOver(this.overdue)
    if (revoked || (wasHolding && !this.isHolding)) this.owner.onRoom()
  }

  /** The worker has dropped an offer. `false`: it was not taken back. */
  dropped(id: number): boolean {
    // Of a process two threads answer, each on its own way: this one may be before the one that says what it was revoked for.
    if (this.offers.isAsked(id)) this.answered(id, true)
    if (!this.offers.dropped(id)) return false
    if (this.owner.isReady()) this.owner.onRoom()
    return true
  }

  /** The worker has answered the call. To be told while it holds. */
  settled(call: Call): void {
    this.stopping.delete(call)
    this.release()
  }

  /**
   * It runs a call that was interrupted, and is stopped if that does not end. What it has been offered besides goes to others,
   * and it gets no more: else it could answer, and start the next task, in the moment in which it is stopped for this one.
   * Where tasks run beside each other that can't be helped, and a call may take its time to end: there it works on.
   */
  private hold(call: Call): void {
    if (this.options.concurrency > 1 || !this.owner.isReady()) return
    this.stopping.add(call)
    this.isHolding = true
    this.takeBack(this.offers.rest())
  }

  /** Whether what has kept it from work is over. */
  private release(): void {
    this.isHolding = this.stopping.size > 0 || !this.offers.isSettled
  }

  /** The grace has passed. The answer may have come by now and not been read: the event loop has a turn for it. */
  private graceOver(call: Call): void {
    setImmediate(() => {
      if (this.offers.get(call.id) !== call) return
      if (this.offers.isSettled) return this.owner.onOverdue()
      // Of what it was offered besides, it may have started some: then it has answered this one.
      this.overdue = call
      call.ladder = setTimeout(this.owner.onOverdue, patience)
    })
  }

  /** Asks for the calls back. */
  private takeBack(calls: Iterable<Call>): void {
    const revoked: Array<Call> = []
    for (const call of calls) {
      const answer = this.worker.revoke(call.id)
      if (answer === undefined) this.offers.ask(call)
      else if (answer) revoked.push(call)
    }
    // The last first: the queue takes them back at its head.
    revoked.sort((a, b) => b.order - a.order)
    for (const call of revoked) this.returned(call)
  }

  /** The worker will never start it. Its slot stays taken until the worker has thrown the offer away. */
  private returned(call: Call): void {
    this.offers.returned(call)
    call.untouched = true
    if (!call.isInterrupted) {
      call.leave()
      this.owner.onReturned(call)
    } else {
      // Its caller wanted it to end, and has most often left.
      if (!call.isForgotten) call.settle({ kind: "replied", exit: interrupted })
      call.leave()
    }
    this.owner.onLeft()
  }
}
