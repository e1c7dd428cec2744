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
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { CallContext, type CarriedCall, carrying } from "./internal/codec/CallContext.ts"
import { taskCodec } from "./internal/codec/taskCodec.ts"
import { inheriting } from "./internal/context/inherit.ts"
import { registerProbed } from "./internal/dispatch/CallProbe.ts"
import { fiberDispatcher } from "./internal/dispatch/fiberDispatcher.ts"
import { fiberStream } from "./internal/dispatch/fiberStream.ts"
import { mapSettledWith, mapWith } from "./internal/dispatch/mapping/map.ts"
import { mapStreamWith } from "./internal/dispatch/mapStream.ts"
import { methodsOf } from "./internal/dispatch/moduleMethods.ts"
import { type StreamRunner, type TaskRunner, unfitCall, unknownTask } from "./internal/dispatch/run.ts"
import { settingsOf, workerUrl } from "./internal/dispatch/settings.ts"
import { handlersOf } from "./internal/handlers.ts"
import type { Emit } from "./internal/stream/effects.ts"
import {
  type ContextOptions,
  DecodeFailed,
  type InvalidOption,
  type MetricsOptions,
  type Module,
  type ModuleHooks,
  type Pool,
  RemoteError,
  type RunOptions,
  type ServiceClass,
  type SizeOptions,
  TypeId,
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
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const handlers = handlersOf(group, yield* Effect.context<any>())
    const dispatcher = yield* fiberDispatcher(settings, options.metrics)
    const provide = inheriting(options.carry ?? [])
    const run: TaskRunner = (tag, payload, options) => {
      const handler = handlers.get(tag)
      if (handler === undefined) return Effect.fail(unknownTask(tag, group.requests.keys()))
      if (handler.isStream) return Effect.fail(unfitCall(tag, true))
      const codec = taskCodec(handler.rpc)
      const task = provide(handler.context, Effect.flatMap(codec.construct(payload), handler.call))
      if (!codec.carriesHandles) return dispatcher.run(tag, task, options)
      // Nothing is encoded here; but a handle in the payload learns by its encoding that it belongs to this call.
      const carry = (call: CarriedCall) =>
        Effect.andThen(
          Effect.provideService(codec.encodePayload(payload), CallContext, call),
          dispatcher.run(tag, task, options)
        )
      return Effect.suspend(() => carrying("fiber", carry, () => "returned"))
    }
    const stream: StreamRunner = (tag, payload, options) => {
      const handler = handlers.get(tag)
      if (handler === undefined) return Stream.fail(unknownTask(tag, group.requests.keys()))
      if (!handler.isStream) return Stream.fail(unfitCall(tag, false))
      const codec = taskCodec(handler.rpc)
      return fiberStream(
        tag,
        (emit) => {
          const produce = Effect.flatMap(codec.construct(payload), (payload) => handler.stream(payload, emit))
          const task = provide(handler.context, produce)
          const carry = (call: CarriedCall) =>
            Effect.andThen(
              Effect.provideService(codec.encodePayload(payload), CallContext, call),
              dispatcher.run(tag, task, options)
            )
          return codec.carriesHandles ? carrying("fiber", carry, () => "returned") : dispatcher.run(tag, task, options)
        },
        options
      )
    }
    const window = () => 2 * dispatcher.control.capacity
    const pool: Pool<R> = {
      ...dispatcher.control,
      [TypeId]: TypeId,
      place: "fiber",
      get size() {
        return dispatcher.size()
      },
      get capacity() {
        return dispatcher.control.capacity
      },
      group,
      run: run as Pool<R>["run"],
      map: mapWith(run, window) as Pool<R>["map"],
      mapSettled: mapSettledWith(run, window) as Pool<R>["mapSettled"],
      broadcast: ((tag: string, payload?: unknown, options?: RunOptions) =>
        Effect.map(run(tag, payload, options), (result) => [result])) as unknown as Pool<R>["broadcast"],
      stream: stream as unknown as Pool<R>["stream"],
      mapStream: mapStreamWith(run, window) as unknown as Pool<R>["mapStream"]
    }
    return registerProbed(pool, { window: window(), heapLimit: undefined })
  })

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
): Effect.Effect<Module<M>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const { href } = yield* workerUrl("module", url)
    const exports = yield* Effect.tryPromise({
      try: (): Promise<Record<string, unknown>> => import(href),
      catch: (cause) => new WorkerStartFailed({ worker: href, cause, attempts: 1 })
    })
    yield* runHooks(href, exports, options)
    const dispatcher = yield* fiberDispatcher(settings, options.metrics)
    const withFunction = <A>(name: string, use: (target: Callable) => A, otherwise: (error: DecodeFailed) => A): A => {
      const target = exports[name]
      if (typeof target === "function") return use(target as Callable)
      const cause = new Error(`${url.href} exports no function "${name}"`)
      return otherwise(new DecodeFailed({ task: name, what: "payload", path: [], cause }))
    }
    const run = (name: string, args: ReadonlyArray<unknown>, options?: RunOptions): Effect.Effect<unknown, unknown> =>
      withFunction(name, (target) => dispatcher.run(name, callFunction(name, target, args), options), Effect.fail)
    const stream = (name: string, args: ReadonlyArray<unknown>): Stream.Stream<unknown, unknown> =>
      withFunction(
        name,
        (target) =>
          fiberStream(
            name,
            (emit) => dispatcher.run(name, drainFunction(name, target, args, emit), undefined),
            undefined
          ),
        Stream.fail
      )
    return methodsOf<M>(dispatcher.control, {
      method: (name) => ({ run: (args) => run(name, args), stream: (args) => stream(name, args) }),
      map: mapWith(
        (name, input, options) => run(name, [input], options),
        () => 2 * dispatcher.control.capacity
      )
    })
  })

/** The thread of the caller is the one worker: its first task is the pool's, and so is its last. */
const runHooks = (
  worker: string,
  exports: Record<string, unknown>,
  { initialise, teardown }: ModuleHooks<any>
): Effect.Effect<void, WorkerStartFailed, Scope.Scope> => {
  const call = (hook: { readonly call: string; readonly args?: ReadonlyArray<unknown> | undefined } | undefined) =>
    hook === undefined ? Effect.void : callFunction(hook.call, functionOf(exports, hook.call), hook.args ?? [])
  const print = (cause: unknown) => Effect.logError(`The teardown of ${worker} failed`, cause)
  return Effect.asVoid(
    Effect.acquireRelease(
      Effect.catchCause(call(initialise), (cause) =>
        Effect.fail(new WorkerStartFailed({ worker, cause: Cause.squash(cause), attempts: 1 }))
      ),
      () => Effect.catchCause(call(teardown), print)
    )
  )
}

const functionOf = (exports: Record<string, unknown>, name: string): Callable => {
  const target = exports[name]
  return typeof target === "function"
    ? (target as Callable)
    : () => {
        throw new Error(`The module exports no function "${name}"`)
      }
}

type Callable = (...args: ReadonlyArray<unknown>) => unknown

const callFunction = (
  task: string,
  target: Callable,
  args: ReadonlyArray<unknown>
): Effect.Effect<unknown, unknown> => {
  const thrown = (cause: unknown) => RemoteError.thrownBy(task, cause)
  return Effect.flatMap(Effect.try({ try: () => target(...args), catch: thrown }), (returned) =>
    Effect.isEffect(returned)
      ? (returned as Effect.Effect<unknown, unknown>)
      : Effect.tryPromise({ try: async () => returned, catch: thrown })
  )
}

/** Calls a function that answers with many values, and gives them away. */
const drainFunction = (
  task: string,
  target: Callable,
  args: ReadonlyArray<unknown>,
  emit: Emit
): Effect.Effect<unknown, unknown> => {
  const thrown = (cause: unknown) => RemoteError.thrownBy(task, cause)
  const returned = Effect.tryPromise({ try: async () => target(...args), catch: thrown })
  return Effect.flatMap(returned, (value) => {
    if (Stream.isStream(value)) return Stream.runForEachArray(value as Stream.Stream<unknown, unknown>, emit)
    if (isAsyncIterable(value)) return Stream.runForEachArray(Stream.fromAsyncIterable(value, thrown), emit)
    return Effect.fail(thrown(new TypeError(`"${task}" returned no async iterable and no Stream`)))
  })
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value
