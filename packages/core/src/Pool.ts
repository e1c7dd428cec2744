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
import type * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as RpcSchema from "effect/rpc/RpcSchema"
import type * as Stream from "effect/Stream"
import type { Place } from "./internal/codec/CallContext.ts"
import { Idempotent as idempotent } from "./internal/dispatch/callSettings.ts"
import type { LifeOptions, PoolControl, PoolStats } from "./internal/dispatch/lifeOptions.ts"
import { mapperOf } from "./internal/dispatch/moduleMap.ts"
import type { InvalidOption } from "./internal/errors.ts"
import type {
  AnyModule,
  CallAnswer,
  CallInput,
  CallName,
  FunctionName,
  ModuleArguments
} from "./internal/moduleTypes.ts"
import type { PoolError } from "./internal/poolErrors.ts"
import type { OutputLine } from "./internal/transport/Transport.ts"

export type { Place } from "./internal/codec/CallContext.ts"
export type {
  Drained,
  DrainOptions,
  LifeOptions,
  PoolControl,
  PoolStats,
  RecycleOptions,
  SizeInput,
  SizeOptions,
  WorkerStats
} from "./internal/dispatch/lifeOptions.ts"
export type { ContextOptions, MetricsOptions } from "./internal/dispatch/watchOptions.ts"
export { EncodeFailed, InvalidOption, RemoteError } from "./internal/errors.ts"
export type {
  AnyModule,
  CallName,
  FunctionName,
  FunctionOf,
  Module,
  ModuleAnswer,
  ModuleArguments,
  ModuleElement,
  ModuleError,
  ModuleSuccess
} from "./internal/moduleTypes.ts"
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
  WorkerStartFailed,
  WorkerStuck
} from "./internal/poolErrors.ts"
export { PoolEvent, TaskOutcome } from "./internal/poolEvents.ts"
export type { OutputLine } from "./internal/transport/Transport.ts"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Pool"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Pool"

/**
 * The tags of a group's tasks that answer once. Those that answer with a stream are `StreamTag`.
 *
 * @since 0.1.0
 */
export type TaskTag<R extends Rpc.Any> = R extends Rpc.Any
  ? Rpc.SuccessSchema<R> extends RpcSchema.Stream<infer _A, infer _E>
    ? never
    : Rpc.Tag<R>
  : never

/**
 * The tags of a group's tasks that answer with a stream (`stream: true`, or `success: RpcSchema.Stream(…)`).
 *
 * @since 0.1.0
 */
export type StreamTag<R extends Rpc.Any> = R extends Rpc.Any
  ? Rpc.SuccessSchema<R> extends RpcSchema.Stream<infer _A, infer _E>
    ? Rpc.Tag<R>
    : never
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
 * One call of a task that answers with a stream.
 *
 * @since 0.1.0
 */
export type StreamArguments<R extends Rpc.Any> =
  Rpc.PayloadConstructor<R> extends void
    ? [payload?: Rpc.PayloadConstructor<R>, options?: StreamOptions]
    : [payload: Rpc.PayloadConstructor<R>, options?: StreamOptions]

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

/**
 * What can be said of the processes of a pool, besides.
 *
 * @since 0.1.0
 */
export interface ProcessLifeOptions extends LifeOptions {
  /**
   * The most memory that a process may take, in MiB, 64 or more: all that is resident, buffers and native memory included. A
   * process above it is killed, and its task fails with `WorkerCrashed`, reason `OutOfMemory`. Those that work are measured
   * every 100 ms. Default: no limit.
   */
  readonly memoryLimit?: number | undefined
}

/**
 * One call of a function of the module `M`.
 *
 * @since 0.1.0
 */
export type FunctionCall<M> = {
  readonly [Name in FunctionName<M>]: [] extends ModuleArguments<M, Name>
    ? { readonly call: Name; readonly args?: Readonly<ModuleArguments<M, Name>> | undefined }
    : { readonly call: Name; readonly args: Readonly<ModuleArguments<M, Name>> }
}[FunctionName<M>]

/**
 * What the workers of a module do besides their tasks.
 *
 * @since 0.1.0
 */
export interface ModuleHooks<M> {
  /**
   * Called in each worker before its first task. The worker has not started until it has ended; if it fails, or takes longer
   * than `startTimeout`, that is `WorkerStartFailed`, for the pool's maker and for each replacement.
   */
  readonly initialise?: FunctionCall<M> | undefined
  /**
   * Called in each worker after its last task, when it ends in order: because the pool does, or because it is idle or worn
   * out. It has the `grace`. One that fails is printed by the worker. No worker that crashed or was stopped runs it.
   */
  readonly teardown?: FunctionCall<M> | undefined
}

/**
 * The queue in front of a pool's workers.
 *
 * @since 0.1.0
 */
export interface QueueOptions {
  /**
   * How many calls may wait in the queue; 0: a call that no worker can take at once finds it full. Those that a worker was
   * given are not counted: it is given as many ahead as it will have done in about a millisecond. Default: no limit.
   */
  readonly capacity?: number | undefined
  /**
   * What becomes of a call that finds the queue full. `"suspend"`, the default: it waits outside, and its caller with it.
   * `"fail"`: it fails with `PoolFull`. `"dropOldest"`: the oldest of the lowest priority leaves the queue and fails with
   * `TaskDropped`, and the call takes its place.
   */
  readonly overflow?: "suspend" | "fail" | "dropOldest" | undefined
}

/**
 * What can be said of one call.
 *
 * **Example** (One that is urgent, and those of one account in their order)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Bank extends RpcGroup.make(
 *   Rpc.make("Post", { payload: { account: Schema.String, amount: Schema.Number } }),
 *   Rpc.make("Balance", { payload: { account: Schema.String }, success: Schema.Number })
 * ) {}
 *
 * const balances = new Map<string, number>()
 * const handlers = Bank.toLayer({
 *   Post: ({ account, amount }) =>
 *     Effect.sync(() => void balances.set(account, (balances.get(account) ?? 0) + amount)),
 *   Balance: ({ account }) => Effect.sync(() => balances.get(account) ?? 0)
 * })
 *
 * const program = Effect.gen(function* () {
 *   const pool = yield* FiberPool.make(Bank, { size: 4, queue: { capacity: 100, overflow: "fail" } })
 *   const account = "ann"
 *   yield* pool.run("Post", { account, amount: 5 }, { key: account })
 *   return yield* pool.run("Balance", { account }, { key: account, priority: 1, timeout: "1 second" })
 * })
 *
 * assert.equal(await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers))), 5)
 * ```
 *
 * @since 0.1.0
 */
export interface RunOptions {
  /**
   * The time from the call to its answer, waiting in the queue included. When it has passed the task is stopped, and the
   * call fails with `TaskTimeout`, which says whether the task was queued or running. The task can ask what is left of it:
   * `WorkerMain.remainingTime`.
   */
  readonly timeout?: Duration.Input | undefined
  /**
   * Calls of a higher priority leave the queue first, equal ones in the order in which they came. Any finite number. Default:
   * 0. What a worker was given already is not overtaken.
   */
  readonly priority?: number | undefined
  /**
   * Calls of one key run on one worker, and start in their order; with the pool's `concurrency` of 1 they run one after
   * another. When that worker dies, its replacement takes them.
   */
  readonly key?: string | number | undefined
  /**
   * How often the task is started again, before all that wait, when its worker died under it. Default: never; once, for a task
   * that is `Idempotent`. It is not for errors of the task itself: those are for `Effect.retry`.
   *
   * **Gotchas**: what the task did before its worker died has been done. A task whose payload has a handle in it (a
   * `Channel`, a `Pipe`, a `SharedValue`) is never started again.
   */
  readonly retries?: number | undefined
}

/**
 * Declares a task safe to repeat: `Rpc.make("Resize", …).annotate(Pool.Idempotent, true)`. When its worker dies under it, it is
 * started again, once, or as often as the `retries` of the call say. No other task is.
 *
 * **Example**
 *
 * ```ts
 * import * as Pool from "@ropewalk/core/Pool"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * export class Images extends RpcGroup.make(
 *   Rpc.make("Measure", { payload: { path: Schema.String }, success: Schema.Number }).annotate(Pool.Idempotent, true)
 * ) {}
 * ```
 *
 * @since 0.1.0
 */
export const Idempotent: Context.Reference<boolean> = idempotent

/** @since 0.1.0 */
export interface SettleOptions extends RunOptions {
  /**
   * How many messages of this map are in the pool at the same time, at the most, and so how many of its tasks run. The default
   * keeps every worker busy with one running and one waiting.
   */
  readonly concurrency?: number | undefined
  /**
   * How many payloads ride in one message, to be run one after another. Default, `"auto"`: as many as take about a
   * millisecond, by measured time; for `mapSettled`: 1.
   *
   * The tasks of one message share its fate: when their worker dies, it fails for all of them, and a retry repeats all. With a
   * `timeout`, which is each task's own, and on fibers, each rides alone.
   */
  readonly chunk?: number | "auto" | undefined
}

/** @since 0.1.0 */
export interface MapOptions extends SettleOptions {
  /** `false`: results as they come, each with the index of its payload. Default: in the order of the payloads. */
  readonly ordered?: boolean | undefined
}

/**
 * What `map` answers with.
 *
 * @since 0.1.0
 */
export type MapResult<A, Options> = Options extends { readonly ordered: false }
  ? Array<readonly [index: number, result: A]>
  : Array<A>

/** @since 0.1.0 */
export interface StreamOptions {
  /**
   * How many elements may be under way: made by the task, and not yet done with by the consumer. A task that has made so many
   * waits. Default: 128. Less where elements are large; 1 makes the task wait for its consumer after each.
   */
  readonly window?: number | undefined
  /**
   * The time from the run of the stream to its end: waiting in the queue and the consumer's own time included. When it has
   * passed the task is stopped, and the stream fails with `TaskTimeout` after the elements that had arrived.
   */
  readonly timeout?: Duration.Input | undefined
}

/** @since 0.1.0 */
export interface MapStreamOptions extends RunOptions {
  /**
   * How many elements are in the pool at the same time, or are results that wait for their turn, at the most. The default
   * keeps every worker busy, with a few short tasks on their way to it.
   */
  readonly concurrency?: number | undefined
  /** Results as they come, not in the order of the input: a slow task holds up no result of another. Default: `false`. */
  readonly unordered?: boolean | undefined
}

/**
 * A pool for the tasks of a group.
 *
 * @since 0.1.0
 */
export interface Pool<in out R extends Rpc.Any> extends PoolControl {
  readonly [TypeId]: TypeId
  readonly place: Place
  /** The most workers that it may have. */
  readonly size: number
  readonly group: RpcGroup.RpcGroup<R>

  /**
   * Runs one task, and answers with its result.
   *
   * To start now and join later, fork it: `Effect.forkChild(pool.run(…))` answers with a Fiber, whose interrupt stops the task,
   * and which ends with the fiber that forked it.
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
   *
   * Short tasks ride together in one message: see `chunk`. Payloads are taken from their iterable as the pool gets to them,
   * never more than it has room for; and a full queue makes a map wait, whatever the pool does with other calls.
   *
   * Measured for 1,000,000 numbers, two workers on two busy cores: 0.2 to 0.3 µs an item, about what Python's `Pool.map` took in
   * the same minute.
   *
   * **Example** (As they come)
   *
   * ```ts
   * import * as FiberPool from "@ropewalk/core/FiberPool"
   * import assert from "node:assert/strict"
   * import * as Effect from "effect/Effect"
   * import * as Rpc from "effect/rpc/Rpc"
   * import * as RpcGroup from "effect/rpc/RpcGroup"
   * import * as Schema from "effect/Schema"
   *
   * class Numbers extends RpcGroup.make(Rpc.make("Square", { payload: Schema.Number, success: Schema.Number })) {}
   *
   * const program = Effect.gen(function* () {
   *   const pool = yield* FiberPool.make(Numbers)
   *   assert.deepEqual(yield* pool.map("Square", [1, 2, 3]), [1, 4, 9])
   *   const pairs = yield* pool.map("Square", [1, 2, 3], { ordered: false })
   *   assert.deepEqual(new Map(pairs), new Map([[0, 1], [1, 4], [2, 9]]))
   * })
   *
   * const handlers = Numbers.toLayer({ Square: (n) => Effect.succeed(n * n) })
   * await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers)))
   * ```
   */
  readonly map: <const Tag extends TaskTag<R>, const Options extends MapOptions = MapOptions>(
    tag: Tag,
    payloads: Iterable<Rpc.PayloadConstructor<Rpc.ExtractTag<R, Tag>>>,
    options?: Options
  ) => Effect.Effect<
    MapResult<Rpc.Success<Rpc.ExtractTag<R, Tag>>, Options>,
    Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError,
    Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
  >

  /**
   * Runs one task a payload to its end, whatever becomes of the others, and answers with how each ended, in the order of the
   * payloads. It fails for an option that makes no sense, and for nothing else.
   *
   * Each task rides alone, unless a `chunk` is given: then a worker's death fails all that rode together.
   *
   * **Example**
   *
   * ```ts
   * import * as FiberPool from "@ropewalk/core/FiberPool"
   * import assert from "node:assert/strict"
   * import * as Effect from "effect/Effect"
   * import * as Exit from "effect/Exit"
   * import * as Rpc from "effect/rpc/Rpc"
   * import * as RpcGroup from "effect/rpc/RpcGroup"
   * import * as Schema from "effect/Schema"
   *
   * class Numbers extends RpcGroup.make(
   *   Rpc.make("Root", { payload: Schema.Number, success: Schema.Number, error: Schema.String })
   * ) {}
   *
   * const program = Effect.gen(function* () {
   *   const pool = yield* FiberPool.make(Numbers)
   *   return yield* pool.mapSettled("Root", [4, -4])
   * })
   *
   * const handlers = Numbers.toLayer({
   *   Root: (n) => (n < 0 ? Effect.fail("negative") : Effect.succeed(Math.sqrt(n)))
   * })
   * const exits = await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers)))
   * assert.deepEqual(exits, [Exit.succeed(2), Exit.fail("negative")])
   * ```
   */
  readonly mapSettled: <const Tag extends TaskTag<R>>(
    tag: Tag,
    payloads: Iterable<Rpc.PayloadConstructor<Rpc.ExtractTag<R, Tag>>>,
    options?: SettleOptions
  ) => Effect.Effect<
    Array<Exit.Exit<Rpc.Success<Rpc.ExtractTag<R, Tag>>, Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError>>,
    InvalidOption,
    Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
  >

  /**
   * Runs one task once on every worker that the pool has now, to fill their caches, say; and answers with the results. A worker
   * that is started later does not run it: what every worker needs belongs in the layer of its file.
   *
   * Each worker runs it to its end, whatever becomes of the others; then the failures, if any, are that of the whole, together.
   * A worker that dies fails its share with `WorkerCrashed`. On fibers, which share their memory, it runs once. A `key` has no
   * meaning here.
   */
  readonly broadcast: <const Tag extends TaskTag<R>>(
    tag: Tag,
    ...args: RunArguments<Rpc.ExtractTag<R, Tag>>
  ) => Effect.Effect<
    Array<Rpc.Success<Rpc.ExtractTag<R, Tag>>>,
    Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError,
    Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
  >

  /**
   * Runs a task that answers with a stream: once each time the stream is run.
   *
   * The task makes elements as they are taken, and never more than `window` ahead of the consumer, who can be as slow as it
   * likes. A consumer that takes no more (`Stream.take`, a failure, an interrupt) interrupts the task, and goes on when that has
   * stopped, its finalizers run. Fails as `run` does, after the elements that arrived before. An element that can't be sent is
   * `EncodeFailed`, its place in the stream the first step of the path.
   *
   * **Example** (The first primes)
   *
   * ```ts
   * import * as FiberPool from "@ropewalk/core/FiberPool"
   * import assert from "node:assert/strict"
   * import * as Effect from "effect/Effect"
   * import * as Rpc from "effect/rpc/Rpc"
   * import * as RpcGroup from "effect/rpc/RpcGroup"
   * import * as Schema from "effect/Schema"
   * import * as Stream from "effect/Stream"
   *
   * class Numbers extends RpcGroup.make(
   *   Rpc.make("Primes", { payload: { from: Schema.Number }, success: Schema.Number, stream: true })
   * ) {}
   *
   * const isPrime = (n: number) => n > 1 && !Array.from({ length: n - 2 }, (_, i) => i + 2).some((d) => n % d === 0)
   * const handlers = Numbers.toLayer({
   *   Primes: ({ from }) => Stream.iterate(from, (n) => n + 1).pipe(Stream.filter(isPrime))
   * })
   *
   * const program = Effect.gen(function* () {
   *   const pool = yield* FiberPool.make(Numbers)
   *   return yield* pool.stream("Primes", { from: 10 }, { window: 4 }).pipe(Stream.take(3), Stream.runCollect)
   * })
   *
   * assert.deepEqual(await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers))), [11, 13, 17])
   * ```
   */
  readonly stream: <const Tag extends StreamTag<R>>(
    tag: Tag,
    ...args: StreamArguments<Rpc.ExtractTag<R, Tag>>
  ) => Stream.Stream<
    Rpc.SuccessChunk<Rpc.ExtractTag<R, Tag>>,
    Rpc.ErrorExit<Rpc.ExtractTag<R, Tag>> | PoolError,
    Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
  >

  /**
   * Runs one task for each element of a stream, and answers with the stream of their results, in the order of the input. It
   * takes from the input no more than `concurrency` ahead of its own consumer, so the input may be infinite.
   *
   * The first task that fails interrupts those that are left, and fails the whole, after the results that were ready. When the
   * input fails, what it gave before is answered first.
   *
   * **Example** (An infinite input)
   *
   * ```ts
   * import * as FiberPool from "@ropewalk/core/FiberPool"
   * import assert from "node:assert/strict"
   * import * as Effect from "effect/Effect"
   * import * as Rpc from "effect/rpc/Rpc"
   * import * as RpcGroup from "effect/rpc/RpcGroup"
   * import * as Schema from "effect/Schema"
   * import * as Stream from "effect/Stream"
   *
   * class Squares extends RpcGroup.make(
   *   Rpc.make("Square", { payload: { n: Schema.Number }, success: Schema.Number })
   * ) {}
   *
   * const program = Effect.gen(function* () {
   *   const pool = yield* FiberPool.make(Squares)
   *   const numbers = Stream.iterate(1, (n) => n + 1)
   *   const squares = pool.mapStream("Square", Stream.map(numbers, (n) => ({ n })))
   *   return yield* squares.pipe(Stream.take(4), Stream.runCollect)
   * })
   *
   * const handlers = Squares.toLayer({ Square: ({ n }) => Effect.succeed(n * n) })
   * assert.deepEqual(await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers))), [1, 4, 9, 16])
   * ```
   */
  readonly mapStream: <const Tag extends TaskTag<R>, E, RX>(
    tag: Tag,
    input: Stream.Stream<Rpc.PayloadConstructor<Rpc.ExtractTag<R, Tag>>, E, RX>,
    options?: MapStreamOptions
  ) => Stream.Stream<
    Rpc.Success<Rpc.ExtractTag<R, Tag>>,
    E | Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError,
    RX | Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
  >
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
export const statsOf = (module: AnyModule): Effect.Effect<PoolStats> => module[ModuleStats]

/**
 * The key of what can be done with a module pool besides calling its functions.
 *
 * @since 0.1.0
 */
export const ModuleControl: unique symbol = Symbol.for("~ropewalk/Pool/ModuleControl")

/**
 * `capacity`, `ready`, `warmUp`, `resize`, `drain`, `stats` and `events` of a module pool.
 *
 * @since 0.1.0
 */
export const controlOf = (module: AnyModule): PoolControl => module[ModuleControl]

/**
 * Calls a function of a module pool once for each input, as its only argument, and answers with the results: `map`, for a pool
 * without a group. Fails as the function's method does, with the first failure.
 *
 * **Example**
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as Pool from "@ropewalk/core/Pool"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const path = yield* FiberPool.module<typeof import("node:path")>(new URL("node:path"))
 *   return yield* Pool.mapOf(path, "basename", ["/a/one.ts", "/b/two.ts"])
 * })
 *
 * assert.deepEqual(await Effect.runPromise(Effect.scoped(program)), ["one.ts", "two.ts"])
 * ```
 *
 * @since 0.1.0
 */
export const mapOf = <
  W extends AnyModule,
  const Name extends CallName<W>,
  const Options extends MapOptions = MapOptions
>(
  module: W,
  name: Name,
  inputs: Iterable<CallInput<W, Name>>,
  options?: Options
): Effect.Effect<
  MapResult<Effect.Success<CallAnswer<W, Name>>, Options>,
  Effect.Error<CallAnswer<W, Name>>,
  Effect.Services<CallAnswer<W, Name>>
> => mapperOf(module)(name, inputs, options) as Effect.Effect<any, any>
