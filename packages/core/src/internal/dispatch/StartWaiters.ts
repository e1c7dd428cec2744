/**
 * Who waits until so many workers are ready. It keeps the program alive.
 *
 * @internal
 */
import type { PoolClosed, WorkerStartFailed } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"

export type StartError = WorkerStartFailed | PoolClosed

interface Waiter {
  /** Asked anew each time: the pool may be resized. */
  readonly target: () => number
  readonly onDone: (failure: StartError | undefined) => void
}

export class StartWaiters {
  private readonly waiters = new Set<Waiter>()

  /** Answers with what takes the wish back. */
  add(target: () => number, onDone: (failure: StartError | undefined) => void): () => void {
    const waiter = { target, onDone }
    KeepAlive.hold()
    this.waiters.add(waiter)
    return () => void this.remove(waiter)
  }

  /** So many workers are ready now. */
  look(ready: number): void {
    for (const waiter of [...this.waiters]) if (ready >= waiter.target()) this.end(waiter, undefined)
  }

  fail(failure: StartError): void {
    for (const waiter of [...this.waiters]) this.end(waiter, failure)
  }

  private end(waiter: Waiter, failure: StartError | undefined): void {
    if (this.remove(waiter)) waiter.onDone(failure)
  }

  private remove(waiter: Waiter): boolean {
    const wasThere = this.waiters.delete(waiter)
    if (wasThere) KeepAlive.release()
    return wasThere
  }
}
