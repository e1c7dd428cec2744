/**
 * Asks a child now and then whether it is well. Part of the child: it ends with it.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import type { HealthSpec } from "./spec.ts"

export interface HealthObserver {
  /** So many checks in a row have failed. */
  readonly onFailed: (failures: number) => void
  /** So many that the child has to be restarted; no further check is made. */
  readonly onUnhealthy: (failures: number, cause: Cause.Cause<unknown>) => void
}

/** Ends when the schedule does, or when the child is unhealthy. A schedule that dies is a check that failed for good. */
export const watchHealth = (
  { check, failures: limit, schedule, timeout }: HealthSpec,
  running: unknown,
  { onFailed, onUnhealthy }: HealthObserver
): Effect.Effect<void, never, unknown> => {
  const once = Effect.suspend(() => check(running as never)).pipe(
    Effect.flatMap((answer) => (answer === false ? Effect.fail("it answered false") : Effect.void)),
    Effect.timeout(Duration.millis(timeout)),
    Effect.exit
  )
  const watching = Effect.gen(function* () {
    const pause = yield* Schedule.toStepWithSleep(schedule)
    let failures = 0
    while (true) {
      yield* pause(undefined)
      const exit = yield* once
      if (Exit.isSuccess(exit)) {
        failures = 0
        continue
      }
      failures++
      onFailed(failures)
      if (failures >= limit) return onUnhealthy(failures, exit.cause)
    }
  })
  return Effect.catchCause(watching, (cause) =>
    Effect.sync(() => {
      if (!isOver(cause)) onUnhealthy(limit, cause)
    })
  )
}

const isOver = (cause: Cause.Cause<unknown>): boolean =>
  Cause.hasInterruptsOnly(cause) ||
  cause.reasons.some((reason) => Cause.isFailReason(reason) && Cause.isDone(reason.error))
