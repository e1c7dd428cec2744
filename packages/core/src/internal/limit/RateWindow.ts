/**
 * At most so many starts in any stretch of so much time: a sliding window, kept as the times of the last starts.
 *
 * Whoever is at the turnstile sleeps until the oldest of them has left the window; the others wait behind it, first come,
 * first served. A start that was counted is never taken back: it has happened.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { millisOf } from "../deadline.ts"
import { waitingFor } from "../scope/Member.ts"
import type { Restore } from "../sync/PermitQueue.ts"
import { touched } from "../touched.ts"

export class RateWindow {
  readonly #limit: number
  readonly #per: number
  readonly #name: string
  /** A ring that grows to `limit`: then the oldest start is at `#oldest`. */
  readonly #starts: Array<number> = []
  #oldest = 0
  #waiting = 0
  readonly #turnstile = Semaphore.makeUnsafe(1)

  /** `per` in milliseconds. */
  constructor(limit: number, per: number, name: string) {
    this.#name = name
    this.#limit = limit
    this.#per = per
    touched(this, "makes")
  }

  get waiting(): number {
    touched(this, "reads")
    return this.#waiting
  }

  /** How many may start now. */
  available(now: number): number {
    touched(this, "reads")
    if (this.#waiting > 0) return 0
    let free = this.#limit
    for (const start of this.#starts) if (start + this.#per > now) free--
    return free
  }

  /** Whether one may start now without waiting. */
  isOpen(now: number): boolean {
    touched(this, "reads")
    return this.#waiting === 0 && this.#delay(now) <= 0
  }

  /** To be called in the step that found it open. */
  count(now: number): void {
    touched(this)
    if (this.#starts.length < this.#limit) this.#starts.push(now)
    else {
      this.#starts[this.#oldest] = now
      this.#oldest = (this.#oldest + 1) % this.#limit
    }
  }

  /** Waits until a start is allowed, and counts it. To be called in an uninterruptible region: only the wait is restored. */
  pass(restore: Restore): Effect.Effect<void> {
    return Effect.suspend(() => {
      touched(this)
      this.#waiting++
      return Effect.ensuring(
        restore(waitingFor(() => this.#name, this.#turnstile.withPermit(this.#first))),
        this.#passed
      )
    })
  }

  readonly #passed = Effect.sync(() => {
    touched(this)
    this.#waiting--
  })

  readonly #first: Effect.Effect<void> = Clock.clockWith((clock) => {
    touched(this)
    const now = millisOf(clock)
    const delay = this.#delay(now)
    if (delay > 0) return Effect.andThen(clock.sleep(Duration.millis(Math.ceil(delay))), () => this.#first)
    this.count(now)
    return Effect.void
  })

  #delay(now: number): number {
    return this.#starts.length < this.#limit ? 0 : this.#starts[this.#oldest]! + this.#per - now
  }
}
