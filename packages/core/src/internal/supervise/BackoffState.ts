/**
 * How long to wait before a child starts again: a `Schedule` that is asked after each end. It begins anew when the child has
 * held out for a while.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type { Backoff } from "../../Supervisor.ts"

type Step = Effect.Success<ReturnType<typeof Schedule.toStep<unknown, Exit.Exit<unknown, unknown>, never, never>>>

/** The delay in milliseconds; or no more, with what made the schedule itself fail. */
type Next = { readonly delay: number } | { readonly over: Cause.Cause<unknown> }

export class BackoffState {
  private readonly schedule: Backoff | undefined
  private step: Step | undefined

  constructor(schedule: Backoff | undefined) {
    this.schedule = schedule
  }

  reset(): void {
    this.step = undefined
  }

  /** After a child has ended like that. */
  next(exit: Exit.Exit<unknown, unknown>): Effect.Effect<Next> {
    const { schedule } = this
    if (schedule === undefined) return Effect.succeed({ delay: 0 })
    const begun = this.step === undefined ? Schedule.toStep(schedule) : Effect.succeed(this.step)
    return Effect.clockWith((clock) =>
      Effect.flatMap(begun, (step) => {
        this.step = step
        return step(clock.currentTimeMillisUnsafe(), exit)
      })
    ).pipe(
      Effect.exit,
      Effect.map((next): Next => {
        if (Exit.isFailure(next)) return { over: Pull.isDoneCause(next.cause) ? Cause.empty : next.cause }
        const delay = Duration.toMillis(next.value[1])
        // A delay without an end is a way to say that it is enough.
        return delay === Number.POSITIVE_INFINITY ? { over: Cause.empty } : { delay }
      })
    )
  }
}
