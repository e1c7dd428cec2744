/**
 * Where a task's elements leave it: as many as the consumer has granted, and not one more. A task that has used up its credit
 * waits before it makes the next element, so no more than the window are ever under way.
 *
 * No Effect is imported here: workers of plain modules load this file.
 *
 * Lineage: the credits of AMQP and of HTTP/2's flow control, counted in elements instead of bytes.
 *
 * @internal
 */

/** An element that could not be sent. */
export interface Refusal {
  /** Its place in the stream, from 0. */
  readonly index: number
  readonly value: unknown
  readonly thrown: unknown
}

export class StreamOutlet {
  /** Why nothing more can be sent. */
  refusal: Refusal | undefined
  /** How many elements have been sent. */
  sent = 0
  private credit: number
  private readonly largest: number
  private readonly send: (values: ReadonlyArray<unknown>) => void
  private pending: ReadonlyArray<unknown> = []
  private next = 0
  private onReady: (() => void) | undefined

  /** `send` throws when a value can't be sent; nothing of its array is sent then. */
  constructor(window: number, send: (values: ReadonlyArray<unknown>) => void) {
    this.credit = window
    this.largest = halfOf(window)
    this.send = send
  }

  /** Takes elements on, when it is ready. Answers whether it is so again: they have all left, and one more may. */
  write(values: ReadonlyArray<unknown>): boolean {
    this.pending = values
    this.next = 0
    this.flush()
    return this.isReady
  }

  /** Calls back once, when it is ready for more, or will never be: see `refusal`. */
  whenReady(callback: () => void): void {
    if (this.isReady) callback()
    else this.onReady = callback
  }

  /** The consumer has room for so many more. */
  grant(count: number): void {
    this.credit += count
    this.flush()
    const { onReady } = this
    if (onReady === undefined || !this.isReady) return
    this.onReady = undefined
    onReady()
  }

  private get isReady(): boolean {
    return this.refusal !== undefined || (this.credit > 0 && this.next === this.pending.length)
  }

  /** In halves of the window: the consumer works on one while the other is on its way. */
  private flush(): void {
    const { pending } = this
    while (this.refusal === undefined && this.credit > 0 && this.next < pending.length) {
      const count = Math.min(this.credit, this.largest, pending.length - this.next)
      const whole = count === pending.length
      const batch = whole ? pending : pending.slice(this.next, this.next + count)
      this.next += count
      this.sendAll(batch)
    }
  }

  /** When a batch is refused its elements are sent one by one: those before the culprit arrive. */
  private sendAll(batch: ReadonlyArray<unknown>): void {
    // First: what the other side answers at once finds the books in order.
    this.credit -= batch.length
    this.sent += batch.length
    try {
      this.send(batch)
    } catch (thrown) {
      this.credit += batch.length
      this.sent -= batch.length
      if (batch.length === 1) this.refusal = { index: this.sent, value: batch[0], thrown }
      else for (const value of batch) if (this.refusal === undefined) this.sendAll([value])
    }
  }
}

export const halfOf = (window: number): number => Math.ceil(window / 2)
