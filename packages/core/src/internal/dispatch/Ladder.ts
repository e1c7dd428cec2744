/**
 * The rungs by which a worker is ended that does not end by itself.
 *
 * ```text
 * wait ──grace──▶ stop: terminate, SIGTERM ──grace──▶ kill: SIGKILL ──5 s──▶ stuck
 * ```
 *
 * Only the operating system can fail to end what has been killed: a thread is terminated when it comes back from the system
 * call it is in (`execSync` is one), a process when it comes back from the disk or the debugger that holds it. That may be
 * never, and nobody must wait so long. Five seconds are a hundred times what the slowest ends took that were measured.
 *
 * @internal
 */
import { WorkerStuck } from "../poolErrors.ts"
import type { Worker } from "../transport/Transport.ts"

export interface LadderOptions {
  /** Milliseconds from a request to end until the next rung: terminate, then kill. */
  readonly grace: number
  /** Milliseconds from the kill until the worker is given up. Default: 5000. */
  readonly stuckAfter?: number | undefined
}

const defaultStuckAfter = 5000

export class Ladder {
  /** Whether this side has ended the worker. */
  stopped = false
  private readonly worker: Worker
  private readonly grace: number
  private readonly stuckAfter: number
  private readonly onStop: () => void
  private readonly onStuck: (stuck: WorkerStuck) => void
  /** Keeps no program alive: whoever waits for the end does. */
  private timer: NodeJS.Timeout | undefined

  /** `onStop` hears that the grace has passed. `onStuck` is the last that is heard. */
  constructor(worker: Worker, options: LadderOptions, onStop: () => void, onStuck: (stuck: WorkerStuck) => void) {
    this.worker = worker
    this.grace = options.grace
    this.stuckAfter = options.stuckAfter ?? defaultStuckAfter
    this.onStop = onStop
    this.onStuck = onStuck
  }

  /** The worker has been told to leave, or has said that it will: it has the grace for it. */
  wait(): void {
    this.timer = setTimeout(this.onStop, this.grace).unref()
  }

  stop(): void {
    this.stopped = true
    this.worker.terminate()
    this.next(() => this.kill(), this.grace)
  }

  /** Without a grace. */
  kill(): void {
    this.stopped = true
    this.worker.kill()
    this.next(() => this.onStuck(new WorkerStuck({ worker: this.worker.id, millis: this.stuckAfter })), this.stuckAfter)
  }

  /** The worker has ended. */
  leave(): void {
    clearTimeout(this.timer)
  }

  private next(rung: () => void, millis: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(rung, millis).unref()
  }
}
