/**
 * One task on its way: queued, then offered to a worker, then settled. It settles exactly once, whatever happens to it.
 *
 * @internal
 */

import type { EncodeFailed } from "../errors.ts"
import type { PoolClosed, WorkerCrashed, WorkerStartFailed } from "../poolErrors.ts"
import type { WireExit } from "../transport/Transport.ts"
import type { CallProbe } from "./CallProbe.ts"

export type Outcome =
  /** The caller took it back. */
  | { readonly kind: "withdrawn" }
  | { readonly kind: "replied"; readonly exit: WireExit }
  | { readonly kind: "failed"; readonly error: EncodeFailed | PoolClosed | WorkerCrashed | WorkerStartFailed }

/** Where a call runs. */
export interface CallHost {
  /** Ends the call there, by the cancellation ladder if it runs; `onStopped` is told when it has ended. */
  readonly interrupt: (call: Call, onStopped: () => void) => void
  readonly hasStarted: (call: Call) => boolean
}

export class Call {
  readonly task: string
  /** Encoded: what the worker is sent. */
  readonly payload: unknown
  readonly probe: CallProbe | undefined
  /** The worker that it has been offered to, while that has not answered. */
  host: CallHost | undefined
  /** Its number there. */
  id = -1
  /** Who waits for its end there. */
  onStopped: Array<() => void> | undefined
  /** Until the worker is stopped, once the call has been interrupted. */
  ladder: NodeJS.Timeout | undefined
  /** Whether the worker died while it ran there: what the task held can't have said goodbye. */
  workerDied = false
  private observer: ((outcome: Outcome) => void) | undefined

  constructor(task: string, payload: unknown, observer: (outcome: Outcome) => void, probe?: CallProbe) {
    this.task = task
    this.payload = payload
    this.probe = probe
    this.observer = observer
  }

  /** Whether nobody waits for its outcome any more. */
  get isForgotten(): boolean {
    return this.observer === undefined
  }

  settle(outcome: Outcome): void {
    this.probe?.onOutcome(outcome.kind)
    const observer = this.observer
    this.observer = undefined
    observer?.(outcome)
  }

  fail(error: Extract<Outcome, { readonly kind: "failed" }>["error"]): void {
    this.settle({ kind: "failed", error })
  }

  /** The caller has left: whatever becomes of the task, nobody is told. */
  forget(): void {
    this.settle({ kind: "withdrawn" })
  }

  /** It has ended where it ran, or will never start there: whoever waits for that goes on. */
  leave(): void {
    this.host = undefined
    clearTimeout(this.ladder)
    const waiting = this.onStopped
    this.onStopped = undefined
    if (waiting !== undefined) for (const onStopped of waiting) onStopped()
  }
}
