/**
 * How long it pays to look for something before going to sleep: while it tends to come soon, up to a limit; not at all
 * while it does not. One side sleeps at 10 to 60 µs a time, and looking costs what it takes from others on the machine.
 *
 * @internal
 */

/** Who sleeps is woken late: what came within so many times the limit, seen by a sleeper, may have come within the limit. */
const lateness = 4

export class Patience {
  /** Milliseconds. */
  millis: number
  private readonly most: number

  constructor(most: number) {
    this.most = most
    this.millis = most
  }

  /** It was waited in vain: half as long the next time, and soon not at all. */
  disappointed(): void {
    this.millis = this.millis < this.most / 8 ? 0 : this.millis / 2
  }

  /** It came while somebody looked. */
  rewarded(): void {
    this.millis = this.most
  }

  /** It came, and a sleeper was up so many milliseconds after it had begun to wait. */
  missed(after: number): void {
    if (after <= lateness * this.most) this.millis = this.most
  }
}
