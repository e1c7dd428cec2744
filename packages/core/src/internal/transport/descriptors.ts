/**
 * What a worker process finds when it starts.
 *
 * @internal
 */
import type { WorkerKind, WorkerLimits } from "./Transport.ts"

/** The socket that carries the parent's messages. */
export const inboxDescriptor = 3

/**
 * A socket that a thread of the worker reads, which no task can block: its end is the parent's death, and what comes on it
 * are offers that the parent takes back.
 */
export const watchdogDescriptor = 4

/**
 * The socket that carries the worker's messages. It is not the one that the parent writes to: a parent that writes to a
 * worker which has just died loses that socket, with all that it has not read from it. The worker writes by system calls
 * that return when the kernel has all of it, so that nothing it has said can be lost with it.
 */
export const outboxDescriptor = 5

/** The file that carries small messages in both directions, where there is one (`ringFile.ts`). */
export const ringDescriptor = 6

/** The last argument of the process, as JSON. */
export interface ProcessData extends WorkerLimits {
  readonly kind: WorkerKind
  readonly worker: string
  readonly name: string
  /** Whether the parent reads what the process prints, through a socket of ours. */
  readonly captured: boolean
  /** Whether there is a file of rings. */
  readonly rings: boolean
}
