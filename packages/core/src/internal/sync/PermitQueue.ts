/**
 * The permits of one semaphore or mutex and the fibers that wait for them: a strict FIFO queue.
 *
 * Three parts, each with one duty:
 * - `available` is the truth. It changes only in synchronous steps, so that no schedule shows a count halfway.
 * - the turnstile, an Effect `Semaphore` of one permit, keeps the waiters in order: only the one inside looks at the
 *   count. Effect's own counting lets a small request overtake a large one, which then may starve.
 * - the latch wakes the waiter inside when permits come back. It is closed before it is awaited and in the same step as
 *   the count is read, so that no return falls between the look and the sleep.
 *
 * A newcomer never takes past a waiter, also not one that was woken and has not run yet.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"
import { noteGiven, noteTaken } from "../scope/holds.ts"
import { waitingFor } from "../scope/Member.ts"
import { touched } from "../touched.ts"

/** What `Effect.uninterruptibleMask` hands out: makes only the wait interruptible. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export interface Request {
  readonly permits: number
  /** How long to wait; forever when absent, not at all when zero. */
  readonly within?: Duration.Duration
  /** Runs in the same synchronous step as the permits are taken. */
  readonly onGranted?: () => void
}

export class PermitQueue {
  readonly max: number
  /** What dumps and leak reports call it. */
  readonly name: string
  #available: number
  #waiting = 0
  readonly #turnstile = Semaphore.makeUnsafe(1)
  readonly #returned = Latch.makeUnsafe(false)

  constructor(max: number, name: string) {
    this.max = max
    this.name = name
    this.#available = max
    touched(this, "makes")
  }

  get available(): number {
    touched(this, "reads")
    return this.#available
  }

  /** How many requests wait. */
  get waiting(): number {
    touched(this, "reads")
    return this.#waiting
  }

  /** Takes at once or not at all. */
  tryTake(permits: number): boolean {
    touched(this)
    if (this.#waiting > 0 || permits > this.#available) return false
    this.#taken(permits)
    return true
  }

  /**
   * Waits for the permits; `false` when the time ran out. To be called in an uninterruptible region, so that the caller
   * registers the return in the same step: only the wait is restored.
   */
  take(request: Request, restore: Restore): Effect.Effect<boolean> {
    return Effect.suspend(() => {
      if (this.tryTake(request.permits)) {
        request.onGranted?.()
        return Effect.succeed(true)
      }
      if (request.within !== undefined && Duration.isZero(request.within)) return Effect.succeed(false)
      return this.#wait(request, restore)
    })
  }

  /**
   * Puts permits back in the very step of the call, so that the caller's check and the return can't come apart; the
   * effect only wakes the waiter. To be called, and its effect run, in an uninterruptible region.
   */
  giveUnsafe(permits: number): Effect.Effect<void> {
    touched(this)
    this.#available += permits
    noteGiven(this, permits)
    return this.#wake
  }

  readonly #wake = Effect.suspend(() => {
    touched(this)
    return this.#waiting === 0 ? Effect.void : Effect.asVoid(this.#returned.open)
  })

  #taken(permits: number): void {
    this.#available -= permits
    noteTaken(this, permits)
  }

  #wait(request: Request, restore: Restore): Effect.Effect<boolean> {
    const { onGranted, permits, within } = request
    // Whoever sees the request end asks this flag, never the race that ended it: a grant may come in the same turn as
    // an interrupt or the end of the time.
    let granted = false
    const inside: Effect.Effect<void> = Effect.suspend(() => {
      touched(this)
      if (permits > this.#available) {
        this.#returned.closeUnsafe()
        return Effect.flatMap(this.#returned.await, () => inside)
      }
      this.#taken(permits)
      this.#waiting--
      granted = true
      onGranted?.()
      return Effect.void
    })
    const queued = waitingFor(() => this.name, this.#turnstile.withPermit(inside))
    this.#waiting++
    return restore(within === undefined ? queued : Effect.timeoutOption(queued, within)).pipe(
      Effect.onExit((exit) => {
        touched(this)
        if (granted) return Exit.isFailure(exit) ? this.giveUnsafe(permits) : Effect.void
        this.#waiting--
        return Effect.void
      }),
      Effect.map(() => granted)
    )
  }
}
