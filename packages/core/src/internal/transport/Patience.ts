/**
 * How long it pays to look for something before going to sleep: while it tends to come soon, up to a limit; not at all
 * while it does not. One side sleeps at 10 to 60 µs a time, and looking costs what it takes from others on the machine.
 *
 * @internal
 */

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

  /** It came after so many milliseconds, seen or not. */
  came(after: number): void {
    if (after <= this.most) this.millis = this.most
  }
}
