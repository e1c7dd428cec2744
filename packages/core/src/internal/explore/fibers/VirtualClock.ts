/**
 * A clock that stands still while anything can run and jumps to the next timer when nothing can, so that a program of
 * three hours takes milliseconds. Timers of one instant are due together: which goes first is a choice.
 *
 * @internal
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Agent, FiberScheduler } from "./FiberScheduler.ts"
import { made } from "./Recorder.ts"

interface Timer {
  readonly at: number
  readonly agent: Agent
  readonly wake: () => void
}

const nanosPerMilli = 1_000_000n

export class VirtualClock implements Clock.Clock {
  readonly #scheduler: FiberScheduler
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>()
  #now = 0

  constructor(scheduler: FiberScheduler) {
    this.#scheduler = scheduler
  }

  currentTimeMillisUnsafe(): number {
    return this.#now
  }
  currentTimeNanosUnsafe(): bigint {
    return BigInt(Math.floor(this.#now * 1000)) * (nanosPerMilli / 1000n)
  }
  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe()
  }
  readonly currentTimeMillis = Effect.sync(() => this.currentTimeMillisUnsafe())
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos = this.currentTimeNanos

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow
    if (!Number.isFinite(millis)) return Effect.never
    return Effect.callback<void>((resume) => {
      const timer: Timer = {
        at: this.#now + millis,
        agent: this.#scheduler.agentOf(Fiber.getCurrent()!),
        wake: () => resume(Effect.void)
      }
      this.#timers.add(timer)
      made(timer)
      return Effect.sync(() => this.#timers.delete(timer))
    })
  }

  /** Makes those ready whose timers are due next. `false`: no timer is set. */
  advance(): boolean {
    if (this.#timers.size === 0) return false
    let next = Number.POSITIVE_INFINITY
    for (const timer of this.#timers) next = Math.min(next, timer.at)
    this.#now = next
    for (const timer of this.#timers) {
      if (timer.at > next) continue
      this.#timers.delete(timer)
      this.#scheduler.enable(timer.agent, timer.wake)
    }
    return true
  }
}
