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
import type { InvalidOption, RemoteError } from "../errors.ts"
import type {
  FunctionName,
  FunctionOf,
  ModuleArguments,
  ModuleElement,
  ModuleError,
  ModuleSuccess
} from "../moduleTypes.ts"
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

/** The options of a stage whose function answers with `B`. */
export type OptionsFor<A, E, O> = O & StageOptions<NoInfer<A>, NoInfer<E> | StageTimeout, any, any>

/** A pipeline of `Out` after one more stage, whose function answers with `B`. */
export type After<E, R, Out, B, O extends AnyStageOptions> = Pipeline<
  Out,
  E | StageError<O, ErrorOf<B> | TimeoutOf<O>>,
  R | ServicesOf<B> | StageServices<O>
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

/** @since 0.1.0 */
export type ElementOf<C> = C extends Stream.Stream<infer A, any, any> ? A : C extends Iterable<infer A> ? A : never

/** @since 0.1.0 */
export type ManyError<B> = ErrorOf<B> | (ValueOf<B> extends Stream.Stream<any, infer E, any> ? E : never)

/** @since 0.1.0 */
export type ManyServices<B> = ServicesOf<B> | (ValueOf<B> extends Stream.Stream<any, any, infer R> ? R : never)

/** A pipeline after `flatMap`. */
export type AfterMany<E, R, B, O extends AnyStageOptions> = Pipeline<
  ElementOf<ValueOf<B>>,
  E | StageError<O, ManyError<B> | TimeoutOf<O>>,
  R | ManyServices<B> | StageServices<O>
>

export type TaskOf<G extends Rpc.Any, Tag extends string> = Rpc.ExtractTag<G, Tag>
export type TaskError<G extends Rpc.Any, Tag extends string> = Rpc.Error<TaskOf<G, Tag>> | PoolError

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

export type Result<M, Name extends FunctionName<M>> = ReturnType<FunctionOf<M, Name>>
export type CallError<M, Name extends FunctionName<M>> = ModuleError<Result<M, Name>> | RemoteError | PoolError

/**
 * The functions of a module that answer once.
 *
 * @since 0.1.0
 */
export type CallName<M> = {
  [Name in FunctionName<M>]: [ModuleElement<Result<M, Name>>] extends [never] ? Name : never
}[FunctionName<M>]

export type CallInput<M, Name extends FunctionName<M>> = ModuleArguments<M, Name>[0]

/** The options of a stage of calls. */
export type CallOptions<M, Name extends FunctionName<M>> = StageOptions<
  CallInput<M, Name>,
  CallError<M, Name> | StageTimeout,
  any,
  any
>

/** A pipeline after a stage of calls. */
export type AfterCall<E, R, M, Name extends FunctionName<M>, O> = Pipeline<
  ModuleSuccess<Result<M, Name>>,
  E | StageError<O, CallError<M, Name> | TimeoutOf<O>>,
  R | StageServices<O>
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

export type Unwrapped = InvalidOption | StageFailed<any>
export type StageFailedOf<E> = [E] extends [never] ? never : StageFailed<E>

/** Errors with where they are from. */
export type Originating<E> = Extract<E, Unwrapped> | StageFailedOf<Exclude<E, Unwrapped>>
