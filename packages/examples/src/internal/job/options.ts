/**
 * What every job can be told.
 *
 * @internal
 */
import { availableParallelism } from "node:os"
import { InvalidOption, type Place } from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"
import type { Destination } from "./output.ts"
import type { SizeBounds } from "./sizes.ts"

export interface JobOptions {
  /** Where the work that computes runs. Default: `"thread"`. */
  readonly place?: Place | undefined
  /** How many threads, processes or fibers, 1 to 256. Default: one for each processor. */
  readonly workers?: number | undefined
  /** The same seed makes the same data: a whole number. Default: 1. */
  readonly seed?: number | undefined
  /** How much: each job says of what. */
  readonly size?: number | undefined
  /** Runs the job on one thread as well, in turn, and says how many times as fast it was. Default: `false`. */
  readonly compare?: boolean | undefined
  /** The folder for what the job makes. Default: a new one among the system's temporary folders. */
  readonly out?: Destination
}

export interface JobSettings {
  readonly place: Place
  readonly workers: number
  readonly seed: number
  readonly size: number
  readonly compare: boolean
}

/** The options with their defaults, if they make sense. */
export const settingsOf = (options: JobOptions, bounds: SizeBounds): Effect.Effect<JobSettings, InvalidOption> =>
  Effect.all({
    place: Effect.succeed(options.place ?? "thread"),
    workers: wholeNumber("workers", options.workers ?? availableParallelism(), 1, 256),
    seed: wholeNumber("seed", options.seed ?? 1, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    size: wholeNumber("size", options.size ?? bounds.default, bounds.least, bounds.most),
    compare: Effect.succeed(options.compare ?? false)
  })

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
