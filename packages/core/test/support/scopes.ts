/** What tests of scopes have in common. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

export const start = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

/** Each reason of a failure, in order. */
export const failuresOf = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<unknown> =>
  Exit.isFailure(exit)
    ? exit.cause.reasons.map((reason) =>
        Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : "interrupt"
      )
    : []

/** A child that says that it runs, never ends by itself, and says that it was stopped. */
export const noted = Effect.sync(() => {
  const log: Array<string> = []
  const child = (name: string, finalizer: Effect.Effect<void> = Effect.void) =>
    Effect.andThen(
      Effect.sync(() => log.push(`${name} runs`)),
      Effect.onInterrupt(Effect.never, () =>
        Effect.ensuring(
          finalizer,
          Effect.sync(() => log.push(`${name} stopped`))
        )
      )
    )
  return { log, child }
})
