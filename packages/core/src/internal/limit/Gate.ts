/**
 * What effects pass to start: permits, which they give back, and a rate, which they don't.
 *
 * The permit comes first. Whoever waited for the rate before it had a permit would have counted as a start long before it
 * started, and a stretch of time would see more starts than its limit.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { millisOf } from "../deadline.ts"
import { PermitQueue, type Restore } from "../sync/PermitQueue.ts"
import { touched } from "../touched.ts"
import { RateWindow } from "./RateWindow.ts"

export interface Limits {
  /** Infinite: only the rate limits. */
  readonly permits: number
  readonly rate: { readonly limit: number; readonly millis: number } | undefined
}

export class Gate {
  readonly #permits: PermitQueue
  readonly #rate: RateWindow | undefined
  #running = 0

  constructor({ permits, rate }: Limits, name: string) {
    touched(this, "makes")
    this.#permits = new PermitQueue(permits, `the limiter ${name}`)
    this.#rate =
      rate === undefined ? undefined : new RateWindow(rate.limit, rate.millis, `the rate of the limiter ${name}`)
  }

  get running(): number {
    touched(this, "reads")
    return this.#running
  }

  get waiting(): number {
    return this.#permits.waiting + (this.#rate?.waiting ?? 0)
  }

  available(now: number): number {
    if (this.waiting > 0) return 0
    return Math.min(this.#permits.available, this.#rate?.available(now) ?? Number.POSITIVE_INFINITY)
  }

  /** Enters at once or not at all. */
  tryEnter(now: number): boolean {
    if (this.#rate?.isOpen(now) === false || !this.#permits.tryTake(1)) return false
    this.#rate?.count(now)
    this.#count(1)
    return true
  }

  /** Waits for its turn. To be called in an uninterruptible region: whoever has entered registers {@link leave} there. */
  enter(restore: Restore): Effect.Effect<void> {
    return Clock.clockWith((clock) => {
      if (this.tryEnter(millisOf(clock))) return Effect.void
      const passed =
        this.#rate === undefined
          ? Effect.void
          : Effect.onError(this.#rate.pass(restore), () => this.#permits.giveUnsafe(1))
      return Effect.andThen(Effect.andThen(this.#permits.take({ permits: 1 }, restore), passed), () => this.#entered)
    })
  }

  readonly leave: Effect.Effect<void> = Effect.suspend(() => {
    this.#count(-1)
    return this.#permits.giveUnsafe(1)
  })

  readonly #entered = Effect.sync(() => this.#count(1))

  #count(change: 1 | -1): void {
    touched(this)
    this.#running += change
  }
}
