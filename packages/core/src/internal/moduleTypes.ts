/**
 * What the functions of a plain module become. Public through `Pool`.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ModuleControl, ModuleStats, PoolControl, PoolStats } from "../Pool.ts"
import type { RemoteError } from "./errors.ts"
import type { PoolError } from "./poolErrors.ts"

/**
 * The functions of a plain module as methods that return Effects; those that answer with an async iterable or a Stream return
 * Streams. Arguments, results and elements are cloned, as `structuredClone` does; what is no function is left out.
 *
 * A generator makes its elements as they are taken, no more than 128 ahead of the consumer. One whose consumer takes no more is
 * ended as a `for await` would end it: its `finally` blocks run, once what it awaits has come.
 *
 * @since 0.1.0
 */
export type Module<M> = {
  readonly [Name in FunctionName<M>]: (
    ...args: ModuleArguments<M, Name>
  ) => ModuleAnswer<ReturnType<FunctionOf<M, Name>>>
} & AnyModule

/**
 * A module's methods, whatever its functions are: `Module<M>` is one for each `M`, and so is an interface that extends it.
 *
 * What a function of a module is called with, and what it answers, is read off its method: TypeScript finds the `M` of a
 * `Module<M>` only where its type is written just so.
 *
 * @since 0.1.0
 */
export interface AnyModule {
  readonly [ModuleStats]: Effect.Effect<PoolStats>
  readonly [ModuleControl]: PoolControl
}

/**
 * The names of a module's methods that answer once, with an Effect. Those that answer with a Stream are for
 * `Pipeline.flatMap`.
 *
 * @since 0.1.0
 */
export type CallName<W> = {
  [Name in keyof W & string]: W[Name] extends (...args: any) => Effect.Effect<any, any, any> ? Name : never
}[keyof W & string]

type Method<W, Name extends keyof W> = Extract<W[Name], (...args: any) => any>

/** What a method is called with, where it is called with one argument. */
export type CallInput<W, Name extends keyof W> = Parameters<Method<W, Name>>[0]

/** The Effect that a method answers with. */
export type CallAnswer<W, Name extends keyof W> = ReturnType<Method<W, Name>>

/**
 * The names of a module's functions.
 *
 * @since 0.1.0
 */
export type FunctionName<M> = {
  [K in keyof M & string]: M[K] extends (...args: any) => any ? K : never
}[keyof M & string]

/**
 * What a method of a module pool returns: a Stream for a function that answers with an async iterable or a Stream (or with a
 * promise of one), an Effect for any other.
 *
 * @since 0.1.0
 */
export type ModuleAnswer<Result> = [ModuleElement<Result>] extends [never]
  ? Effect.Effect<ModuleSuccess<Result>, ModuleError<Result> | RemoteError | PoolError>
  : Stream.Stream<ModuleElement<Result>, ModuleError<Result> | RemoteError | PoolError>

/**
 * The elements of a function's answer; `never` when it answers once.
 *
 * @since 0.1.0
 */
export type ModuleElement<Result> = 0 extends 1 & Result
  ? never
  : [Result] extends [never]
    ? never
    : Awaited<Result> extends Stream.Stream<infer A, any, any>
      ? A
      : Awaited<Result> extends AsyncIterable<infer A>
        ? A
        : never

/** @since 0.1.0 */
export type FunctionOf<M, Name extends keyof M> = Extract<M[Name], (...args: any) => any>

/** @since 0.1.0 */
export type ModuleArguments<M, Name extends keyof M> =
  FunctionOf<M, Name> extends (...args: infer Args extends ReadonlyArray<any>) => any ? Args : never

/** @since 0.1.0 */
export type ModuleSuccess<Result> = Result extends Effect.Effect<infer A, any, any> ? A : Awaited<Result>

/** @since 0.1.0 */
export type ModuleError<Result> = 0 extends 1 & Result
  ? never
  : Result extends Effect.Effect<any, infer E, any>
    ? E
    : Awaited<Result> extends Stream.Stream<any, infer E, any>
      ? E
      : never
