/**
 * One worker, from its start to its end, and the calls that run on it. A session is never reused: a pool replaces a
 * session that has ended by a new one.
 *
 * ```text
 * starting ──ready──▶ ready ──close, stop, uncaught──▶ ending ──exit, stuck──▶ gone
 *     └───────────────── failed start, crash ────────────────────────────────────▲
 * ```
 *
 * One that is stuck has been killed and does not end: it is gone as far as anybody here is concerned, and whoever waited for
 * its end is told. Some ready ones of a pool retire: see `PooledSession.ts`.
 *
 * @internal
 */
import { inspect } from "node:util"
import { fromWireError } from "../codec/wireError.ts"
import { describeValue } from "../errors.ts"
import { type CrashReason, PoolClosed, WorkerCrashed, type WorkerStuck } from "../poolErrors.ts"
import { isFromWorker } from "../transport/fromWorker.ts"
import { interrupted, wasInterrupted } from "../transport/interrupted.ts"
import type { FromWorker, TaskTimes, Transport, WireExit, Worker, WorkerExit } from "../transport/Transport.ts"
import type { Call, CallHost } from "./Call.ts"
import { crashReason, startCause, type Thrown } from "./crashReason.ts"
import { Ladder } from "./Ladder.ts"
import { Offers } from "./Offers.ts"
import { OfferWindow, slotsFor } from "./OfferWindow.ts"
import type { SessionObserver, SessionOptions } from "./SessionOptions.ts"
import { spawnOn } from "./spawnOn.ts"
import { unsendableCall } from "./unsendableCall.ts"

/** How much of a message that is none is shown. */
const inShort = { depth: 2, maxArrayLength: 8, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY }

/** Milliseconds in which a worker says what it has started. Its main thread may be busy; the one that answers never is. */
const recallPatience = 100

export class WorkerSession implements CallHost {
  state: "starting" | "ready" | "retiring" | "ending" | "gone" = "starting"
  /** Its place in the pool, which its replacement takes. Changes when the pool is resized. */
  lane: number
  /** How many calls it has answered. */
  completed = 0
  /** Whether it has started a call, ever. */
  hasWorked = false
  /** How it ended, once it is gone. */
  exit: WorkerExit | undefined
  reason: CrashReason | undefined
  /** Set when it was given up: it has been killed, and did not end. */
  stuck: WorkerStuck | undefined
  protected readonly offers: Offers
  protected readonly window: OfferWindow
  protected readonly worker: Worker
  /** Whether what is sent with a list of what to move is moved, and not copied. */
  private readonly moves: boolean
  protected readonly observer: SessionObserver
  private readonly options: SessionOptions
  protected readonly ladder: Ladder
  private readonly onGone: Array<() => void> = []
  /** Interrupted calls that it runs. */
  private readonly stopping = new Set<Call>()
  /** It may have to be stopped, and is given nothing that would be lost with it. */
  private held = false
  /** Its grace has passed, and it is not known yet whether the worker has started something else. */
  private overdue: Call | undefined
  private idle = true
  private closing = false
  private wasReady = false
  /** It has broken the protocol. */
  private violated = false
  protected outOfMemory = false
  private startFailure: Thrown | undefined
  private uncaught: Thrown | undefined

  constructor(transport: Transport, lane: number, options: SessionOptions, observer: SessionObserver) {
    this.lane = lane
    this.moves = transport.place === "thread"
    this.observer = observer
    this.options = options
    this.window = new OfferWindow(options.concurrency)
    this.offers = new Offers(slotsFor(options.concurrency), options.concurrency)
    const { concurrency, logs, validate } = options
    const limits = { concurrency, slots: this.offers.slotCount, relayLevel: logs?.level, validate }
    this.worker = spawnOn(transport, limits, {
      onMessage: (message) => this.receive(message),
      onRevoked: (id, revoked) => this.recallAnswered(id, revoked),
      onBroken: (cause) => this.violate(`wrote what can't be read (${describeValue(cause)})`, cause),
      onExit: (exit) => this.end(exit)
    })
    this.ladder = new Ladder(
      this.worker,
      options,
      () => this.stop(),
      (stuck) => this.abandon(stuck)
    )
  }

  /** Thread id or process id. */
  get id(): number {
    return this.worker.id
  }

  /** Whether its end is in order: nobody wants it any more. */
  get isClosing(): boolean {
    return this.closing
  }

  /** How many calls it has and has not answered. */
  get load(): number {
    return this.offers.size
  }

  get hasRoom(): boolean {
    return this.room > 0
  }

  /** How many more calls it can be offered. */
  get room(): number {
    return this.state === "ready" && !this.held ? this.window.size - this.offers.taken : 0
  }

  /** Whether it would start a call at once. */
  get isFree(): boolean {
    return this.room > 0 && this.offers.size < this.options.concurrency
  }

  /** How many of its calls it runs. */
  get running(): number {
    return Math.min(this.offers.size, this.options.concurrency)
  }

  /** Sends the call to the worker. A payload that can't be cloned fails the call, and leaves the worker as it was. */
  offer(call: Call): void {
    const id = this.offers.nextId()
    const { extras, probe, transfer } = call.options
    probe?.onStart(this.worker, id)
    try {
      this.worker.send({ kind: "run", id, task: call.task, payload: call.payload, extras }, transfer)
    } catch (thrown) {
      return call.fail(unsendableCall(call, thrown))
    }
    if (transfer !== undefined) call.moved = this.moves
    if (this.idle) this.window.busy()
    this.idle = false
    this.offers.add(call, id)
    call.host = this
    call.untouched = false
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

  /** Gives up to `count` calls back that it has not started, the oldest first: by `onReturned`, now or soon. */
  recall(count: number): void {
    const chosen: Array<Call> = []
    for (const call of this.offers.waiting()) {
      if (chosen.length >= count) break
      chosen.push(call)
    }
    this.takeBack(chosen)
  }

  /** How many calls it could give back. */
  get recallable(): number {
    return this.state === "ready" ? this.offers.recallable : 0
  }

  /** One that is watched is given to a worker that is free, and to its watcher it has started then. */
  hasStarted(call: Call): boolean {
    if (call.options.probe !== undefined) return true
    return this.worker.hasStarted(call.id) ?? this.offers.isAmongOldest(call)
  }

  grant(call: Call, count: number): void {
    this.worker.send({ kind: "credit", id: call.id, count })
  }

  /** Asks the worker to interrupt what runs, to run its finalizers and to leave; stops it when the grace has passed. */
  close(onGone: () => void): void {
    this.whenGone(onGone)
    if (this.state === "gone") return
    this.closing = true
    if (this.state === "starting") return this.stop()
    if (this.state === "ending") return
    this.state = "ending"
    this.worker.send({ kind: "close" })
    this.ladder.wait()
  }

  whenGone(callback: () => void): void {
    if (this.state === "gone") callback()
    else this.onGone.push(callback)
  }

  /** Ends the worker without its consent: a thread at once, a process by SIGTERM and, after the grace, SIGKILL. */
  stop(): void {
    if (this.state === "gone" || this.ladder.stopped) return
    this.state = "ending"
    this.ladder.stop()
  }

  /** The worker took too long: it is stopped, and its start has failed with `cause`. */
  giveUpStart(cause: unknown): void {
    this.startFailure ??= { cause }
    this.stop()
  }

  /** Sends a signal of the caller's choice: what the worker makes of it shows in its exit. */
  kill(signal: NodeJS.Signals): void {
    if (this.state !== "gone") this.worker.kill(signal)
  }

  /** Whether nothing is left to be done before it is given calls. */
  protected isPrepared(): boolean {
    return true
  }

  /** It has given an answer, and is about to be given the next call. */
  protected afterAnswer(): void {}

  /** A call has left it. */
  protected afterLeave(): void {}

  /**
   * It runs a call that was interrupted, and is stopped if that does not end. What it has been offered besides goes to others,
   * and it gets no more: else it could answer, and start the next task, in the moment in which it is stopped for this one.
   * Where tasks run beside each other that can't be helped, and a call may take its time to end: there it works on.
   */
  private hold(call: Call): void {
    if (this.options.concurrency > 1 || this.state !== "ready") return
    this.stopping.add(call)
    this.held = true
    this.takeBack(this.offers.rest())
  }

  /** Whether what has kept it from work is over. */
  private release(): void {
    this.held = this.stopping.size > 0 || !this.offers.isSettled
  }

  /** The grace has passed. The answer may have come by now and not been read: the event loop has a turn for it. */
  private graceOver(call: Call): void {
    setImmediate(() => {
      if (call.host !== this) return
      if (this.offers.isSettled) return this.stop()
      // Of what it was offered besides, it may have started some: then it has answered this one.
      this.overdue = call
      call.ladder = setTimeout(() => this.stop(), recallPatience)
    })
  }

  /** Asks for the calls back, by `onReturned`, now or soon. */
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

  private receive(message: FromWorker): void {
    if (this.violated) return
    if (!isFromWorker(message)) return this.violate(`sent what is no message: ${inspect(message, inShort)}`)
    switch (message.kind) {
      case "ready":
        return this.ready()
      case "startFailed":
        if (this.wasReady && !this.closing) return this.violate("said that it did not start, after it was ready")
        this.startFailure ??= { cause: fromWireError(message.cause) }
        return
      case "uncaught":
        this.uncaught ??= { cause: fromWireError(message.cause) }
        return this.expectExit()
      case "settled":
        return this.settle(message.id, message.exit, message.times)
      case "started":
        return this.offers.get(message.id)?.record?.started(this.id, message.at)
      case "log":
        return this.options.logs?.replay(message.entry, this.id, this.offers.get(message.id)?.options.context)
      case "elements":
        return this.elements(message.id, message.values)
      case "dropped":
        return this.dropped(message.id)
    }
  }

  private ready(): void {
    if (this.wasReady) return this.violate("was ready twice")
    if (this.state !== "starting" || !this.isPrepared()) return
    this.wasReady = true
    this.state = "ready"
    this.observer.onReady(this)
  }

  /** The worker said that it is about to leave: it gets no more calls, and is stopped if it stays. */
  private expectExit(): void {
    if (this.state !== "ready" && this.state !== "retiring") return
    this.state = "ending"
    this.ladder.wait()
  }

  private settle(id: number, exit: WireExit, times: TaskTimes | undefined): void {
    const call = this.offers.answered(id)
    if (call === undefined) return this.violate(`answered call ${id}, which it does not have`)
    if (this.held) this.ended(call)
    this.window.settled()
    this.completed++
    this.hasWorked = true
    if (call.record !== undefined) call.record.answered(this.id, times)
    this.afterAnswer()
    this.observer.onRoom(this)
    this.idle = this.offers.size === 0
    if (this.closing && wasInterrupted(exit)) call.fail(new PoolClosed({ task: call.task }))
    else call.settle({ kind: "replied", exit })
    call.leave()
    this.afterLeave()
  }

  private ended(call: Call): void {
    this.stopping.delete(call)
    this.release()
  }

  private elements(id: number, values: Array<unknown>): void {
    const isGranted = this.offers.get(id)?.options.onElements?.(values)
    if (isGranted !== true) this.violate(`sent ${values.length} elements of call ${id}, for which it had no credit`)
  }

  /** The worker answers a `revoke` that could not be answered here. */
  private recallAnswered(id: number, revoked: boolean): void {
    if (this.violated || !this.offers.replied(id)) return
    const call = this.offers.get(id)
    if (call === undefined) return
    if (revoked) this.returned(call)
    else if (call.isInterrupted) {
      // The interrupt that was sent with the question may have come before the start.
      this.worker.send({ kind: "interrupt", id })
      this.hold(call)
    }
    const wasHeld = this.held
    if (wasHeld) this.release()
    if (this.overdue !== undefined && this.offers.isSettled) this.graceOver(this.overdue)
    if (revoked || (wasHeld && !this.held)) this.observer.onRoom(this)
  }

  /** The worker will never start it. Its slot stays taken until the worker has thrown the offer away. */
  private returned(call: Call): void {
    this.offers.returned(call)
    call.untouched = true
    if (!call.isInterrupted) {
      call.leave()
      this.observer.onReturned(call)
    } else {
      // Its caller wanted it to end, and has most often left.
      if (!call.isForgotten) call.settle({ kind: "replied", exit: interrupted })
      call.leave()
    }
    this.afterLeave()
  }

  private dropped(id: number): void {
    // Of a process two threads answer, each on its own way: this one may be before the one that says what it was revoked for.
    if (this.offers.isAsked(id)) this.recallAnswered(id, true)
    if (!this.offers.dropped(id)) return this.violate(`dropped call ${id}, which was not revoked`)
    if (this.state === "ready") this.observer.onRoom(this)
  }

  /**
   * A worker that breaks the protocol can't be trusted with anything: it is killed, nothing that it says any more is heard,
   * and what it runs fails.
   */
  private violate(what: string, cause?: unknown): void {
    if (this.violated || this.state === "gone") return
    this.violated = true
    this.uncaught ??= { cause: new Error(`The worker broke the protocol: it ${what}`, { cause }) }
    this.state = "ending"
    this.ladder.kill()
  }

  private abandon(stuck: WorkerStuck): void {
    this.stuck = stuck
    this.end({ code: undefined, signal: undefined, outOfMemory: false, uncaught: undefined })
  }

  private end(exit: WorkerExit): void {
    // One that was stuck may end after all.
    if (this.state === "gone") return
    const wasStarting = this.state === "starting"
    this.state = "gone"
    this.exit = exit
    this.ladder.leave()
    const outOfMemory = exit.outOfMemory || this.outOfMemory
    const reason = crashReason({ ...exit, outOfMemory }, this.uncaught, this.ladder.stopped)
    this.reason = reason
    let failure = this.startFailure ?? (wasStarting && !this.closing ? { cause: startCause(reason) } : undefined)
    const started: Array<Call> = []
    const untouched: Array<Call> = []
    for (const call of this.offers.values()) (this.mayHaveStarted(call) ? started : untouched).push(call)
    this.offers.clear()
    this.hasWorked ||= started.length > 0
    if (this.violated && !this.hasWorked) failure ??= this.uncaught
    // The slot is refilled first: whoever hears of an end finds the pool whole.
    this.observer.onGone(this, failure)
    for (const call of started) {
      const { task } = call
      if (this.startsAgain(call)) {
        call.leave()
        this.observer.onReturned(call)
        continue
      }
      call.workerDied = true
      call.fail(this.closing ? new PoolClosed({ task }) : new WorkerCrashed({ task, worker: this.id, reason }))
      call.leave(this.stuck)
    }
    for (const call of untouched) {
      call.untouched = true
      if (this.closing) call.fail(new PoolClosed({ task: call.task }))
      else if (call.isInterrupted && !call.isForgotten) call.settle({ kind: "replied", exit: interrupted })
      const wanted = !call.isForgotten
      call.leave(this.stuck)
      if (wanted) this.observer.onReturned(call)
    }
    for (const onGone of this.onGone) onGone()
  }

  /** What was moved to the worker has gone with it; and one that breaks the protocol may have said so, or not, of anything. */
  private mayHaveStarted(call: Call): boolean {
    return call.moved || this.hasStarted(call) || (this.violated && this.offers.isAmongOldest(call))
  }

  /** Whether the call of a worker that died goes back to the queue: it was declared safe to repeat, and is still wanted. */
  private startsAgain(call: Call): boolean {
    if (call.retries === 0 || call.moved || this.closing || call.pinnedTo !== undefined) return false
    if (call.isInterrupted) return false
    call.retries--
    return true
  }
}
