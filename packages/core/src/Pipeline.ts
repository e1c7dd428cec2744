/**
 * A typed pipeline: a source, stages that run where they are put, and a way to run it. Its type tells what comes out, every
 * error that can happen at any stage, and every service it needs.
 *
 * **When to use**
 *
 * For work that flows through several steps, of which some wait and some compute: read, parse on threads, look up, write. For
 * one step over an array `Pool.map` and `Effect.forEach` are less to say; to transform values without putting work anywhere,
 * take `Stream`. {@link toStream} and {@link from} lead from one to the other.
 *
 * **Details**
 *
 * Nothing runs until a `run…` does, and a pipeline may be run many times. Stages are pulled from the end: each asks the one
 * before it for as many elements as it has room for. So no more is in memory than the concurrencies and buffers of the stages
 * allow, however long the input is; a plain function that is called on many elements in a row gets at most 256 of them ahead.
 *
 * When a run ends (at the end of the input, after `take`, by a failure, by an interrupt) all stages have stopped: what they ran
 * has been interrupted and has ended, what waited in the queues of pools has been withdrawn, the source has been closed.
 *
 * Lineage: Effect's Stream, Elixir's Flow and Broadway (demand that comes from the end, dead letters, partitions), Akka Streams,
 * Go's `conc/stream`, GNU parallel. What differs: a stage's place, width, order and error policy are said in one place, its
 * errors are in the type until a policy takes them out, and an element costs no fiber where a call will do.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { Pipeable } from "effect/Pipeable"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Stream from "effect/Stream"
import type { Covariant } from "effect/Types"
import type { InvalidOption, RemoteError } from "./internal/errors.ts"
import type {
  FunctionName,
  FunctionOf,
  Module,
  ModuleArguments,
  ModuleElement,
  ModuleError,
  ModuleSuccess
} from "./internal/moduleTypes.ts"
import type { SourceFailed, StageFailed, StageTimeout } from "./internal/pipeline/errors.ts"
import { endOf, fromStage } from "./internal/pipeline/implementation.ts"
import type { Collection } from "./internal/pipeline/reading.ts"
import * as internalRun from "./internal/pipeline/run.ts"
import * as runs from "./internal/pipeline/runs.ts"
import type {
  AnyStageOptions,
  ErrorOf,
  OnError,
  ServicesOf,
  StageError,
  StageOptions,
  StageServices,
  TimeoutOf,
  ValueOf
} from "./internal/pipeline/StageOptions.ts"
import { sourceStage } from "./internal/pipeline/sources.ts"
import * as stages from "./internal/pipeline/stages.ts"
import type { PoolError } from "./internal/poolErrors.ts"
import type { Pool, TaskTag } from "./Pool.ts"

export { InvalidOption } from "./internal/errors.ts"
export { JsonLineInvalid, SourceFailed, StageFailed, StageTimeout } from "./internal/pipeline/errors.ts"
export type {
  AnyStageOptions,
  ErrorOf,
  Failed,
  OnError,
  ServicesOf,
  StageError,
  StageLimiter,
  StageOptions,
  StageServices,
  TimeoutOf,
  ValueOf
} from "./internal/pipeline/StageOptions.ts"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Pipeline"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Pipeline"

/**
 * A description of work on elements, from their source to what comes out: `A`. Running it can fail with `E`, and needs `R`.
 *
 * @since 0.1.0
 */
export interface Pipeline<out A, out E = never, out R = never> extends Pipeable {
  readonly [TypeId]: { readonly _A: Covariant<A>; readonly _E: Covariant<E>; readonly _R: Covariant<R> }
}

/**
 * Whether a value is a pipeline.
 *
 * @since 0.1.0
 */
export const isPipeline = (u: unknown): u is Pipeline<unknown, unknown, unknown> =>
  typeof u === "object" && u !== null && TypeId in u

const isDataFirst = (args: IArguments): boolean => isPipeline(args[0])

/**
 * The elements of an iterable, an async iterable or a Stream. Each run reads it anew, no further ahead than there is room for,
 * and closes it at its end.
 *
 * Fails as the stream does; with `SourceFailed` when an async iterable throws. An iterable that throws is a defect.
 *
 * **Gotchas**: an async generator ends when what it awaits has come: a run that is stopped waits for that. A stream of Node is
 * destroyed.
 *
 * @since 0.1.0
 */
export const from: {
  <A, E, R>(source: Stream.Stream<A, E, R>, options?: SourceOptions): Pipeline<A, E, R>
  <A>(source: Iterable<A>, options?: SourceOptions): Pipeline<A>
  <A>(source: AsyncIterable<A>, options?: SourceOptions): Pipeline<A, SourceFailed>
} = (source: Collection, options?: SourceOptions): Pipeline<any> => fromStage(sourceStage(source, options?.name))

/** @since 0.1.0 */
export interface SourceOptions {
  /** In stats, in graphs, in errors. */
  readonly name?: string | undefined
}

/**
 * Replaces each element by what the function answers: an Effect's success, or a plain value.
 *
 * Adds the Effect's error, unless `onError` takes it; see {@link StageOptions}. What the function throws is a defect.
 *
 * @since 0.1.0
 */
export const map: {
  <A, B, const O extends AnyStageOptions = {}>(
    f: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ErrorOf<NoInfer<B>> | StageTimeout, any, any>
  ): <E, R>(
    self: Pipeline<A, E, R>
  ) => Pipeline<ValueOf<B>, E | StageError<O, ErrorOf<B> | TimeoutOf<O>>, R | ServicesOf<B> | StageServices<O>>
  <A, E, R, B, const O extends AnyStageOptions = {}>(
    self: Pipeline<A, E, R>,
    f: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ErrorOf<NoInfer<B>> | StageTimeout, any, any>
  ): Pipeline<ValueOf<B>, E | StageError<O, ErrorOf<B> | TimeoutOf<O>>, R | ServicesOf<B> | StageServices<O>>
} = dual(isDataFirst, stages.map)

/**
 * Leaves out the elements for which the predicate answers `false`: a plain boolean, or an Effect of one. A refinement narrows
 * what comes out.
 *
 * @since 0.1.0
 */
export const filter: {
  <A, B extends A, const O extends AnyStageOptions = {}>(
    refinement: (value: A, index: number) => value is B,
    options?: O & StageOptions<NoInfer<A>, StageTimeout, any, any>
  ): <E, R>(self: Pipeline<A, E, R>) => Pipeline<B, E | StageError<O, TimeoutOf<O>>, R | StageServices<O>>
  <A, B extends boolean | Effect.Effect<boolean, any, any>, const O extends AnyStageOptions = {}>(
    predicate: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ErrorOf<NoInfer<B>> | StageTimeout, any, any>
  ): <E, R>(
    self: Pipeline<A, E, R>
  ) => Pipeline<A, E | StageError<O, ErrorOf<B> | TimeoutOf<O>>, R | ServicesOf<B> | StageServices<O>>
  <A, E, R, B extends A, const O extends AnyStageOptions = {}>(
    self: Pipeline<A, E, R>,
    refinement: (value: A, index: number) => value is B,
    options?: O & StageOptions<NoInfer<A>, StageTimeout, any, any>
  ): Pipeline<B, E | StageError<O, TimeoutOf<O>>, R | StageServices<O>>
  <A, E, R, B extends boolean | Effect.Effect<boolean, any, any>, const O extends AnyStageOptions = {}>(
    self: Pipeline<A, E, R>,
    predicate: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ErrorOf<NoInfer<B>> | StageTimeout, any, any>
  ): Pipeline<A, E | StageError<O, ErrorOf<B> | TimeoutOf<O>>, R | ServicesOf<B> | StageServices<O>>
} = dual(isDataFirst, stages.filter)

/**
 * What a function of {@link flatMap} may answer with.
 *
 * @since 0.1.0
 */
export type Many = Iterable<unknown> | Stream.Stream<unknown, any, any>

/** @since 0.1.0 */
export type ElementOf<C> =
  C extends Stream.Stream<infer A, any, any> ? A : C extends Iterable<infer A> ? A : never

/** @since 0.1.0 */
export type ManyError<B> = ErrorOf<B> | (ValueOf<B> extends Stream.Stream<any, infer E, any> ? E : never)

/** @since 0.1.0 */
export type ManyServices<B> = ServicesOf<B> | (ValueOf<B> extends Stream.Stream<any, any, infer R> ? R : never)

/**
 * Replaces each element by many: those of an iterable or a Stream, or of an Effect of one. They are read as they are taken,
 * those of one element after those of the element before it.
 *
 * `concurrency` is how often the function's Effects run at the same time; `timeout`, `retry` and `limiter` are for them too. The
 * error of a stream is for `onError` as well: the rest of that stream is left out.
 *
 * @since 0.1.0
 */
export const flatMap: {
  <A, B extends Many | Effect.Effect<Many, any, any>, const O extends AnyStageOptions = {}>(
    f: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ManyError<NoInfer<B>> | StageTimeout, any, any>
  ): <E, R>(
    self: Pipeline<A, E, R>
  ) => Pipeline<
    ElementOf<ValueOf<B>>,
    E | StageError<O, ManyError<B> | TimeoutOf<O>>,
    R | ManyServices<B> | StageServices<O>
  >
  <A, E, R, B extends Many | Effect.Effect<Many, any, any>, const O extends AnyStageOptions = {}>(
    self: Pipeline<A, E, R>,
    f: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ManyError<NoInfer<B>> | StageTimeout, any, any>
  ): Pipeline<
    ElementOf<ValueOf<B>>,
    E | StageError<O, ManyError<B> | TimeoutOf<O>>,
    R | ManyServices<B> | StageServices<O>
  >
} = dual(isDataFirst, stages.flatMap)

type TaskOf<G extends Rpc.Any, Tag extends string> = Rpc.ExtractTag<G, Tag>
type TaskError<G extends Rpc.Any, Tag extends string> = Rpc.Error<TaskOf<G, Tag>> | PoolError

/**
 * Runs a task of a pool for each element, which is its payload; what comes out is its result.
 *
 * Adds the task's own error and `PoolError`, as `pool.run` has them, unless `onError` takes them. A `timeout` is the task's own:
 * `TaskTimeout`. By default as many elements are at the pool as keep its workers busy with short tasks: twice its size, and 64
 * at the least.
 *
 * @since 0.1.0
 */
export const task: {
  <
    G extends Rpc.Any,
    const Tag extends TaskTag<G>,
    const O extends StageOptions<Rpc.PayloadConstructor<TaskOf<G, Tag>>, TaskError<G, Tag>, any, any> = {}
  >(
    pool: Pool<G>,
    tag: Tag,
    options?: O
  ): <E, R>(
    self: Pipeline<Rpc.PayloadConstructor<TaskOf<G, Tag>>, E, R>
  ) => Pipeline<
    Rpc.Success<TaskOf<G, Tag>>,
    E | StageError<O, TaskError<G, Tag>>,
    R | Rpc.ServicesClient<TaskOf<G, Tag>> | StageServices<O>
  >
  <
    E,
    R,
    G extends Rpc.Any,
    const Tag extends TaskTag<G>,
    const O extends StageOptions<Rpc.PayloadConstructor<TaskOf<G, Tag>>, TaskError<G, Tag>, any, any> = {}
  >(
    self: Pipeline<Rpc.PayloadConstructor<TaskOf<NoInfer<G>, NoInfer<Tag>>>, E, R>,
    pool: Pool<G>,
    tag: Tag,
    options?: O
  ): Pipeline<
    Rpc.Success<TaskOf<G, Tag>>,
    E | StageError<O, TaskError<G, Tag>>,
    R | Rpc.ServicesClient<TaskOf<G, Tag>> | StageServices<O>
  >
} = dual(isDataFirst, stages.task as any)

type Result<M, Name extends FunctionName<M>> = ReturnType<FunctionOf<M, Name>>
type CallError<M, Name extends FunctionName<M>> = ModuleError<Result<M, Name>> | RemoteError | PoolError

/**
 * The functions of a module that answer once.
 *
 * @since 0.1.0
 */
export type CallName<M> = {
  [Name in FunctionName<M>]: [ModuleElement<Result<M, Name>>] extends [never] ? Name : never
}[FunctionName<M>]

/**
 * Calls a function of a module pool for each element, which is its only argument; what comes out is its result.
 *
 * Adds the errors of the function's method (its own, `RemoteError` for what it throws, `PoolError`), unless `onError` takes
 * them. By default 64 elements are at the pool.
 *
 * @since 0.1.0
 */
export const call: {
  <
    M,
    const Name extends CallName<M>,
    const O extends StageOptions<ModuleArguments<M, Name>[0], CallError<M, Name> | StageTimeout, any, any> = {}
  >(
    module: Module<M>,
    name: Name,
    options?: O
  ): <E, R>(
    self: Pipeline<ModuleArguments<M, Name>[0], E, R>
  ) => Pipeline<
    ModuleSuccess<Result<M, Name>>,
    E | StageError<O, CallError<M, Name> | TimeoutOf<O>>,
    R | StageServices<O>
  >
  <
    E,
    R,
    M,
    const Name extends CallName<M>,
    const O extends StageOptions<ModuleArguments<M, Name>[0], CallError<M, Name> | StageTimeout, any, any> = {}
  >(
    self: Pipeline<ModuleArguments<NoInfer<M>, NoInfer<Name>>[0], E, R>,
    module: Module<M>,
    name: Name,
    options?: O
  ): Pipeline<
    ModuleSuccess<Result<M, Name>>,
    E | StageError<O, CallError<M, Name> | TimeoutOf<O>>,
    R | StageServices<O>
  >
} = dual(isDataFirst, stages.call as any)

/**
 * The first elements, and no more: the stages before are stopped after them.
 *
 * @since 0.1.0
 */
export const take: {
  (count: number): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<A, E | InvalidOption, R>
  <A, E, R>(self: Pipeline<A, E, R>, count: number): Pipeline<A, E | InvalidOption, R>
} = dual(isDataFirst, stages.take)

/**
 * An `onError`: the element is left out.
 *
 * @since 0.1.0
 */
export const skip: OnError<unknown, unknown> = () => {}

/**
 * Wraps the errors of all stages before it as `StageFailed`: with the stage's name, and which of its elements it was about.
 * Defects stay what they are; so does `InvalidOption`, which is about no element.
 *
 * @since 0.1.0
 */
export const withOrigin = <A, E, R>(
  self: Pipeline<A, E, R>
): Pipeline<A, Extract<E, Unwrapped> | (Exclude<E, Unwrapped> extends infer F ? StageFailedOf<F> : never), R> =>
  stages.withOrigin(self)

type Unwrapped = InvalidOption | StageFailed<any>
type StageFailedOf<E> = [E] extends [never] ? never : StageFailed<E>

/**
 * Runs it for what its stages do, and drops what comes out.
 *
 * @since 0.1.0
 */
export const run = <A, E, R>(self: Pipeline<A, E, R>): Effect.Effect<void, E, R> => runs.run(self)

/**
 * Runs it, and answers with all that comes out.
 *
 * @since 0.1.0
 */
export const runCollect = <A, E, R>(self: Pipeline<A, E, R>): Effect.Effect<Array<A>, E, R> => runs.runCollect(self)

/**
 * Runs it, and calls a function with each element that comes out. Takes the options of a stage.
 *
 * @since 0.1.0
 */
export const runForEach: {
  <A, B, const O extends AnyStageOptions = {}>(
    f: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ErrorOf<NoInfer<B>> | StageTimeout, any, any>
  ): <E, R>(
    self: Pipeline<A, E, R>
  ) => Effect.Effect<void, E | StageError<O, ErrorOf<B> | TimeoutOf<O>>, R | ServicesOf<B> | StageServices<O>>
  <A, E, R, B, const O extends AnyStageOptions = {}>(
    self: Pipeline<A, E, R>,
    f: (value: A, index: number) => B,
    options?: O & StageOptions<NoInfer<A>, ErrorOf<NoInfer<B>> | StageTimeout, any, any>
  ): Effect.Effect<void, E | StageError<O, ErrorOf<B> | TimeoutOf<O>>, R | ServicesOf<B> | StageServices<O>>
} = dual(isDataFirst, runs.runForEach)

/**
 * Runs it, and makes one value of all that comes out, one element after another. The function answers with the next total, or
 * with an Effect of it.
 *
 * @since 0.1.0
 */
export const runFold: {
  <Z, A, B extends Z | Effect.Effect<Z, any, any>>(
    initial: () => Z,
    f: (total: Z, value: A) => B
  ): <E, R>(self: Pipeline<A, E, R>) => Effect.Effect<Z, E | ErrorOf<B>, R | ServicesOf<B>>
  <A, E, R, Z, B extends Z | Effect.Effect<Z, any, any>>(
    self: Pipeline<A, E, R>,
    initial: () => Z,
    f: (total: Z, value: A) => B
  ): Effect.Effect<Z, E | ErrorOf<B>, R | ServicesOf<B>>
} = dual(3, runs.runFold)

/**
 * As a Stream of Effect, which runs it each time it is run. Elements come in arrays of at most 16.
 *
 * @since 0.1.0
 */
export const toStream = <A, E, R>(self: Pipeline<A, E, R>): Stream.Stream<A, E, R> =>
  internalRun.toStream(endOf(self)) as Stream.Stream<any, any, any>
