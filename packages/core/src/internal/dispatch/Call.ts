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

export class Call extends QueueEntry {
  readonly task: string
  /** Encoded: what the worker is sent. */
  readonly payload: unknown
  readonly key: string | number | undefined
  readonly probe: CallProbe | undefined
  readonly context: Context.Context<never> | undefined
  readonly extras: RunExtras | undefined
  /** Where it is noted down, while somebody watches the pool. */
  record: TaskRecord | undefined = undefined
  readonly onElements: CallOptions["onElements"]
  readonly patient: boolean
  /** How often it may still be started again. */
  retries: number
  /** The one worker that it is for: no replacement gets it. */
  pinnedTo: CallHost | undefined = undefined
  readonly transfer: TransferList | undefined
  /** Its worker has got what was to be moved: no other one can have it. */
  moved = false
  owner: CallOwner | undefined = undefined
  /** The worker that it has been offered to, while that has not answered. */
  host: CallHost | undefined = undefined
  /** Its number there. */
  id = -1
  /** Who waits for its end there. */
  onStopped: Array<(stuck: WorkerStuck | undefined) => void> | undefined = undefined
  /** Until the worker is stopped, once the call has been interrupted. */
  ladder: NodeJS.Timeout | undefined = undefined
  /** Whether it was taken back from its worker before that had started it. */
  untouched = false
  /** Whether the worker died while it ran there: what the task held can't have said goodbye. */
  workerDied = false
  private observer: ((outcome: Outcome) => void) | undefined

  constructor(task: string, payload: unknown, observer: (outcome: Outcome) => void, options: CallOptions = none) {
    super(options.priority)
    this.task = task
    this.payload = payload
    this.key = options.key
    this.probe = options.probe
    this.context = options.context
    this.extras = options.extras
    this.onElements = options.onElements
    this.patient = options.patient === true
    this.retries = options.retries ?? 0
    this.transfer = options.transfer
    this.observer = observer
  }

  /** Whether nobody waits for its outcome any more. */
  get isForgotten(): boolean {
    return this.observer === undefined
  }

  settle(outcome: Outcome): void {
    this.probe?.onOutcome(outcome.kind)
    const { observer, owner } = this
    this.observer = undefined
    if (observer === undefined) return
    owner?.settled(this, outcome)
    observer(outcome)
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
    if (this.ladder !== undefined) clearTimeout(this.ladder)
    const waiting = this.onStopped
    this.onStopped = undefined
    if (waiting !== undefined) for (const onStopped of waiting) onStopped(stuck)
  }
}
