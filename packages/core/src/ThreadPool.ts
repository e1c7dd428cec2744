/**
 * A pool of worker threads.
 *
 * **When to use**
 *
 * For tasks that compute: they run beside the event loop of your program, on all cores. A task that spins can be cancelled.
 *
 * **Details**
 *
 * A thread starts in 10 to 120 ms, by what its worker file imports. Threads share one process: a task that exits, throws
 * or runs out of heap loses only its own thread, but one array that grows without end, or native memory, can end the whole
 * program. For such work take `ProcessPool`.
 *
 * What is given to a thread is cloned. Large bytes cross without a copy when they are moved (`Transfer`) or in shared memory;
 * `Pool` has a table of what crosses how.
 *
 * Lineage: `concurrent.futures.ThreadPoolExecutor` and piscina. Different from both: tasks are typed by a group, a task
 * that does not listen is stopped, and a dead thread fails its own task and no other.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { onThreads } from "./internal/dispatch/onThreads.ts"
import { makeModule, makePool } from "./internal/dispatch/workerPool.ts"
import type {
  ContextOptions,
  HandlersOptions,
  InvalidOption,
  LifeOptions,
  MetricsOptions,
  Module,
  ModuleHooks,
  Pool,
  ServiceClass,
  SizeOptions,
  WorkerOptions,
  WorkerStartFailed
} from "./Pool.ts"

/** @since 0.1.0 */
export interface PoolOptions extends WorkerOptions, SizeOptions, LifeOptions, MetricsOptions, ContextOptions {}

/** @since 0.1.0 */
export interface ModuleOptions<M = any> extends PoolOptions, ModuleHooks<M> {}

/** @since 0.1.0 */
export interface Options extends PoolOptions, HandlersOptions {}

/**
 * Starts a pool of threads for the tasks of `group`; they end with the scope.
 *
 * Fails with `WorkerStartFailed`, at once, when the worker file is missing, throws, or does not call `WorkerMain.run`; with
 * `InvalidOption` for an option that makes no sense.
 *
 * **Example** (Two threads)
 *
 * ```ts type-only
 * import * as ThreadPool from "@ropewalk/core/ThreadPool"
 * import * as Effect from "effect/Effect"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Sums extends RpcGroup.make(
 *   Rpc.make("Add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number })
 * ) {}
 *
 * const program = Effect.gen(function* () {
 *   const pool = yield* ThreadPool.make(Sums, { worker: new URL("./worker.ts", import.meta.url), size: 2 })
 *   return yield* pool.run("Add", { a: 1, b: 2 })
 * })
 *
 * Effect.runPromise(Effect.scoped(program)).then(console.log) // 3
 * ```
 *
 * @since 0.1.0
 */
export const make = <R extends Rpc.Any>(
  group: RpcGroup.RpcGroup<R>,
  options: Options
): Effect.Effect<Pool<R>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  makePool(group, onThreads("group", options.worker, "ropewalk worker", options), options)

/**
 * `make` as a layer, for a pool declared with `Pool.Service`. Fails as `make` does.
 *
 * @since 0.1.0
 */
export const layer = <Self, const Id extends string, R extends Rpc.Any>(
  service: ServiceClass<Self, Id, R>,
  options: Options
): Layer.Layer<Self, WorkerStartFailed | InvalidOption> => Layer.effect(service, make(service.group, options))

/**
 * Starts a pool of threads for the exported functions of a plain module: no schema, no worker file, and no Effect in the
 * worker until a function returns one. `M` is the module's type.
 *
 * A function that throws fails its call with `RemoteError`; one that returns an Effect, with that Effect's error, which
 * keeps its `_tag` and fields but not its class. Arguments and results are cloned: functions and class instances don't
 * survive it.
 *
 * **Example** (A function of Node's own)
 *
 * ```ts
 * import * as ThreadPool from "@ropewalk/core/ThreadPool"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const zlib = yield* ThreadPool.module<typeof import("node:zlib")>(new URL("node:zlib"), { size: 1 })
 *   return yield* zlib.crc32("ropewalk")
 * })
 *
 * assert.equal(await Effect.runPromise(Effect.scoped(program)), 9184573)
 * ```
 *
 * @since 0.1.0
 */
export const module = <M>(
  url: URL,
  options: ModuleOptions<M> = {}
): Effect.Effect<Module<M>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  makeModule<M>(onThreads("module", url, "ropewalk worker", options), options)
