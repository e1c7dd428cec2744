/**
 * The check that every operation with a time limit makes before it waits.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** A time limit that is negative or not a duration. */
export class InvalidTimeout extends Schema.TaggedError<InvalidTimeout>()("InvalidTimeout", {
  timeout: Schema.String
}) {
  override get message(): string {
    return `${this.timeout} is no time limit: give a duration of zero or more, such as "2 seconds", or wait without one`
  }
}

/** The limit as a duration. Python's `acquire(timeout=-1)` means forever; here it is the mistake that it looks like. */
export const timeLimit = (input: Duration.Input): Effect.Effect<Duration.Duration, InvalidTimeout> => {
  const duration = Duration.fromInput(input)
  return Option.isNone(duration) || Duration.isNegative(duration.value) || Number.isNaN(input)
    ? Effect.fail(new InvalidTimeout({ timeout: typeof input === "number" ? `${input} ms` : String(input) }))
    : Effect.succeed(duration.value)
}
