/**
 * Whether a fiber is at work on the start of a child. Its supervisor waits for that, and does nothing that it is asked
 * meanwhile: to ask it from there would be to wait for oneself, for ever.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { AskedWhileStarting } from "./errors.ts"

interface Start {
  readonly supervisor: object
  readonly child: string
  /** A fiber that the start has forked may ask later. */
  readonly isOver: () => boolean
  /** Of the child that this start is part of: its supervisor waits, too. */
  readonly outer: Start | undefined
}

const CurrentStart: Context.Reference<Start | undefined> = Context.Reference<Start | undefined>(
  "~ropewalk/Supervisor/Start",
  { defaultValue: () => undefined }
)

export const asStart = <A, E, R>(effect: Effect.Effect<A, E, R>, start: Omit<Start, "outer">): Effect.Effect<A, E, R> =>
  Effect.flatMap(CurrentStart, (outer) => Effect.provideService(effect, CurrentStart, { ...start, outer }))

/** Dies if the supervisor waits for whoever asks. */
export const mayAsk = (supervisor: object & { readonly name: string }): Effect.Effect<void> =>
  Effect.flatMap(CurrentStart, (start) => {
    for (let at = start; at !== undefined; at = at.outer) {
      if (at.supervisor === supervisor && !at.isOver()) {
        return Effect.die(new AskedWhileStarting({ supervisor: supervisor.name, child: at.child }))
      }
    }
    return Effect.void
  })
