/**
 * One `map` under way: takes from the input as it is needed, hands chunks of it to the pool, no more of them at the same time
 * than its window, and gathers what they answer.
 *
 * ```text
 * input ──pull──▶ chunk ──submit──▶ in the pool (≤ window) ──onEnd──▶ lots, in the order of the input
 *                                       │ first failure, interrupt
 *                                       └──▶ all are taken back; the map ends when they have stopped
 * ```
 *
 * Plain callbacks, no Effect: a fiber a task would cost more than the task.
 *
 * @internal
 */
import * as Exit from "effect/Exit"
import type { ChunkSize } from "./ChunkSize.ts"

export type ChunkEnd =
  /** What each task answered, in their order; `millis`, how long they took, is there when the worker said so. */
  | { readonly kind: "answered"; readonly results: ReadonlyArray<unknown>; readonly millis: number | undefined }
  | { readonly kind: "failed"; readonly exit: Exit.Exit<never, unknown> }

/** Takes a chunk back; `onStopped` is called when nothing of it runs any more. */
export type Withdraw = (onStopped: () => void) => void

/** Hands the inputs to the pool. `onEnd` hears of the outcome once, perhaps at once, and not after a withdrawal. */
export type Submit = (inputs: ReadonlyArray<unknown>, onEnd: (end: ChunkEnd) => void) => Withdraw

export interface MappingOptions {
  /** How many chunks are in the pool at the same time, at the most. */
  readonly window: number | undefined
  /** Says how large a chunk is, and how many there are where `window` does not. */
  readonly size: ChunkSize
  readonly submit: Submit
  /** Hears of the results of a chunk as they come; `index` is where it begins in the input. */
  readonly onResults: (chunk: number, index: number, results: ReadonlyArray<unknown>) => void
}

export class Mapping {
  private readonly iterator: Iterator<unknown>
  private readonly options: MappingOptions
  private readonly onEnd: (exit: Exit.Exit<void, unknown>) => void
  private readonly open = new Map<number, Withdraw>()
  private readonly length: number | undefined
  private taken = 0
  private chunks = 0
  private exhausted = false
  private stopping = false
  private pumping = false

  /** `onEnd` is called once, when nothing of the map is in the pool any more; not after `stop`. */
  constructor(inputs: Iterable<unknown>, options: MappingOptions, onEnd: (exit: Exit.Exit<void, unknown>) => void) {
    this.iterator = inputs[Symbol.iterator]()
    this.length = Array.isArray(inputs) ? inputs.length : undefined
    this.options = options
    this.onEnd = onEnd
  }

  /** A loop, not a recursion: a chunk may end while it is submitted. */
  pump(): void {
    if (this.pumping) return
    this.pumping = true
    while (!this.exhausted && !this.stopping && this.open.size < this.window) this.submitNext()
    this.pumping = false
    if (this.exhausted && !this.stopping && this.open.size === 0) {
      this.stopping = true
      this.onEnd(Exit.void)
    }
  }

  /** Takes back all that is in the pool, and leaves the rest of the input alone. */
  stop(onStopped: () => void): void {
    this.stopping = true
    if (!this.exhausted) this.closeInput()
    let left = this.open.size
    if (left === 0) return onStopped()
    const withdrawals = [...this.open.values()]
    this.open.clear()
    for (const withdraw of withdrawals) {
      withdraw(() => {
        if (--left === 0) onStopped()
      })
    }
  }

  private get window(): number {
    return this.options.window ?? this.options.size.window
  }

  private submitNext(): void {
    const index = this.taken
    const inputs = this.pull()
    if (inputs.length === 0) return
    const chunk = this.chunks++
    // In its place already: it may end at once.
    this.open.set(chunk, ignore)
    const withdraw = this.options.submit(inputs, (end) => this.ended(chunk, index, inputs.length, end))
    if (this.open.has(chunk)) this.open.set(chunk, withdraw)
  }

  private pull(): ReadonlyArray<unknown> {
    const inputs: Array<unknown> = []
    const wanted = this.options.size.next(this.length === undefined ? undefined : this.length - this.taken)
    try {
      while (inputs.length < wanted) {
        const next = this.iterator.next()
        if (next.done === true) {
          this.exhausted = true
          break
        }
        inputs.push(next.value)
      }
    } catch (defect) {
      // An input that throws is not asked to close, as in a loop.
      this.exhausted = true
      this.fail(Exit.die(defect))
      return []
    }
    this.taken += inputs.length
    return inputs
  }

  private ended(chunk: number, index: number, count: number, end: ChunkEnd): void {
    if (this.stopping) return
    this.open.delete(chunk)
    if (end.kind === "failed") return this.fail(end.exit)
    if (end.millis !== undefined) this.options.size.measured(count, end.millis)
    this.options.onResults(chunk, index, end.results)
    this.pump()
  }

  private fail(exit: Exit.Exit<never, unknown>): void {
    if (this.stopping) return
    this.stop(() => this.onEnd(exit))
  }

  private closeInput(): void {
    try {
      this.iterator.return?.()
    } catch {
      // The map has an outcome already.
    }
  }
}

const ignore: Withdraw = (onStopped) => onStopped()
