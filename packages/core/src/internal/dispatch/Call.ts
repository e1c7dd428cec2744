/**
 * One task on its way: queued, then running on a worker, then settled. It settles exactly once, whatever happens to it.
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
  readonly interrupt: (running: Running, onStopped: () => void) => void
}

/** A call that a worker has been sent, and who waits for its end there. */
export interface Running {
  readonly host: CallHost
  readonly id: number
  readonly onStopped: Array<() => void>
  /** Until the worker is stopped, once the call has been interrupted. */
  ladder: NodeJS.Timeout | undefined
}

export class Call {
  readonly task: string
  /** Encoded: what the worker is sent. */
  readonly payload: unknown
  readonly probe: CallProbe | undefined
  /** Where it runs, while it runs. */
  running: Running | undefined
  /** Whether the worker died while it ran there: what the task held can't have said goodbye. */
  workerDied = false
  private observer: ((outcome: Outcome) => void) | undefined

  constructor(task: string, payload: unknown, observer: (outcome: Outcome) => void, probe?: CallProbe) {
    this.task = task
    this.payload = payload
    this.probe = probe
    this.observer = observer
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
}
