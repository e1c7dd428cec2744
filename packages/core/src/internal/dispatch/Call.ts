/**
 * One task on its way: queued, then offered to a worker, then settled. It settles exactly once, whatever happens to it.
 *
 * @internal
 */

import type * as Context from "effect/Context"
import type { TransferList } from "../codec/moves.ts"
import type { EncodeFailed } from "../errors.ts"
import type { PoolClosed, PoolFull, TaskDropped, WorkerCrashed, WorkerStartFailed, WorkerStuck } from "../poolErrors.ts"
import type { RunExtras, WireExit } from "../transport/Transport.ts"
import type { CallProbe } from "./CallProbe.ts"
import { QueueEntry } from "./CallQueue.ts"
import type { TaskRecord } from "./TaskRecord.ts"

export type Outcome =
  /** The caller took it back. */
  | { readonly kind: "withdrawn" }
  | { readonly kind: "replied"; readonly exit: WireExit }
  | { readonly kind: "failed"; readonly error: CallError }

export type CallError = EncodeFailed | PoolClosed | PoolFull | TaskDropped | WorkerCrashed | WorkerStartFailed

/** Where a call was submitted: hears of its outcome first. */
export interface CallOwner {
  readonly settled: (call: Call, outcome: Outcome) => void
}

export interface CallOptions {
  /** Higher goes first; any finite number. Default: 0. */
  readonly priority?: number | undefined
  /** Calls of one key go to one worker. */
  readonly key?: string | number | undefined
  readonly probe?: CallProbe | undefined
  /** How often it may be started again after its worker died under it. Default: never. */
  readonly retries?: number | undefined
  /** It waits outside of a full queue, whatever the pool does with others. */
  readonly patient?: boolean | undefined
  /** The caller's: what the task logs is logged there. */
  readonly context?: Context.Context<never> | undefined
  /** What the worker is told besides the payload. */
  readonly extras?: RunExtras | undefined
  /** Of a call that answers with a stream. Answers `false` when they are more than its worker was granted. */
  readonly onElements?: ((values: Array<unknown>) => boolean) | undefined
  /** What is moved with the payload. */
  readonly transfer?: TransferList | undefined
}

/** Where a call runs. */
export interface CallHost {
  /** Of the worker: its thread id or process id. */
  readonly id: number
  /** Ends the call there, by the cancellation ladder if it runs; `onStopped` is told when it has ended, or that it won't. */
  readonly interrupt: (call: Call, onStopped: (stuck: WorkerStuck | undefined) => void) => void
  /** The call may send so many more elements. */
  readonly grant: (call: Call, count: number) => void
}

const none: CallOptions = {}

/** What is to be remembered of few calls. */
interface Circumstances {
  pinnedTo: CallHost | undefined
  retries: number
  moved: boolean
  onStopped: Array<(stuck: WorkerStuck | undefined) => void> | undefined
  ladder: NodeJS.Timeout | undefined
  untouched: boolean
  workerDied: boolean
}

/**
 * Tens of thousands of them may wait at the same time, and what waits is copied by the garbage collector: each field costs a
 * flood some 20 ns a call. So what most calls don't have is kept elsewhere, and made when it is first needed.
 */
export abstract class Call extends QueueEntry {
  readonly task: string
  /** Encoded: what the worker is sent. */
  readonly payload: unknown
  readonly options: CallOptions
  /** Where it is noted down, while somebody watches the pool. */
  record: TaskRecord | undefined = undefined
  owner: CallOwner | undefined = undefined
  /** The worker that it has been offered to, while that has not answered. */
  host: CallHost | undefined = undefined
  /** Its number there. */
  id = -1
  /** Whether nobody waits for its outcome any more. */
  isForgotten = false
  private circumstances: Circumstances | undefined = undefined

  constructor(task: string, payload: unknown, options: CallOptions = none) {
    super(options.priority)
    this.task = task
    this.payload = payload
    this.options = options
  }

  /** Tells its caller; at most once. */
  protected abstract tell(outcome: Outcome): void

  settle(outcome: Outcome): void {
    this.options.probe?.onOutcome(outcome.kind)
    if (this.isForgotten) return
    this.isForgotten = true
    this.owner?.settled(this, outcome)
    this.tell(outcome)
  }

  fail(error: CallError): void {
    this.settle({ kind: "failed", error })
  }

  /** The caller has left: whatever becomes of the task, nobody is told. */
  forget(): void {
    this.settle({ kind: "withdrawn" })
  }

  /** It has ended where it ran, or will never start there: whoever waits for that goes on. */
  leave(stuck?: WorkerStuck): void {
    this.host = undefined
    const { circumstances } = this
    if (circumstances === undefined) return
    if (circumstances.ladder !== undefined) clearTimeout(circumstances.ladder)
    const waiting = circumstances.onStopped
    circumstances.onStopped = undefined
    if (waiting !== undefined) for (const onStopped of waiting) onStopped(stuck)
  }

  /** The one worker that it is for: no replacement gets it. */
  get pinnedTo(): CallHost | undefined {
    return this.circumstances?.pinnedTo
  }

  set pinnedTo(host: CallHost) {
    this.noted.pinnedTo = host
  }

  /** How often it may still be started again. */
  get retries(): number {
    return this.circumstances?.retries ?? this.options.retries ?? 0
  }

  set retries(left: number) {
    this.noted.retries = left
  }

  /** Its worker has got what was to be moved: no other one can have it. */
  get moved(): boolean {
    return this.circumstances?.moved === true
  }

  set moved(moved: boolean) {
    if (moved !== this.moved) this.noted.moved = moved
  }

  /** Whether somebody waits for its end where it runs. */
  get isInterrupted(): boolean {
    return this.circumstances?.onStopped !== undefined
  }

  /** Calls back when it has ended where it runs. */
  whenStopped(onStopped: (stuck: WorkerStuck | undefined) => void): void {
    const { noted } = this
    if (noted.onStopped === undefined) noted.onStopped = [onStopped]
    else noted.onStopped.push(onStopped)
  }

  /** Until the worker is stopped, once the call has been interrupted. */
  set ladder(timeout: NodeJS.Timeout) {
    this.noted.ladder = timeout
  }

  /** Whether it was taken back from its worker before that had started it. */
  get untouched(): boolean {
    return this.circumstances?.untouched === true
  }

  set untouched(untouched: boolean) {
    if (untouched !== this.untouched) this.noted.untouched = untouched
  }

  /** Whether the worker died while it ran there: what the task held can't have said goodbye. */
  get workerDied(): boolean {
    return this.circumstances?.workerDied === true
  }

  set workerDied(died: boolean) {
    this.noted.workerDied = died
  }

  private get noted(): Circumstances {
    this.circumstances ??= {
      pinnedTo: undefined,
      retries: this.retries,
      moved: false,
      onStopped: undefined,
      ladder: undefined,
      untouched: false,
      workerDied: false
    }
    return this.circumstances
  }
}

/** One whose outcome is told to a function. */
export class ObservedCall extends Call {
  private readonly observer: (outcome: Outcome) => void

  constructor(task: string, payload: unknown, observer: (outcome: Outcome) => void, options?: CallOptions) {
    super(task, payload, options)
    this.observer = observer
  }

  protected override tell(outcome: Outcome): void {
    this.observer(outcome)
  }
}
