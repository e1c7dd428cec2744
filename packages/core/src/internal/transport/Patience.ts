/**
 * Whether it pays to look for something, over and over, before going to sleep. It does while it tends to come soon, since
 * to sleep and be woken takes 10 to 60 µs. It does not while it takes long; nor on a machine that has other work to do:
 * who looks then takes the processor from those who are to answer.
 *
 * So it is tried out. Two times in vain, and nobody looks any more; after some that came soon enough to be seen it is tried
 * again, once, and after each failure only after twice as many: exponential back-off, as Ethernet's stations try the wire
 * again (Metcalfe and Boggs, 1976).
 *
 * @internal
 */

/** Who sleeps is woken late: what came within so many times the limit, seen by a sleeper, may have come within the limit. */
const lateness = 4

const leastTries = 8
const mostTries = 1024

export class Patience {
  /** Milliseconds to look. */
  millis: number
  private readonly most: number
  private failures = 0
  /** So many have to come soon before it is tried again. */
  private left = 0
  private backOff = leastTries

  constructor(most: number) {
    this.most = most
    this.millis = most
  }

  /** It came while somebody looked. */
  rewarded(): void {
    this.millis = this.most
    this.failures = 0
    this.backOff = leastTries
  }

  /** It was looked for in vain. */
  disappointed(): void {
    if (this.millis === 0 || ++this.failures < 2) return
    this.millis = 0
    this.left = this.backOff
    this.backOff = Math.min(2 * this.backOff, mostTries)
  }

  /** It came, and a sleeper was up so many milliseconds after it had begun to wait. */
  missed(after: number): void {
    if (this.millis > 0 || after > lateness * this.most || --this.left > 0) return
    this.millis = this.most
    this.failures = 1
  }
}
