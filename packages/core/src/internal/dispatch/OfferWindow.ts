/**
 * How many calls a worker is offered at the same time: those it runs, and as many more as it will have done in about a
 * millisecond. Short tasks follow each other without a pause for a round trip; long ones are not offered ahead at all,
 * so that they wait where any worker can take them.
 *
 * The pace is measured anew every few calls, and only while the worker has something to do. Lineage: the window of TCP,
 * sized by the time that what is under way will take (the bandwidth-delay product) instead of by losses.
 *
 * @internal
 */

/** Milliseconds of work that a worker may have before it. */
const horizon = 1

/** The most calls that one worker is offered ahead. */
const mostAhead = 512

/** A measurement ends after so many calls, or so many milliseconds. */
const epochCalls = 64
const epochMillis = 1

/** Slots for the calls that one worker may have been offered and not answered; a power of two. */
export const slotsFor = (concurrency: number): number => 2 ** Math.ceil(Math.log2(2 * (concurrency + mostAhead)))

export class OfferWindow {
  /** The number of calls. */
  size: number
  private readonly least: number
  private most = Number.POSITIVE_INFINITY
  private since = 0
  private answered = 0

  /** `concurrency` calls are always offered: the worker runs them at the same time. */
  constructor(concurrency: number) {
    this.least = concurrency
    this.size = concurrency
  }

  /** No more than so many, whatever it is measured: the worker may do no more. */
  limit(most: number): void {
    this.most = most
    this.size = Math.min(this.size, most)
  }

  /** The worker had nothing to do, and has now. */
  busy(): void {
    this.since = performance.now()
    this.answered = 0
  }

  settled(): void {
    const answered = ++this.answered
    const now = performance.now()
    const elapsed = now - this.since
    if (answered < epochCalls && elapsed < epochMillis) return
    const size = this.least + Math.min(mostAhead, Math.floor((horizon * answered) / Math.max(elapsed, 1e-3)))
    this.size = Math.min(size, this.most)
    this.since = now
    this.answered = 0
  }
}
