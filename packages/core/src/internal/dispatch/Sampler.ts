/**
 * Looks at something now and then. It keeps no program alive.
 *
 * @internal
 */

/** Milliseconds. What is looked at more often than this costs more than it tells. */
const shortest = 5

export class Sampler {
  private readonly interval: number
  private readonly look: () => void
  private timer: NodeJS.Timeout | undefined

  constructor(interval: number, look: () => void) {
    this.interval = Math.max(interval, shortest)
    this.look = look
  }

  run(wanted: boolean): void {
    if (wanted === (this.timer !== undefined)) return
    clearInterval(this.timer)
    this.timer = wanted ? setInterval(this.look, this.interval).unref() : undefined
  }
}
