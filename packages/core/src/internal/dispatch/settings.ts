/**
 * The options that all pools have, checked.
 *
 * @internal
 */
import { availableParallelism } from "node:os"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidOption } from "../poolErrors.ts"
import type { DispatcherOptions } from "./Dispatcher.ts"

/** What `Pool.WorkerOptions` and `Pool.SizeOptions` say, as far as it can be wrong. */
export interface PoolOptions {
  readonly heapLimit?: number | undefined
  readonly size?: number | undefined
  readonly concurrency?: number | undefined
  readonly grace?: Duration.Input | undefined
  readonly startTimeout?: Duration.Input | undefined
}

const defaults = { grace: "1 second", startTimeout: "30 seconds" } as const

export const settingsOf = (options: PoolOptions): Effect.Effect<DispatcherOptions, InvalidOption> =>
  Effect.all({
    heapLimit: options.heapLimit === undefined ? Effect.void : count("heapLimit", options.heapLimit),
    size: count("size", options.size ?? availableParallelism()),
    concurrency: count("concurrency", options.concurrency ?? 1),
    grace: millis("grace", options.grace ?? defaults.grace),
    startTimeout: millis("startTimeout", options.startTimeout ?? defaults.startTimeout)
  })

export const count = (option: string, value: number): Effect.Effect<number, InvalidOption> =>
  Number.isSafeInteger(value) && value >= 1
    ? Effect.succeed(value)
    : Effect.fail(
        new InvalidOption({ option, message: `${option} must be a whole number of at least 1, not ${value}` })
      )

/** Node's timers count in 32 bits: what is longer never happens. */
const longest = 2 ** 31 - 1

export const millis = (option: string, input: Duration.Input): Effect.Effect<number, InvalidOption> =>
  Option.match(Duration.fromInput(input), {
    onNone: () => Effect.fail(notADuration(option, input)),
    onSome: (duration) => {
      const value = Duration.toMillis(duration)
      return value >= 0 ? Effect.succeed(Math.min(value, longest)) : Effect.fail(notADuration(option, input))
    }
  })

const notADuration = (option: string, input: unknown) =>
  new InvalidOption({
    option,
    message: `${option} must be a duration that is not negative, as "2 seconds", not ${String(input)}`
  })
