/**
 * What the stages that work on elements make of the type of a pipeline. Public through `Pipeline`.
 *
 * @internal
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Stream from "effect/Stream"
import type { Pipeline } from "../../Pipeline.ts"
import type { InvalidOption } from "../errors.ts"
import type { CallAnswer } from "../moduleTypes.ts"
import type { PoolError } from "../poolErrors.ts"
import type { StageFailed, StageTimeout } from "./errors.ts"
import type {
  AnyStageOptions,
  ErrorOf,
  ServicesOf,
  StageError,
  StageOptions,
  StageServices,
  TimeoutOf,
  ValueOf
} from "./StageOptions.ts"

/** What a function of a stage may answer with: what is wanted, or an Effect of it. */
export type OrEffect<A> = A | Effect.Effect<A, any, any>

/** What a `timeout` may be. */
export type Timeout = Duration.Input | undefined

/**
 * The options `O` of a stage that can fail with `E`, and with `StageTimeout` if they have a `timeout`: a `T`.
 *
 * `T` is in `O` too. But what an `onError` is given must be known before the type of the function is, and so before `O` is.
 */
export type OptionsFor<A, E, O, T> = O & { readonly timeout?: T } & StageOptions<
    NoInfer<A>,
    NoInfer<E> | NoInfer<TimeoutError<T>>,
    any,
    any
  >

type TimeoutError<T> = [T] extends [undefined] ? never : StageTimeout

/** A pipeline of `Out` after one more stage, whose function answers with `B`. */
export type After<E, R, Out, B, O extends AnyStageOptions> = Pipeline<
  Out,
  E | StageError<O, ErrorOf<B> | TimeoutOf<O>>,
  R | ServicesOf<B> | StageServices<O>
>

/** A pipeline after a stage that calls a method of a module. */
export type AfterCall<E, R, W, Name extends keyof W, O extends AnyStageOptions> = After<
  E,
  R,
  ValueOf<CallAnswer<W, Name>>,
  CallAnswer<W, Name>,
  O
>

/** A run, with a function that answers with `B` at its end. */
export type RunAfter<E, R, B, O extends AnyStageOptions> = Effect.Effect<
  void,
  E | StageError<O, ErrorOf<B> | TimeoutOf<O>>,
  R | ServicesOf<B> | StageServices<O>
>

/**
 * What a function of {@link flatMap} may answer with.
 *
 * @since 0.1.0
 */
export type Many = Iterable<unknown> | Stream.Stream<unknown, any, any>

type ElementOf<C> = C extends Stream.Stream<infer A, any, any> ? A : C extends Iterable<infer A> ? A : never

/** What the calls of `flatMap` and what they answer with can fail with. */
export type ManyError<B> = ErrorOf<B> | (ValueOf<B> extends Stream.Stream<any, infer E, any> ? E : never)

type ManyServices<B> = ServicesOf<B> | (ValueOf<B> extends Stream.Stream<any, any, infer R> ? R : never)

/** A pipeline after `flatMap`. */
export type AfterMany<E, R, B, O extends AnyStageOptions> = Pipeline<
  ElementOf<ValueOf<B>>,
  E | StageError<O, ManyError<B> | TimeoutOf<O>>,
  R | ManyServices<B> | StageServices<O>
>

type TaskOf<G extends Rpc.Any, Tag extends string> = Rpc.ExtractTag<G, Tag>
type TaskError<G extends Rpc.Any, Tag extends string> = Rpc.Error<TaskOf<G, Tag>> | PoolError

export type PayloadOf<G extends Rpc.Any, Tag extends string> = Rpc.PayloadConstructor<TaskOf<G, Tag>>

/** The options of a stage of tasks. */
export type TaskOptions<G extends Rpc.Any, Tag extends string> = StageOptions<
  PayloadOf<G, Tag>,
  TaskError<G, Tag>,
  any,
  any
>

/** A pipeline after a stage of tasks. */
export type AfterTask<E, R, G extends Rpc.Any, Tag extends string, O> = Pipeline<
  Rpc.Success<TaskOf<G, Tag>>,
  E | StageError<O, TaskError<G, Tag>>,
  R | Rpc.ServicesClient<TaskOf<G, Tag>> | StageServices<O>
>

/**
 * How many become one.
 *
 * @since 0.1.0
 */
export interface Reducer<in A, in out Z, out B, out C> {
  /** What a total begins with. Called once for each that there is. */
  readonly initial: () => Z
  /** Adds an element to a total, and answers with the next one, or an Effect of it. */
  readonly fold: (total: Z, value: A) => B
  /** Makes one total of two, or an Effect of it. */
  readonly combine: (total: Z, other: Z) => C
}

/** A pipeline after `reduce`. */
export type AfterReduce<E, R, Z, B, C, O> = Pipeline<
  Z,
  E | StageError<O, ErrorOf<B> | TimeoutOf<O>> | ErrorOf<C>,
  R | ServicesOf<B> | ServicesOf<C> | StageServices<O>
>

/** @since 0.1.0 */
export type WindowOptions =
  | {
      /** How many elements a window has. */
      readonly size: number
      /** How many elements further the next window begins. Default: `size`, so that they don't overlap. */
      readonly step?: number | undefined
    }
  | {
      /** How long a window lasts: the first begins with the run, each other when the one before it ends. */
      readonly every: Duration.Input
      /** A window of so many elements is given on before its time, and the rest of it later. Default: 1024. */
      readonly most?: number | undefined
    }

/** @since 0.1.0 */
export interface DedupeOptions<in A> {
  /** How many keys are remembered: those seen last. */
  readonly capacity: number
  /** What is compared, as a `Set` does. Default: the element itself. */
  readonly key?: ((value: A) => unknown) | undefined
}

type Unwrapped = InvalidOption | StageFailed<any>
type StageFailedOf<E> = [E] extends [never] ? never : StageFailed<E>

/** Errors with where they are from. */
export type Originating<E> = Extract<E, Unwrapped> | StageFailedOf<Exclude<E, Unwrapped>>
