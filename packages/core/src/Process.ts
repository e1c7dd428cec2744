/**
 * One child process for one task.
 *
 * **When to use**
 *
 * For work that has a process of its own: a long-lived service, a task with its own memory limit, something to be watched,
 * signalled and joined. For many small tasks take `ProcessPool`, which starts its processes once.
 *
 * **Details**
 *
 * The process starts when it is made, runs its task, and ends. One that nobody has joined ends with its scope: its handler
 * is interrupted, and after `grace` it gets SIGTERM, and then SIGKILL. It also ends when the parent is killed.
 *
 * Lineage: Python's `multiprocessing.Process`. Different from it: `join` gives the task's result or its typed error, and
 * a process can't be forgotten.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { type Dedicated, startFunctionOn, startTaskOn } from "./internal/dispatch/dedicated.ts"
import { type Joinable, joinableOf } from "./internal/dispatch/Joinable.ts"
import { onProcesses } from "./internal/dispatch/onProcesses.ts"
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
  ProcessOptions,
  RemoteError,
  RunArguments,
  TaskTag,
  WorkerStartFailed
} from "./Pool.ts"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Process"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Process"

/**
 * How a process ended: with a code of its own, or by a signal.
 *
 * @since 0.1.0
 */
export interface ExitStatus {
  readonly code: number | undefined
  readonly signal: string | undefined
}

/**
 * A running process.
 *
 * @since 0.1.0
 */
export interface Process<out A, out E> extends Joinable<A, E> {
  readonly [TypeId]: TypeId
  /** Kept after the process has ended. */
  readonly pid: number
  /** Waits for the process's end. */
  readonly exit: Effect.Effect<ExitStatus>
  /** Sends a signal, SIGTERM by default, and returns at once; `exit` tells what became of it. */
  readonly kill: (signal?: NodeJS.Signals) => Effect.Effect<void>
}

/** @since 0.1.0 */
export interface Options extends ProcessOptions, HandlersOptions {}

/**
 * Starts a process for one task of a group.
 *
 * Fails with `EncodeFailed` when the payload does not fit its schema, with `WorkerStartFailed` when the worker file is
 * missing or broken, with `InvalidOption` for an option that makes no sense. What happens to the task shows in `join`.
 *
 * **Example** (A task in a process of its own)
 *
 * ```ts type-only
 * import * as Process from "@ropewalk/core/Process"
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
 *   const child = yield* Process.start(Sums, "Add", { a: 1, b: 2 }, { worker: new URL("./worker.ts", import.meta.url) })
 *   return [yield* child.join, yield* child.exit] as const
 * })
 *
 * Effect.runPromise(Effect.scoped(program)).then(console.log) // [3, { code: 0, signal: undefined }]
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
  Process<Rpc.Success<Rpc.ExtractTag<R, Tag>>, Rpc.Error<Rpc.ExtractTag<R, Tag>> | PoolError>,
  EncodeFailed | WorkerStartFailed | InvalidOption,
  Scope.Scope | Rpc.ServicesClient<Rpc.ExtractTag<R, Tag>>
> =>
  Effect.gen(function* () {
    const transport = yield* onProcesses("group", options.worker, tag, options)
    return register(yield* startTaskOn(transport, group, tag, payload, { ...options, name: options.name ?? tag }))
  })

/**
 * Starts a process for one call of an exported function of a plain module: no schema, no worker file. `M` is the module's
 * type. What the function throws is a `RemoteError` in `join`.
 *
 * **Example** (A function of Node's own, in a process of its own)
 *
 * ```ts
 * import * as Process from "@ropewalk/core/Process"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const child = yield* Process.startFunction<typeof import("node:os"), "getPriority">(new URL("node:os"), "getPriority", [])
 *   assert.notEqual(child.pid, process.pid)
 *   assert.equal(typeof (yield* child.join), "number")
 *   assert.deepEqual(yield* child.exit, { code: 0, signal: undefined })
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
  options: ProcessOptions = {}
): Effect.Effect<
  Process<
    ModuleSuccess<ReturnType<FunctionOf<M, Name>>>,
    ModuleError<ReturnType<FunctionOf<M, Name>>> | RemoteError | PoolError
  >,
  EncodeFailed | WorkerStartFailed | InvalidOption,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const transport = yield* onProcesses("module", url, name, options)
    return register(yield* startFunctionOn(transport, name, args, { ...options, name: options.name ?? name }))
  })

/** The processes that were started by `start` or `startFunction`, until they have ended. */
const started = new Map<Process<unknown, unknown>, Dedicated>()

/**
 * The processes of this program that are alive; those of pools are not among them.
 *
 * @since 0.1.0
 */
export const active: Effect.Effect<ReadonlyArray<Process<unknown, unknown>>> = Effect.sync(() =>
  Array.from(started)
    .filter(([, dedicated]) => dedicated.isAlive())
    .map(([self]) => self)
)

const register = <A, E>(dedicated: Dedicated): Process<A, E> => {
  const self: Process<unknown, unknown> = {
    [TypeId]: TypeId,
    ...joinableOf(dedicated),
    pid: dedicated.id,
    exit: Effect.map(dedicated.exit, ({ code, signal }) => ({ code, signal })),
    kill: (signal = "SIGTERM") => dedicated.kill(signal)
  }
  started.set(self, dedicated)
  dedicated.onGone(() => started.delete(self))
  return self as Process<A, E>
}
