/**
 * The tasks that a worker has been offered and has not started: they are started in their order, as many at the same time as
 * the pool said, each after it has been claimed. One that the parent has taken back is dropped, and the parent told.
 *
 * @internal
 */
import type { ParentLink, RunMessage } from "../transport/Transport.ts"

type IntakeLink = Pick<ParentLink, "claim" | "send" | "concurrency">

export class Intake {
  private readonly link: IntakeLink
  private readonly start: (run: RunMessage) => void
  private waiting: Array<RunMessage> = []
  private next = 0
  private running = 0
  private starting = false
  private closed = false

  /** `start` is to be followed by one call of `ended`, then or later. */
  constructor(link: IntakeLink, start: (run: RunMessage) => void) {
    this.link = link
    this.start = start
  }

  offer(run: RunMessage): void {
    if (this.closed) return
    this.waiting.push(run)
    this.startNext()
  }

  /** A task that was started has been answered. */
  ended(): void {
    this.running--
    this.startNext()
  }

  /** Nothing more is started. */
  close(): void {
    this.closed = true
    this.clear()
  }

  private clear(): void {
    this.waiting = []
    this.next = 0
  }

  /** A loop, not a recursion: a task that ends at once calls `ended` from within `start`. */
  private startNext(): void {
    if (this.starting) return
    this.starting = true
    while (this.running < this.link.concurrency && this.next < this.waiting.length) {
      const run = this.waiting[this.next++] as RunMessage
      if (this.next === this.waiting.length) this.clear()
      if (this.link.claim(run.id)) {
        this.running++
        this.start(run)
      } else this.link.send({ kind: "dropped", id: run.id })
    }
    this.starting = false
  }
}
