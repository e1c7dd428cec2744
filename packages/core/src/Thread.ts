/**
 * One worker thread for one task.
 *
 * **When to use**
 *
 * For work that has a thread of its own: a long computation beside the program, something to be watched, joined and stopped.
 * For many small tasks take `ThreadPool`, which starts its threads once; for work that waits, a fiber.
 *
 * **Details**
 *
 * The thread starts when it is made, runs its task, and ends. One that nobody has joined ends with its scope: its handler
 * is interrupted, and after `grace` the thread is terminated.
 *
 * Lineage: Python's `threading.Thread`. Different from it: threads run on all cores, `join` gives the task's result or its
 * typed error, a thread can be stopped, and none can be forgotten.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { type Dedicated, startFunctionOn, startTaskOn } from "./internal/dispatch/dedicated.ts"
import { type Joinable, joinableOf } from "./internal/dispatch/Joinable.ts"
import { onThreads } from "./internal/dispatch/onThreads.ts"
import type {
  EncodeFailed,
  FunctionName,
  FunctionOf,
  HandlersOptions,
  InvalidOption,
  ModuleArguments,
  ModuleError,
  ModuleSuccess,
  PoolError,
  RemoteError,
  RunArguments,
  TaskTag,
  WorkerOptions,
  WorkerStartFailed
} from "./Pool.ts"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Thread"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Thread"

/**
 * A running thread.
 *
 * @since 0.1.0
 */
export interface Thread<out A, out E> extends Joinable<A, E> {
  readonly [TypeId]: TypeId
  /** Node's thread id, kept after the thread has ended. */
  readonly id: number
  /** Waits for the thread's end, and answers with its exit code. */
  readonly exit: Effect.Effect<number>
  /** Terminates the thread without asking its handler; returns when it has ended. No finalizer of the thread runs. */
  readonly kill: Effect.Effect<void>
}

/** @since 0.1.0 */
export interface Options extends WorkerOptions, HandlersOptions {}

/**
 * Starts a thread for one task of a group.
 *
 * Fails with `EncodeFailed` when the payload does not fit its schema, with `WorkerStartFailed` when the worker file is
 * missing or broken, with `InvalidOption` for an option that makes no sense. What happens to the task shows in `join`.
 *
 * **Example** (A task on a thread of its own)
 *
 * ```ts type-only
 * import * as Thread from "@ropewalk/core/Thread"
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
 *   const thread = yield* Thread.start(Sums, "Add", { a: 1, b: 2 }, { worker: new URL("./worker.ts", import.meta.url) })
 *   return yield* thread.joinWithin("1 second")
 * })
 *
 * Effect.runPromise(Effect.scoped(program)).then(console.log) // 3
 * ```
 *
 * @since 0.1.0
 */
export const start = <R extends Rpc.Any, const Tag extends TaskTag<R>>(
  group: RpcGroup.RpcGroup<R>,
  tag: Tag,
  payload: RunArguments<Rpc.ExtractTag<R, Tag>>[0],
  options: Options
): Effect.Effect<
  Thread<Rpc.Success<Rpc.ExtractTag<R, Tag>>, Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError>,
  EncodeFailed | WorkerStartFailed | InvalidOption,
  Scope.Scope | Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
> =>
  Effect.gen(function* () {
    const transport = yield* onThreads("group", options.worker, tag, options)
    return handleOf(yield* startTaskOn(transport, group, tag, payload, { ...options, name: options.name ?? tag }))
  })

/**
 * Starts a thread for one call of an exported function of a plain module: no schema, no worker file. `M` is the module's
 * type. What the function throws is a `RemoteError` in `join`.
 *
 * **Example** (A checksum on a thread)
 *
 * ```ts
 * import * as Thread from "@ropewalk/core/Thread"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const thread = yield* Thread.startFunction<typeof import("node:zlib"), "crc32">(new URL("node:zlib"), "crc32", ["ropewalk"])
 *   assert.equal(yield* thread.join, 9184573)
 *   assert.equal(yield* thread.exit, 0)
 * })
 *
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 *
 * @since 0.1.0
 */
export const startFunction = <M, const Name extends FunctionName<M>>(
  url: URL,
  name: Name,
  args: ModuleArguments<M, Name>,
  options: WorkerOptions = {}
): Effect.Effect<
  Thread<
    ModuleSuccess<ReturnType<FunctionOf<M, Name>>>,
    ModuleError<ReturnType<FunctionOf<M, Name>>> | RemoteError | PoolError
  >,
  EncodeFailed | WorkerStartFailed | InvalidOption,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const transport = yield* onThreads("module", url, name, options)
    return handleOf(yield* startFunctionOn(transport, name, args, { ...options, name: options.name ?? name }))
  })

const handleOf = <A, E>(dedicated: Dedicated): Thread<A, E> => {
  const self: Thread<unknown, unknown> = {
    [TypeId]: TypeId,
    ...joinableOf(dedicated),
    id: dedicated.id,
    exit: Effect.map(dedicated.exit, ({ code }) => code ?? 0),
    kill: dedicated.stop
  }
  return self as Thread<A, E>
}
