/**
 * A pool of worker processes.
 *
 * **When to use**
 *
 * For tasks that may crash, leak, or take the whole heap; that use native code; or that must not see the memory of your
 * program. A process starts in 40 to 200 ms, by what its worker file imports.
 *
 * **Details**
 *
 * Each worker is a child of `node:child_process`. Messages go through a socket of ours, in V8's structured clone format:
 * bytes stay bytes, dates dates and maps maps. Shared memory can't be sent: it is refused with `EncodeFailed`.
 *
 * No orphans: workers end with the scope; when the parent is killed, also while a task spins. Ctrl-C reaches the whole
 * process group, and workers leave it to the parent.
 *
 * Lineage: Python's `multiprocessing.Pool`. Different from it: a killed worker fails its own task at once and the pool goes
 * on, what can't be sent is a typed error, and a running task can be cancelled.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { onProcesses } from "./internal/dispatch/onProcesses.ts"
import { makeModule, makePool } from "./internal/dispatch/workerPool.ts"
import type {
  ContextOptions,
  HandlersOptions,
  InvalidOption,
  MetricsOptions,
  Module,
  ModuleHooks,
  Pool,
  ProcessLifeOptions,
  ProcessOptions,
  ServiceClass,
  SizeOptions,
  WorkerStartFailed
} from "./Pool.ts"

/** @since 0.1.0 */
export interface PoolOptions extends ProcessOptions, SizeOptions, ProcessLifeOptions, MetricsOptions, ContextOptions {}

/** @since 0.1.0 */
export interface ModuleOptions<M = any> extends PoolOptions, ModuleHooks<M> {}

/** @since 0.1.0 */
export interface Options extends PoolOptions, HandlersOptions {}

/**
 * Starts a pool of processes for the tasks of `group`; they end with the scope.
 *
 * Fails with `WorkerStartFailed`, at once, when the worker file is missing, throws, or does not call `WorkerMain.run`; with
 * `InvalidOption` for an option that makes no sense.
 *
 * **Example** (Two processes)
 *
 * ```ts type-only
 * import * as ProcessPool from "@ropewalk/core/ProcessPool"
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
 *   const pool = yield* ProcessPool.make(Sums, { worker: new URL("./worker.ts", import.meta.url), size: 2 })
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
  makePool(group, onProcesses("group", options.worker, "worker", options), options)

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
 * Starts a pool of processes for the exported functions of a plain module: no schema, no worker file, and no Effect in the
 * worker until a function returns one. `M` is the module's type.
 *
 * A function that throws fails its call with `RemoteError`; one that returns an Effect, with that Effect's error, which
 * keeps its `_tag` and fields but not its class. Arguments and results are cloned: functions and class instances don't
 * survive it.
 *
 * **Example** (A function of Node's own)
 *
 * ```ts
 * import * as ProcessPool from "@ropewalk/core/ProcessPool"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const zlib = yield* ProcessPool.module<typeof import("node:zlib")>(new URL("node:zlib"), { size: 1 })
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
  makeModule<M>(onProcesses("module", url, "worker", options), options)
