/**
 * A pool runs typed tasks: on fibers (`FiberPool`), on threads (`ThreadPool`) or in processes (`ProcessPool`). This module is
 * what the three have in common, and all that the code which calls a task needs to know.
 *
 * **When to use**
 *
 * Write your program against `Pool`, and choose the place where the pool is made. Fibers for work that waits, threads for
 * work that computes, processes for work that may crash or must be isolated.
 *
 * **Details**
 *
 * The contract is an `RpcGroup` of Effect. A task settles exactly once: with its result, with its own error, or with one
 * `PoolError`. A task that is interrupted has stopped when the interrupt returns: its handler is interrupted first, and
 * after the pool's `grace` its thread is terminated, or its process gets SIGTERM and then SIGKILL.
 *
 * **What crosses how**
 *
 * | | fiber | thread | process |
 * | --- | --- | --- | --- |
 * | plain values, dates, maps, sets | handed over | cloned | cloned |
 * | classes, typed errors, `Option` … of a schema | handed over | encoded | encoded |
 * | bytes and other views | handed over | copied | copied, never as text |
 * | `ArrayBuffer`, `MessagePort` with `Transfer.move`, or a schema of `effect/workers/Transferable` | handed over | moved | copied; a port is refused |
 * | `SharedArrayBuffer`, and views of one | handed over | shared | refused |
 * | functions, symbols, weak maps | handed over | refused | refused |
 * | the longest message | – | memory | 512 MiB |
 *
 * What is refused fails with `EncodeFailed`, which says where in the value it was; nothing has been sent then. Payloads are
 * checked by their schema when they are given; what arrives, only if it has to be decoded or the pool was made with
 * `validate`.
 *
 * Lineage: Python's `multiprocessing.Pool` and `concurrent.futures` for what is offered, Trio for how it ends. Different from
 * both: a killed worker fails its own task at once and is replaced, and a running task can be cancelled.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as RpcSchema from "effect/rpc/RpcSchema"
import type { Place } from "./internal/codec/CallContext.ts"
import type { RemoteError } from "./internal/errors.ts"
import type { PoolError } from "./internal/poolErrors.ts"
import type { OutputLine } from "./internal/transport/Transport.ts"

export type { Place } from "./internal/codec/CallContext.ts"
export { EncodeFailed, InvalidOption, RemoteError } from "./internal/errors.ts"
export {
  CrashReason,
  DecodeFailed,
  Exited,
  Killed,
  OutOfMemory,
  PoolClosed,
  PoolError,
  PoolFull,
  TaskDropped,
  TaskTimeout,
  Terminated,
  Uncaught,
  WorkerCrashed,
  WorkerStartFailed
} from "./internal/poolErrors.ts"
export type { OutputLine } from "./internal/transport/Transport.ts"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Pool"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Pool"

/**
 * The tags of a group's tasks that answer once. Streaming ones are not among them.
 *
 * @since 0.1.0
 */
export type TaskTag<R extends Rpc.Any> = R extends Rpc.Any
  ? Rpc.SuccessSchema<R> extends RpcSchema.Stream<infer _A, infer _E>
    ? never
    : Rpc.Tag<R>
  : never

/**
 * One call: its payload may be left out when the task has none.
 *
 * @since 0.1.0
 */
export type RunArguments<R extends Rpc.Any> =
  Rpc.PayloadConstructor<R> extends void
    ? [payload?: Rpc.PayloadConstructor<R>, options?: RunOptions]
    : [payload: Rpc.PayloadConstructor<R>, options?: RunOptions]

/**
 * What can be said of any worker: of a pool's, or of one dedicated thread or process.
 *
 * @since 0.1.0
 */
export interface WorkerOptions {
  /** Shown by debuggers for a thread, and by `ps` for a process. */
  readonly name?: string | undefined
  /**
   * How long an interrupted task may take to end by itself. Then its thread is terminated; its process gets SIGTERM and,
   * after the same time again, SIGKILL. Default: 1 second.
   */
  readonly grace?: Duration.Input | undefined
  /** How long a worker may take to load its file. Default: 30 seconds. */
  readonly startTimeout?: Duration.Input | undefined
  /** Environment variables on top of the program's own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * The limit of V8's heap, in MiB, 8 or more. A task that needs more loses its worker and fails with `WorkerCrashed`, reason
   * `OutOfMemory`. Buffers are not counted.
   *
   * **Gotchas**: threads share one V8, and it may abort the whole program instead of the thread that is full: for one array
   * that grows it does so always, for many small objects in none of 100 tries on Node 26 and in about 2 of 100 on Node 24.
   * Where that must not happen, take processes.
   */
  readonly heapLimit?: number | undefined
  /** Where the lines go that a worker prints. Default: to the program's own output. */
  readonly output?: ((line: OutputLine) => Effect.Effect<void>) | undefined
}

/**
 * What can be said of the handlers of a group, in a file of their own.
 *
 * @since 0.1.0
 */
export interface HandlersOptions {
  /** The worker file, TypeScript or JavaScript: it calls `WorkerMain.run` with the handlers of the group. */
  readonly worker: URL
  /**
   * Whether what arrives is checked against its schema: payloads in the worker, results and errors in the program. What is
   * encoded is checked in any case. What crosses as it is is not, since a pool and its workers are made from the same files;
   * say `true` where the worker file may be of another version than the program. Then what does not fit is `DecodeFailed`,
   * with its path. Default: `false`.
   */
  readonly validate?: boolean | undefined
}

/**
 * What can be said of a worker that is a process, besides.
 *
 * @since 0.1.0
 */
export interface ProcessOptions extends WorkerOptions {
  /** The working directory. Default: the program's own. */
  readonly cwd?: string | undefined
  /** Node's flags. Default: the program's own, without those of its debugger, tests and `--eval`. */
  readonly execArgv?: ReadonlyArray<string> | undefined
}

/** @since 0.1.0 */
export interface SizeOptions {
  /** How many workers. Default: as many as the machine runs at the same time (`os.availableParallelism()`). */
  readonly size?: number | undefined
  /** How many tasks one worker runs at the same time. More than one is for tasks that wait. Default: 1. */
  readonly concurrency?: number | undefined
}

/** @since 0.1.0 */
export interface RunOptions {
  /**
   * The time from the call to its answer, waiting in the queue included. When it has passed the task is stopped, and the
   * call fails with `TaskTimeout`.
   */
  readonly timeout?: Duration.Input | undefined
}

/** @since 0.1.0 */
export interface MapOptions extends RunOptions {
  /**
   * How many tasks of this `map` are handed to the pool at the same time, at the most. The default keeps every worker busy
   * with one task running and one waiting.
   */
  readonly concurrency?: number | undefined
}

/**
 * What a pool is doing, at one moment.
 *
 * @since 0.1.0
 */
export interface PoolStats {
  readonly place: Place
  /** How many workers the pool keeps. Fibers need none: there `size × concurrency` tasks run at the same time. */
  readonly size: number
  /** Tasks that wait for a worker. */
  readonly queued: number
  /** Tasks that a worker has been given and has not answered. */
  readonly running: number
  /** Tasks that were answered, with a result or with an error of their own. */
  readonly completed: number
  /** Tasks that failed because their worker died. */
  readonly crashed: number
  /** Workers that were started in the place of one that died. */
  readonly restarts: number
  /** None for fibers. */
  readonly workers: ReadonlyArray<WorkerStats>
}

/** @since 0.1.0 */
export interface WorkerStats {
  /** Thread id or process id. */
  readonly id: number
  readonly state: "starting" | "ready" | "ending" | "gone"
  readonly running: number
  readonly completed: number
}

/**
 * A pool for the tasks of a group.
 *
 * @since 0.1.0
 */
export interface Pool<in out R extends Rpc.Any> {
  readonly [TypeId]: TypeId
  readonly place: Place
  readonly size: number
  readonly group: RpcGroup.RpcGroup<R>

  /**
   * Runs one task, and answers with its result.
   *
   * Fails with the task's own error, of its own class, or with one `PoolError`. A handler that dies dies here, with the
   * stack it had in the worker.
   */
  readonly run: <const Tag extends TaskTag<R>>(
    tag: Tag,
    ...args: RunArguments<Rpc.ExtractTag<R, Tag>>
  ) => Effect.Effect<
    Rpc.Success<Rpc.ExtractTag<R, Tag>>,
    Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError,
    Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
  >

  /**
   * Runs one task a payload, and answers with the results in the order of the payloads. The first failure interrupts the
   * tasks that are left, and fails the whole. No payload, no result: an empty array.
   */
  readonly map: <const Tag extends TaskTag<R>>(
    tag: Tag,
    payloads: Iterable<Rpc.PayloadConstructor<Rpc.ExtractTag<R, Tag>>>,
    options?: MapOptions
  ) => Effect.Effect<
    Array<Rpc.Success<Rpc.ExtractTag<R, Tag>>>,
    Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError,
    Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
  >

  /** What the pool is doing now. */
  readonly stats: Effect.Effect<PoolStats>
}

/**
 * A pool as a service: the program asks for it, and the layer that provides it says where the tasks run.
 *
 * **Example** (One program, the place chosen outside of it)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as Pool from "@ropewalk/core/Pool"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Sums extends RpcGroup.make(
 *   Rpc.make("Add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number })
 * ) {}
 *
 * class SumPool extends Pool.Service<SumPool>()("app/SumPool", Sums) {}
 *
 * const program = Effect.gen(function* () {
 *   const pool = yield* SumPool
 *   return yield* pool.run("Add", { a: 1, b: 2 })
 * })
 *
 * // ThreadPool.layer(SumPool, { worker }) or ProcessPool.layer(SumPool, { worker }) would do as well.
 * const handlers = Sums.toLayer({ Add: ({ a, b }) => Effect.succeed(a + b) })
 * const onFibers = FiberPool.layer(SumPool).pipe(Layer.provide(handlers))
 *
 * assert.equal(await Effect.runPromise(Effect.provide(program, onFibers)), 3)
 * ```
 *
 * @since 0.1.0
 */
export const Service =
  <Self>() =>
  <const Id extends string, R extends Rpc.Any>(id: Id, group: RpcGroup.RpcGroup<R>): ServiceClass<Self, Id, R> =>
    Object.assign(Context.Service<Self, Pool<R>>()(id), { group })

/**
 * What `Service` answers: a service key that knows its group.
 *
 * @since 0.1.0
 */
export interface ServiceClass<Self, Id extends string, R extends Rpc.Any>
  extends Context.ServiceClass<Self, Id, Pool<R>> {
  readonly group: RpcGroup.RpcGroup<R>
}

/**
 * The functions of a plain module as methods that return Effects. Arguments and results are cloned, as `structuredClone`
 * does; what is no function, or answers with an async iterable, is left out.
 *
 * @since 0.1.0
 */
export type Module<M> = {
  readonly [Name in FunctionName<M>]: (
    ...args: ModuleArguments<M, Name>
  ) => Effect.Effect<
    ModuleSuccess<ReturnType<FunctionOf<M, Name>>>,
    ModuleError<ReturnType<FunctionOf<M, Name>>> | RemoteError | PoolError
  >
} & { readonly [ModuleStats]: Effect.Effect<PoolStats> }

/**
 * The names of a module's functions that answer once.
 *
 * @since 0.1.0
 */
export type FunctionName<M> = {
  [K in keyof M & string]: M[K] extends (...args: any) => infer Result
    ? [Result] extends [never]
      ? K
      : Result extends AsyncIterable<unknown>
        ? never
        : K
    : never
}[keyof M & string]

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
    : never

/**
 * The key of a module pool's statistics: its other keys are the names of the functions.
 *
 * @since 0.1.0
 */
export const ModuleStats: unique symbol = Symbol.for("~ropewalk/Pool/ModuleStats")

/**
 * What a module pool is doing now.
 *
 * @since 0.1.0
 */
export const statsOf = <M>(module: Module<M>): Effect.Effect<PoolStats> => module[ModuleStats]
