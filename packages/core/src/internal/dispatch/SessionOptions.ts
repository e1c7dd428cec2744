/**
 * What a worker's session is told, and whom it tells.
 *
 * @internal
 */
import type { LogSettings } from "../context/replay.ts"
import type { Call } from "./Call.ts"
import type { Thrown } from "./crashReason.ts"
import type { LadderOptions } from "./Ladder.ts"
import type { WorkerSession } from "./WorkerSession.ts"

export interface SessionObserver {
  readonly onReady: (session: WorkerSession) => void
  /** A call left the worker: it has room for another one. */
  readonly onRoom: (session: WorkerSession) => void
  /** The worker's pace has been measured anew: about every millisecond while it answers. */
  readonly onPace: () => void
  /** A call that the worker has not started, and never will: it is to be given to another one. */
  readonly onReturned: (call: Call) => void
  /** Exactly once, last. `startFailure` is there when the session was never ready. */
  readonly onGone: (session: WorkerSession, startFailure: Thrown | undefined) => void
}

export interface SessionOptions extends LadderOptions {
  /** How many calls the worker runs at the same time. */
  readonly concurrency: number
  /** Where the logs of the workers go; `undefined`: they are the workers' own business. */
  readonly logs?: LogSettings | undefined
  /** Whether what arrives, on either side, is checked also when it needs no decoding. */
  readonly validate: boolean
}
