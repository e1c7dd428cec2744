/**
 * How many calls a worker is offered at the same time: those it runs, and as many more as it will have done in about a
 * millisecond. Short tasks follow each other without a pause for a round trip; long ones are not offered ahead at all,
 * so that they wait where any worker can take them.
 *
 * The pace is measured anew every few calls, and only while the worker has something to do. One that comes upon a long task
 * among short ones says nothing any more: what it was offered ahead is wanted back then, if others go on.
 *
 * Lineage: the window of TCP, sized by the time that what is under way will take (the bandwidth-delay product) instead of by
 * losses.
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

/**
 * A worker is stalled when it has been silent at so many looks, each `lookMillis` after the one before. Not at once: where
 * there are more threads than cores, one that has much to do may have to wait for its turn for about as long.
 */
const silentLooks = 4
export const lookMillis = 1

/** Slots for the calls that one worker may have been offered and not answered; a power of two. */
export const slotsFor = (concurrency: number): number => 2 ** Math.ceil(Math.log2(2 * (concurrency + mostAhead)))

export class OfferWindow {
  /** The number of calls. */
  size: number
  private readonly least: number
  private most = Number.POSITIVE_INFINITY
  private since = 0
  private answered = 0
  private looks = 0

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
    this.restart(performance.now())
  }

  /** The worker has answered a call. Tells whether its pace has been measured anew. */
  settled(): boolean {
    this.looks = 0
    const answered = ++this.answered
    const now = performance.now()
    const elapsed = now - this.since
    if (answered < epochCalls && elapsed < epochMillis) return false
    const size = this.least + Math.min(mostAhead, Math.floor((horizon * answered) / Math.max(elapsed, 1e-3)))
    this.size = Math.min(size, this.most)
    this.restart(now)
    return true
  }

  /**
   * A look at the worker while others answer. True: it has said nothing for so long that its pace is not what it was, and is
   * offered nothing ahead until it is measured anew.
   */
  look(): boolean {
    if (++this.looks < silentLooks) return false
    this.size = Math.min(this.least, this.most)
    this.restart(performance.now())
    return true
  }

  private restart(now: number): void {
    this.since = now
    this.answered = 0
    this.looks = 0
  }
}
