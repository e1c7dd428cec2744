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
import { Recalls } from "./Recalls.ts"
import type { SessionObserver, SessionOptions } from "./SessionOptions.ts"
import { spawnOn } from "./spawnOn.ts"
import { unsendableCall } from "./unsendableCall.ts"

/** How much of a message that is none is shown. */
const inShort = { depth: 2, maxArrayLength: 8, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY }

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
  private readonly recalls: Recalls
  private readonly onGone: Array<() => void> = []
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
      onRevoked: (id, revoked) => {
        if (!this.violated) this.recalls.answered(id, revoked)
      },
      onBroken: (cause) => this.violate(`wrote what can't be read (${describeValue(cause)})`, cause),
      onExit: (exit) => this.end(exit)
    })
    this.ladder = new Ladder(
      this.worker,
      options,
      () => this.stop(),
      (stuck) => this.abandon(stuck)
    )
    this.recalls = new Recalls(this.worker, this.offers, options, {
      isReady: () => this.state === "ready",
      onOverdue: () => this.stop(),
      onReturned: (call) => observer.onReturned(call),
      onLeft: () => this.afterLeave(),
      onRoom: () => observer.onRoom(this)
    })
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
    return this.state === "ready" && !this.recalls.isHolding ? this.window.size - this.offers.taken : 0
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

  /** Ends the call, by the cancellation ladder if it runs. */
  interrupt(call: Call, onStopped: (stuck: WorkerStuck | undefined) => void): void {
    this.recalls.interrupt(call, onStopped)
  }

  /** Gives up to `count` calls back that it has not started, the oldest first: by `onReturned`, now or soon. */
  recall(count: number): void {
    this.recalls.recall(count)
  }

  /** A look while other workers answer: gives all back that it has not started, if it has been silent for too long. */
  recallIfStalled(): void {
    if (this.recallable > 0 && this.window.look()) this.recall(Number.POSITIVE_INFINITY)
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
        if (!this.recalls.dropped(message.id)) this.violate(`dropped call ${message.id}, which was not revoked`)
        return
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
    if (this.recalls.isHolding) this.recalls.settled(call)
    const isMeasured = this.window.settled()
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
    if (isMeasured) this.observer.onPace()
  }

  private elements(id: number, values: Array<unknown>): void {
    const isGranted = this.offers.get(id)?.options.onElements?.(values)
    if (isGranted !== true) this.violate(`sent ${values.length} elements of call ${id}, for which it had no credit`)
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
    for (const call of started) this.lose(call, reason)
    for (const call of untouched) this.giveBack(call)
    for (const onGone of this.onGone) onGone()
  }

  /** The worker has ended while it ran the call. */
  private lose(call: Call, reason: CrashReason): void {
    const { task } = call
    if (this.startsAgain(call)) {
      call.leave()
      this.observer.onReturned(call)
      return
    }
    call.workerDied = true
    call.fail(this.closing ? new PoolClosed({ task }) : new WorkerCrashed({ task, worker: this.id, reason }))
    call.leave(this.stuck)
  }

  /** The worker has ended before it started the call. */
  private giveBack(call: Call): void {
    call.untouched = true
    if (this.closing) call.fail(new PoolClosed({ task: call.task }))
    else if (call.isInterrupted && !call.isForgotten) call.settle({ kind: "replied", exit: interrupted })
    const wanted = !call.isForgotten
    call.leave(this.stuck)
    if (wanted) this.observer.onReturned(call)
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
