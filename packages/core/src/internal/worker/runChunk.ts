/**
 * Several tasks that came as one call: they run one after another, and are answered together.
 *
 * A task that is done at once costs no fiber and no turn of the event loop, so a chunk of them may be one long step. Every
 * few milliseconds it lets the event loop have its turn: an interrupt that has come is heard there, and ends the chunk
 * between two tasks.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import type { ChunkAnswer, WireExit } from "../transport/Transport.ts"
import type { Interruptible, TaskObserver } from "./TaskObserver.ts"

/** Milliseconds that a chunk may run before the event loop has its turn. */
const slice = 5

/** The clock is read after so many tasks at the most: it costs as much as a short one. */
const mostUnread = 128

/** Runs one task; `observer` hears of its end. */
export type StartTask = (payload: unknown, observer: TaskObserver) => void

export class ChunkRun implements TaskObserver, Interruptible {
  private readonly payloads: ReadonlyArray<unknown>
  private readonly mode: "stop" | "settle"
  private readonly startTask: StartTask
  private readonly onEnd: (exit: WireExit, transfer: TransferList | undefined) => void
  private readonly results: Array<unknown> = []
  private readonly began = performance.now()
  /** What is moved with the results. */
  private transfer: TransferList | undefined
  private running: Interruptible | undefined
  private interrupted = false
  private ended = false
  /** Between the start of a task and its end: it was done at once, if it is no more after `startTask`. */
  private busy = false
  private looping = false
  private turn = this.began
  private unread = 0
  private readNext = 1

  constructor(
    payloads: ReadonlyArray<unknown>,
    mode: "stop" | "settle",
    startTask: StartTask,
    onEnd: (exit: WireExit, transfer: TransferList | undefined) => void
  ) {
    this.payloads = payloads
    this.mode = mode
    this.startTask = startTask
    this.onEnd = onEnd
  }

  /** A loop, not a recursion: most tasks end within `startTask`. */
  readonly run = (): void => {
    this.looping = true
    while (!this.ended && !this.busy) {
      if (this.interrupted) this.end(interruptedExit)
      else if (this.results.length === this.payloads.length) this.end(this.success())
      else if (this.sliceIsOver()) {
        setImmediate(this.resume)
        break
      } else {
        this.busy = true
        this.startTask(this.payloads[this.results.length], this)
      }
    }
    this.looping = false
  }

  interruptUnsafe(): void {
    this.interrupted = true
    this.running?.interruptUnsafe()
  }

  onFork(task: Interruptible): void {
    this.running = task
    if (this.interrupted) task.interruptUnsafe()
  }

  onSettled(exit: WireExit, transfer?: TransferList): void {
    this.busy = false
    if (transfer !== undefined) this.transfer = this.transfer === undefined ? transfer : [...this.transfer, ...transfer]
    this.running = undefined
    if (this.mode === "settle") this.results.push(exit)
    else if (exit.kind === "success") this.results.push(exit.value)
    else this.end(exit)
    if (!this.looping) this.resume()
  }

  private readonly resume = (): void => {
    this.turn = performance.now()
    this.run()
  }

  /** Reads the clock more and more rarely, as long as little time has passed between two looks. */
  private sliceIsOver(): boolean {
    if (++this.unread < this.readNext) return false
    this.unread = 0
    const elapsed = performance.now() - this.turn
    if (elapsed < slice / 8) this.readNext = Math.min(2 * this.readNext, mostUnread)
    else this.readNext = 1
    return elapsed >= slice
  }

  private end(exit: WireExit): void {
    if (this.ended) return
    this.ended = true
    this.onEnd(exit, exit.kind === "success" ? this.transfer : undefined)
  }

  private success(): WireExit {
    const answer: ChunkAnswer = { results: this.results, millis: performance.now() - this.began }
    return { kind: "success", value: answer }
  }
}

const interruptedExit: WireExit = { kind: "failure", reasons: [{ kind: "interrupt" }] }
