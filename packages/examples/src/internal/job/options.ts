/**
 * What every job can be told.
 *
 * @internal
 */
import type { Place } from "@ropewalk/core/Pool"
import { InvalidOption } from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"
import type { Destination } from "./output.ts"

export interface JobOptions {
  /** Where the work that computes runs. Default: `"thread"`. */
  readonly place?: Place | undefined
  /** How many threads or processes, or fibers. Default: one for each processor. */
  readonly workers?: number | undefined
  /** The same seed makes the same data. Default: 1. */
  readonly seed?: number | undefined
  /** How much: each job says of what. */
  readonly size?: number | undefined
  /** Runs the job on one thread as well, in turn, and says how many times as fast it was. Default: `false`. */
  readonly compare?: boolean | undefined
  /** The folder for what the job makes. Default: a new one among the system's temporary folders. */
  readonly out?: Destination
}

/** A whole number within bounds. */
export const wholeNumber = (
  option: string,
  value: number,
  least: number,
  most: number
): Effect.Effect<number, InvalidOption> =>
  Number.isSafeInteger(value) && value >= least && value <= most
    ? Effect.succeed(value)
    : Effect.fail(
        new InvalidOption({
          option,
          message: `${option} must be a whole number from ${least} to ${most}, not ${value}`
        })
      )
