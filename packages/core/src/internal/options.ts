/**
 * The checks of numbers and durations that users give.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidOption } from "./errors.ts"
import { longestTimer } from "./timers.ts"

export const count = (option: string, value: number, least = 1): Effect.Effect<number, InvalidOption> =>
  Number.isSafeInteger(value) && value >= least
    ? Effect.succeed(value)
    : Effect.fail(
        new InvalidOption({ option, message: `${option} must be a whole number of at least ${least}, not ${value}` })
      )

export const finite = (option: string, value: number): Effect.Effect<number, InvalidOption> =>
  Number.isFinite(value)
    ? Effect.succeed(value)
    : Effect.fail(new InvalidOption({ option, message: `${option} must be a finite number, not ${String(value)}` }))

export const oneOf = <const A extends string>(
  option: string,
  value: A,
  allowed: ReadonlyArray<A>
): Effect.Effect<A, InvalidOption> =>
  allowed.includes(value)
    ? Effect.succeed(value)
    : Effect.fail(
        new InvalidOption({ option, message: `${option} must be one of ${allowed.join(", ")}, not ${String(value)}` })
      )

/** What is longer than a timer can be never happens. */
export const millis = (option: string, input: Duration.Input): Effect.Effect<number, InvalidOption> =>
  Option.match(Duration.fromInput(input), {
    onNone: () => Effect.fail(notADuration(option, input)),
    onSome: (duration) => {
      const value = Duration.toMillis(duration)
      return value >= 0 && !Number.isNaN(input)
        ? Effect.succeed(Math.min(value, longestTimer))
        : Effect.fail(notADuration(option, input))
    }
  })

const notADuration = (option: string, input: unknown) =>
  new InvalidOption({
    option,
    message: `${option} must be a duration that is not negative, as "2 seconds", not ${String(input)}`
  })
