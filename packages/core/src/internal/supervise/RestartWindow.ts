/**
 * How many restarts there were lately. As OTP counts: one for each child that ended and had to be started again, however many
 * others are started with it; what is exactly a period old still counts.
 *
 * @internal
 */
export class RestartWindow {
  private readonly max: number
  private readonly period: number
  private times: Array<number> = []

  constructor(max: number, period: number) {
    this.max = max
    this.period = period
  }

  get count(): number {
    return this.times.length
  }

  /** `false`: one more is too many, and was not counted. */
  add(now: number): boolean {
    this.times = this.times.filter((then) => now <= then + this.period)
    if (this.times.length >= this.max) return false
    this.times.push(now)
    return true
  }
}
