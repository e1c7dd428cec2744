/**
 * A pool of fibers: the tasks run on the thread of their caller.
 *
 * **When to use**
 *
 * For tasks that wait (the network, files, other pools); in tests, where the same program may run on threads or processes in
 * production; and to explore schedules, since here everything happens under Effect's scheduler.
 *
 * **Details**
 *
 * Payloads and results are handed over as they are: nothing is encoded, cloned or isolated. At most `size × concurrency`
 * tasks run at the same time; the others wait in order.
 *
 * Lineage: Python's `multiprocessing.dummy`, the same pool without processes. Different from it, and from
 * `Effect.forEach` with a concurrency: tasks are typed by a group, and the program that calls them can move to threads or
 * processes as it is.
 *
 * **Gotchas**
 *
 * A handler that spins can't be stopped here: it holds the one thread that would stop it. Interrupting it waits for its end.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { makeFiberModule } from "./internal/dispatch/fiberModule.ts"
import { makeFiberPool } from "./internal/dispatch/fiberPool.ts"
import type {
  ContextOptions,
  InvalidOption,
  MetricsOptions,
  Module,
  ModuleHooks,
  Pool,
  ServiceClass,
  SizeOptions,
  WorkerStartFailed
} from "./Pool.ts"

/**
 * `carry`: references that handlers find as their caller's fiber has them, also where the layer of the handlers has values
 * of its own for them. Logs, the span and the log annotations are always the caller's.
 *
 * @since 0.1.0
 */
export interface Options extends SizeOptions, MetricsOptions, Pick<ContextOptions, "carry"> {}

/** @since 0.1.0 */
export interface ModuleOptions<M = any> extends Options, ModuleHooks<M> {}

/**
 * A pool that runs the tasks of `group` on fibers of this thread, with the handlers that are in its context
 * (`Group.toLayer`). Tasks that run when the scope closes are interrupted, and fail with `PoolClosed`.
 *
 * Fails with `InvalidOption` for an option that makes no sense.
 *
 * **Example** (Two at a time)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import assert from "node:assert/strict"
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
 *   const pool = yield* FiberPool.make(Sums, { size: 2 })
 *   return yield* pool.map("Add", [{ a: 1, b: 2 }, { a: 3, b: 4 }])
 * })
 *
 * const handlers = Sums.toLayer({ Add: ({ a, b }) => Effect.succeed(a + b) })
 * const sums = await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers)))
 * assert.deepEqual(sums, [3, 7])
 * ```
 *
 * @since 0.1.0
 */
export const make = <R extends Rpc.Any>(
  group: RpcGroup.RpcGroup<R>,
  options: Options = {}
): Effect.Effect<Pool<R>, InvalidOption, Scope.Scope | Rpc.ToHandler<R> | Rpc.Middleware<R>> =>
  makeFiberPool(group, options)

/**
 * `make` as a layer, for a pool declared with `Pool.Service`. The handlers are asked of the context.
 *
 * @since 0.1.0
 */
export const layer = <Self, const Id extends string, R extends Rpc.Any>(
  service: ServiceClass<Self, Id, R>,
  options?: Options
): Layer.Layer<Self, InvalidOption, Rpc.ToHandler<R> | Rpc.Middleware<R>> =>
  Layer.effect(service, make(service.group, options))

/**
 * The exported functions of a plain module as Effects, run on this thread. `M` is the module's type. Fails with
 * `WorkerStartFailed` when the module can't be imported. A function that throws fails its call with `RemoteError`.
 *
 * **Example** (A function of Node's own)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const zlib = yield* FiberPool.module<typeof import("node:zlib")>(new URL("node:zlib"))
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
): Effect.Effect<Module<M>, WorkerStartFailed | InvalidOption, Scope.Scope> => makeFiberModule<M>(url, options)
