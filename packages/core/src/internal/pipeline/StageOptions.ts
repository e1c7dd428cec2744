/**
 * What can be said of one stage, and what becomes of it in the type of the pipeline. Public through `Pipeline`.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type { InvalidOption } from "../errors.ts"
import { count, millis } from "../options.ts"
import type { StageTimeout } from "./errors.ts"
import type { StageInfo } from "./Stage.ts"

/**
 * What a stage could not do with an element.
 *
 * @since 0.1.0
 */
export interface Failed<out A, out E> {
  /** The name of the stage. */
  readonly stage: string
  /** Which of the elements that the stage was given it was, from 0. */
  readonly index: number
  readonly input: A
  readonly error: E
  /** All of it: the error, and what else went wrong beside it. */
  readonly cause: Cause.Cause<E>
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * What becomes of an element that its stage failed for: it is left out, once what this answers with has ended. If that fails,
 * the pipeline does.
 *
 * @since 0.1.0
 */
export type OnError<in A, in E, out E2 = never, out R2 = never> = (
  failed: Failed<A, E>
) => Effect.Effect<unknown, E2, R2> | void

/**
 * How many may do something at the same time. A `Limiter` is one.
 *
 * @since 0.1.0
 */
export interface StageLimiter {
  readonly withPermit: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/**
 * What can be said of a stage that works on each element.
 *
 * `A` is what it is given, `E` what it can fail with; `E2` and `R2` are what the `retry` and `onError` fail with and need.
 *
 * @since 0.1.0
 */
export interface StageOptions<in A = never, in E = never, out E2 = never, out R2 = never> {
  /** In stats, in graphs, in errors. Default: the name of the function or the task. */
  readonly name?: string | undefined
  /**
   * How many elements it works on at the same time. Default: 1, within the next stage's own pull; for tasks of pools, as many
   * as keep the pool busy.
   */
  readonly concurrency?: number | "unbounded" | undefined
  /**
   * How many elements, besides those that it works on, it may hold: done and not yet taken by the next stage, or on their way
   * to be worked on. So a stage with a buffer works ahead of the next one. Default: 0.
   */
  readonly buffer?: number | undefined
  /** `false`: results as they come, and a slow element holds up no other. Default: in the order of the input. */
  readonly ordered?: boolean | undefined
  /**
   * The time that one attempt may take. Then it is interrupted, and has failed with `StageTimeout`; a task of a pool with
   * `TaskTimeout`, and its time in the queue counts.
   */
  readonly timeout?: Duration.Input | undefined
  /** When, and how often, an element is tried again after an error. Not after a defect. Default: never. */
  readonly retry?: Schedule.Schedule<unknown, E, E2, R2> | undefined
  /**
   * What becomes of an element that the last attempt failed for. `"fail"`, the default: the pipeline fails. `Pipeline.skip`: the
   * element is left out. `Pipeline.deadLetter(sink)`: it is left out once the sink has it. A function: it is left out once
   * the function has reported it. Defects and interrupts fail the pipeline in any case.
   */
  readonly onError?: "fail" | OnError<A, E, E2, R2> | undefined
  /** Each attempt waits for a permit of it; the `timeout` begins when it has one. */
  readonly limiter?: StageLimiter | undefined
}

/**
 * The names of the options, whatever they are: what each may be is said where they are given.
 *
 * @since 0.1.0
 */
export type AnyStageOptions = { readonly [Name in keyof StageOptions]?: unknown }

/** Of an option that may be missing: what it is when it is there. */
type Given<O, Name extends keyof StageOptions> = Name extends keyof O ? Exclude<O[Name], undefined> : never

type If<T, Then> = [T] extends [never] ? never : Then

type ScheduleError<S> = S extends Schedule.Schedule<any, any, infer E, any> ? E : never
type ScheduleServices<S> = S extends Schedule.Schedule<any, any, any, infer R> ? R : never
type Report<H> = H extends (failed: any) => infer Answer ? Answer : never

/**
 * What is left of a stage's error `E`: all of it, unless `onError` takes it. What `retry` and `onError` themselves fail with is
 * added, and `InvalidOption` where a number or a duration is given, which may make no sense.
 *
 * @since 0.1.0
 */
export type StageError<O, E> =
  | ([Given<O, "onError">] extends [never]
      ? E | ScheduleError<Given<O, "retry">>
      : [Given<O, "onError">] extends [(failed: any) => any]
        ? ErrorOf<Report<Given<O, "onError">>>
        : E | ScheduleError<Given<O, "retry">> | ErrorOf<Report<Given<O, "onError">>>)
  | If<Given<O, "concurrency" | "buffer" | "timeout">, InvalidOption>

/**
 * What `retry` and `onError` need.
 *
 * @since 0.1.0
 */
export type StageServices<O> = ScheduleServices<Given<O, "retry">> | ServicesOf<Report<Given<O, "onError">>>

/**
 * `StageTimeout`, if there is a `timeout`.
 *
 * @since 0.1.0
 */
export type TimeoutOf<O> = If<Given<O, "timeout">, StageTimeout>

/**
 * What a function's answer is when it has ended: an Effect's success, or the plain value.
 *
 * @since 0.1.0
 */
export type ValueOf<B> = B extends Effect.Effect<infer A, any, any> ? A : B

/** @since 0.1.0 */
export type ErrorOf<B> = B extends Effect.Effect<any, infer E, any> ? E : never

/** @since 0.1.0 */
export type ServicesOf<B> = B extends Effect.Effect<any, any, infer R> ? R : never

/** Options as the engine has them: nobody knows their types any more. */
export interface LooseOptions {
  readonly name?: string | undefined
  readonly concurrency?: number | "unbounded" | undefined
  readonly buffer?: number | undefined
  readonly ordered?: boolean | undefined
  readonly timeout?: Duration.Input | undefined
  readonly retry?: Schedule.Schedule<unknown, unknown, unknown, unknown> | undefined
  readonly onError?: "fail" | OnError<unknown, unknown, unknown, unknown> | undefined
  readonly limiter?: StageLimiter | undefined
}

/** Options that make sense. */
export interface Settings {
  readonly concurrency: number
  readonly buffer: number
  readonly ordered: boolean
  readonly timeout: number | undefined
}

export interface Defaults {
  readonly concurrency: number
  readonly buffer?: number
  readonly ordered?: boolean
}

const inPull: Defaults = { concurrency: 1 }

export const settingsOf = (options: LooseOptions, defaults = inPull): Effect.Effect<Settings, InvalidOption> =>
  Effect.gen(function* () {
    const { buffer = defaults.buffer ?? 0, concurrency = defaults.concurrency, timeout } = options
    return {
      concurrency:
        concurrency === "unbounded" || concurrency === Number.POSITIVE_INFINITY
          ? Number.POSITIVE_INFINITY
          : yield* count("concurrency", concurrency),
      buffer: yield* count("buffer", buffer, 0),
      ordered: options.ordered ?? defaults.ordered ?? true,
      timeout: timeout === undefined ? undefined : yield* millis("timeout", timeout)
    }
  })

/** What a graph shows of the options. */
export const shown = (
  name: string,
  { buffer, concurrency, name: given, ordered }: LooseOptions,
  defaults = inPull
): Pick<StageInfo, "name" | "concurrency" | "buffer" | "ordered"> => ({
  name: given ?? name,
  concurrency: concurrency === "unbounded" ? Number.POSITIVE_INFINITY : (concurrency ?? defaults.concurrency),
  // None is what a stage has unless it is given one: not worth being shown.
  buffer: (buffer ?? defaults.buffer) || undefined,
  ordered: ordered ?? defaults.ordered ?? true
})
