/**
 * How many restarts there were lately. As OTP counts: one for each child that ended and had to be started again, however many
 * others are started with it; what is exactly a period old still counts.
 *
 * @internal
 */
export class RestartWindow {
  private readonly max: number
  private readonly period: number
  /** Ascending. */
  private readonly times: Array<number> = []

  constructor(max: number, period: number) {
    this.max = max
    this.period = period
  }

  get count(): number {
    return this.times.length
  }

  /** `false`: one more is too many, and was not counted. */
  add(now: number): boolean {
    while (this.times[0] !== undefined && now > this.times[0] + this.period) this.times.shift()
    if (this.times.length >= this.max) return false
    this.times.push(now)
    return true
  }
}
