/**
 * Who waits for a task in a worker.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import type { WireExit } from "../transport/Transport.ts"

/** A fiber is one. */
export interface Interruptible {
  readonly interruptUnsafe: () => void
}

export interface TaskObserver {
  /** The task takes its time; this ends it early. */
  readonly onFork: (task: Interruptible) => void
  /** Exactly once, perhaps at once. */
  readonly onSettled: (exit: WireExit, transfer?: TransferList) => void
}
