/**
 * How a worker waits for messages. When there is nothing it goes to sleep in steps: it looks for a moment, over and over; then
 * it blocks, where that is possible; and then it sleeps in its event loop, until it is woken. The first two are quick to
 * leave, and freeze whatever else goes on in the worker; so they are left out while a task runs or anything else asynchronous
 * is alive.
 *
 * @internal
 */
import { Patience } from "./Patience.ts"

/** Where messages come from. */
export interface Source {
  /** Takes some, and answers whether there were any. */
  readonly drain: () => boolean
  readonly hasWork: () => boolean
  /** Blocks until there is work, for about a millisecond at most, and answers whether there is. */
  readonly block?: () => boolean
  /** From now on it has to be woken, unless there is work: then it answers false. */
  readonly sleep: () => boolean
  /** Milliseconds that it pays to look, over and over. */
  readonly longestLook: number
  /** Looks that take about a microsecond or two. */
  readonly looksAtOnce: number
  /** What the worker has alive when it has nothing to do, as its port: so many of `process.getActiveResourcesInfo`. */
  readonly ownResources: number
}

export class Turns {
  /** Tasks that were claimed and have not been answered. */
  running = 0
  private readonly source: Source
  private readonly patience: Patience
  private scheduled = false
  /** Since when it has slept in its event loop. */
  private asleepSince: number | undefined

  constructor(source: Source) {
    this.source = source
    this.patience = new Patience(source.longestLook)
  }

  /** Something may have come. */
  woken(): void {
    if (this.asleepSince !== undefined) this.patience.missed(performance.now() - this.asleepSince)
    this.asleepSince = undefined
    this.soon()
  }

  private soon(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(this.turn)
  }

  private readonly turn = (): void => {
    this.scheduled = false
    let since: number | undefined
    for (;;) {
      // The event loop has a turn after each slice: a task may have left something to it.
      if (this.source.drain()) return this.soon()
      if (!this.isQuiet()) break
      since = performance.now()
      if (!this.wait(since)) break
    }
    if (this.source.sleep()) this.asleepSince = since
    else this.soon()
  }

  private isQuiet(): boolean {
    return this.running === 0 && process.getActiveResourcesInfo().length <= this.source.ownResources
  }

  /** Answers whether there is something to do. */
  private wait(since: number): boolean {
    if (this.look(since)) {
      this.patience.rewarded()
      return true
    }
    this.patience.disappointed()
    if (this.source.block?.() !== true) return false
    this.patience.missed(performance.now() - since)
    return true
  }

  private look(since: number): boolean {
    const { hasWork, looksAtOnce } = this.source
    const until = since + this.patience.millis
    do {
      for (let looks = 0; looks < looksAtOnce; looks++) if (hasWork()) return true
    } while (performance.now() < until)
    return false
  }
}
