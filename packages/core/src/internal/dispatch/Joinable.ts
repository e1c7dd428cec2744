/**
 * What a dedicated thread and a dedicated process have in common; public through `Thread` and `Process`.
 *
 * @internal
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { InvalidOption } from "../errors.ts"
import type { TaskTimeout } from "../poolErrors.ts"
import { waitingFor } from "../scope/Member.ts"
import type { Dedicated } from "./dedicated.ts"

export interface Joinable<out A, out E> {
  readonly name: string
  readonly alive: Effect.Effect<boolean>
  /**
   * Waits for the task's end. Answers with its result, or fails with its error; with `WorkerCrashed` when the worker died
   * first. May be asked any number of times. Interrupting the wait does not interrupt the task.
   */
  readonly join: Effect.Effect<A, E>
  /** `join`, but fails with `TaskTimeout` when `limit` has passed; the task goes on. Zero answers at once. */
  readonly joinWithin: (limit: Duration.Input) => Effect.Effect<A, E | TaskTimeout | InvalidOption>
  /** Stops the task by the cancellation ladder; returns when it has stopped. */
  readonly interrupt: Effect.Effect<void>
}

/** What the task answers and fails with is known to the caller's types. */
export const joinableOf = ({ interrupt, isAlive, join, joinWithin, name }: Dedicated): Joinable<unknown, unknown> => ({
  name,
  alive: Effect.sync(isAlive),
  join: waitingFor(() => `the worker ${name}`, join),
  joinWithin: joinWithin as Joinable<unknown, unknown>["joinWithin"],
  interrupt
})
