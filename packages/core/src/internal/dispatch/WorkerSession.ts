/**
 * One worker, from its start to its end, and the calls that run on it. A session is never reused: a pool replaces a
 * session that has ended by a new one.
 *
 * ```text
 * starting ──ready──▶ ready ──close, stop, uncaught──▶ ending ──exit──▶ gone
 *     └───────────────── failed start, crash ────────────────────────────▲
 * ```
 *
 * @internal
 */
import { describeUnsendable } from "../codec/unsendable.ts"
import { fromWireError } from "../codec/wireError.ts"
import { EncodeFailed } from "../errors.ts"
import {
  type CrashReason,
  Exited,
  Killed,
  OutOfMemory,
  PoolClosed,
  Terminated,
  Uncaught,
  WorkerCrashed
} from "../poolErrors.ts"
import {
  type FromWorker,
  isFromWorker,
  type Transport,
  type WireExit,
  type Worker,
  type WorkerEvents,
  type WorkerExit
} from "../transport/Transport.ts"
import type { Call, CallHost, Running } from "./Call.ts"

/** Something that was thrown: its own object, since `undefined` can be thrown too. */
export interface Thrown {
  readonly cause: unknown
}

export interface SessionObserver {
  readonly onReady: (session: WorkerSession) => void
  /** A call left the worker: it has room for another one. */
  readonly onRoom: (session: WorkerSession) => void
  /** Exactly once, last. `startFailure` is there when the session was never ready. */
  readonly onGone: (session: WorkerSession, startFailure: Thrown | undefined) => void
}

export class WorkerSession implements CallHost {
  state: "starting" | "ready" | "ending" | "gone" = "starting"
  /** How many calls this worker has been given, and how many it has answered. */
  started = 0
  completed = 0
  /** How it ended, once it is gone. */
  exit: WorkerExit | undefined
  private readonly calls = new Map<number, { readonly call: Call; readonly running: Running }>()
  private readonly worker: Worker
  private readonly observer: SessionObserver
  /** Milliseconds from a request to end until the next rung: terminate, then kill. */
  private readonly grace: number
  private readonly onGone: Array<() => void> = []
  private closing = false
  private stopped = false
  private startFailure: Thrown | undefined
  private uncaught: Thrown | undefined
  private ladder: NodeJS.Timeout | undefined

  constructor(transport: Transport, grace: number, observer: SessionObserver) {
    this.observer = observer
    this.grace = grace
    this.worker = spawnOn(transport, {
      onMessage: (message) => this.receive(message),
      onExit: (exit) => this.end(exit)
    })
  }

  /** Thread id or process id. */
  get id(): number {
    return this.worker.id
  }

  get running(): number {
    return this.calls.size
  }

  /** Sends the call to the worker. A payload that can't be cloned fails the call, and leaves the worker as it was. */
  start(call: Call): void {
    const id = this.started++
    call.probe?.onStart(this.worker, id)
    try {
      this.worker.send({ kind: "run", id, task: call.task, payload: call.payload })
    } catch (thrown) {
      const { cause, path } = describeUnsendable(call.payload, thrown)
      return call.fail(new EncodeFailed({ task: call.task, what: "payload", path, cause: fromWireError(cause) }))
    }
    call.running = { host: this, id, onStopped: [], ladder: undefined }
    this.calls.set(id, { call, running: call.running })
  }

  /**
   * The cancellation ladder. The handler is interrupted; if it has not ended after the grace, its worker is stopped.
   * `onStopped` is called when the work has ended, one way or the other.
   */
  interrupt(running: Running, onStopped: () => void): void {
    running.onStopped.push(onStopped)
    if (running.ladder !== undefined) return
    running.ladder = setTimeout(() => this.stop(), this.grace)
    this.worker.send({ kind: "interrupt", id: running.id })
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
    this.ladder = setTimeout(() => this.stop(), this.grace)
  }

  whenGone(callback: () => void): void {
    if (this.state === "gone") callback()
    else this.onGone.push(callback)
  }

  /** Ends the worker without its consent: a thread at once, a process by SIGTERM and, after the grace, SIGKILL. */
  stop(): void {
    if (this.state === "gone" || this.stopped) return
    this.stopped = true
    this.state = "ending"
    clearTimeout(this.ladder)
    this.worker.terminate()
    this.ladder = setTimeout(() => this.worker.kill(), this.grace)
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

  private receive(message: FromWorker): void {
    // A task may post messages of its own to its parent: they are not ours to read.
    if (!isFromWorker(message)) return
    switch (message.kind) {
      case "ready":
        if (this.state !== "starting") return
        this.state = "ready"
        return this.observer.onReady(this)
      case "startFailed":
        this.startFailure ??= { cause: fromWireError(message.cause) }
        return
      case "uncaught":
        this.uncaught ??= { cause: fromWireError(message.cause) }
        return this.expectExit()
      case "settled":
        return this.settle(message.id, message.exit)
    }
  }

  /** The worker said that it is about to leave: it gets no more calls, and is stopped if it stays. */
  private expectExit(): void {
    if (this.state !== "ready") return
    this.state = "ending"
    this.ladder = setTimeout(() => this.stop(), this.grace)
  }

  private settle(id: number, exit: WireExit): void {
    const entry = this.calls.get(id)
    if (entry === undefined) return
    const { call, running } = entry
    this.calls.delete(id)
    call.running = undefined
    this.completed++
    this.observer.onRoom(this)
    if (this.closing && wasInterrupted(exit)) call.fail(new PoolClosed({ task: call.task }))
    else call.settle({ kind: "replied", exit })
    leave(running)
  }

  private end(exit: WorkerExit): void {
    const wasStarting = this.state === "starting"
    this.state = "gone"
    this.exit = exit
    clearTimeout(this.ladder)
    const reason = this.reasonOf(exit)
    const failure = this.startFailure ?? (wasStarting && !this.closing ? { cause: startCause(reason) } : undefined)
    // The slot is refilled first: whoever hears of an end finds the pool whole.
    this.observer.onGone(this, failure)
    for (const { call, running } of this.calls.values()) {
      const { task } = call
      call.running = undefined
      call.workerDied = true
      call.fail(this.closing ? new PoolClosed({ task }) : new WorkerCrashed({ task, worker: this.id, reason }))
      leave(running)
    }
    this.calls.clear()
    for (const onGone of this.onGone) onGone()
  }

  private reasonOf(exit: WorkerExit): CrashReason {
    if (exit.outOfMemory) return new OutOfMemory()
    const uncaught = this.uncaught ?? exit.uncaught
    if (uncaught !== undefined) return new Uncaught(uncaught)
    if (this.stopped) return new Terminated()
    if (exit.signal !== undefined) return new Killed({ signal: exit.signal })
    return new Exited({ code: exit.code ?? 0 })
  }
}

/** A worker that can't be started at all (a variable with a null byte, say) ends as one that dies while it starts. */
const spawnOn = (transport: Transport, events: WorkerEvents): Worker => {
  try {
    return transport.spawn(events)
  } catch (cause) {
    queueMicrotask(() => events.onExit({ code: undefined, signal: undefined, outOfMemory: false, uncaught: { cause } }))
    return { id: -1, send: () => {}, terminate: () => {}, kill: () => {} }
  }
}

const leave = (running: Running): void => {
  clearTimeout(running.ladder)
  for (const onStopped of running.onStopped) onStopped()
}

const wasInterrupted = (exit: WireExit): boolean =>
  exit.kind === "failure" && exit.reasons.every((reason) => reason.kind === "interrupt")

/** A worker that ended while it loaded, without a word: the reader of the error gets what is known. */
const startCause = (reason: CrashReason): unknown => {
  switch (reason._tag) {
    case "Uncaught":
      return reason.cause
    case "Exited":
      return new Error(`It exited with code ${reason.code} before it was ready`)
    case "Killed":
      return new Error(`${reason.signal} killed it before it was ready`)
    case "OutOfMemory":
      return new Error("It ran out of memory before it was ready")
    case "Terminated":
      return new Error("It was stopped before it was ready")
  }
}
