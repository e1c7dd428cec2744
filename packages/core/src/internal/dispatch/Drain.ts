/**
 * The orderly end of a pool: nothing new is accepted, what was accepted is finished, and then the workers end. It counts
 * what became of the calls, and tells whoever waits.
 *
 * @internal
 */
import type { WorkerStuck } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"
import type { Outcome } from "./Call.ts"

export interface Drained {
  readonly finished: number
  readonly unfinished: number
}

export type DrainEnd = (drained: Drained, stuck: ReadonlyArray<WorkerStuck>) => void

export class Drain {
  private readonly isEmpty: () => boolean
  private readonly onEmpty: () => void
  private readonly waiting: Array<DrainEnd> = []
  private finished = 0
  private unfinished = 0
  private scheduled = false
  private ending = false
  private stuck: ReadonlyArray<WorkerStuck> | undefined

  /** `onEmpty` is to end the workers, and then to call `end`. */
  constructor(isEmpty: () => boolean, onEmpty: () => void) {
    this.isEmpty = isEmpty
    this.onEmpty = onEmpty
    KeepAlive.hold()
    this.look()
  }

  /** Perhaps at once. */
  whenEnded(onEnd: DrainEnd): void {
    if (this.stuck === undefined) this.waiting.push(onEnd)
    else onEnd(this.drained, this.stuck)
  }

  settled(outcome: Outcome): void {
    if (outcome.kind === "replied") this.finished++
    else if (outcome.kind === "failed") this.unfinished++
    this.look()
  }

  /** A call has left, or a worker. A call that settles here may be on its way out still: it is looked at after that. */
  look(): void {
    if (this.scheduled || this.ending) return
    this.scheduled = true
    queueMicrotask(() => {
      this.scheduled = false
      if (this.ending || !this.isEmpty()) return
      this.ending = true
      this.onEmpty()
    })
  }

  /** The workers have ended, but for those that are stuck. */
  end(stuck: ReadonlyArray<WorkerStuck>): void {
    if (this.stuck !== undefined) return
    this.stuck = stuck
    KeepAlive.release()
    for (const onEnd of this.waiting.splice(0)) onEnd(this.drained, stuck)
  }

  private get drained(): Drained {
    return { finished: this.finished, unfinished: this.unfinished }
  }
}
