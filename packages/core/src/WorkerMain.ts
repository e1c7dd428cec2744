/**
 * What a worker file runs: the handlers of a group, given as `Group.toLayer` gives them.
 *
 * **When to use**
 *
 * In the file that `ThreadPool.make`, `ProcessPool.make`, `Thread.start` or `Process.start` is given as its `worker`. A
 * plain module of functions needs no worker file: see `ThreadPool.module`.
 *
 * **Details**
 *
 * The layer is built once, before the worker takes its first task; it is closed, and its finalizers run, when the worker ends
 * in order (the pool closes or drains, or the worker is idle or worn out: then before its replacement is built) and when the
 * parent dies. A layer that fails makes the pool's start fail with `WorkerStartFailed`.
 *
 * Lineage: the initialiser of Python's `multiprocessing.Pool` and the worker side of Effect's `RpcServer`. Different from
 * both: a layer is taken down as well as built, and a worker that can't be built is a typed error of who starts it.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import { toWireError } from "./internal/codec/wireError.ts"
import { callersTimeLeft } from "./internal/deadline.ts"
import type { ParentLink } from "./internal/transport/Transport.ts"
import { takeLink } from "./internal/worker/boot.ts"
import { runGroup } from "./internal/worker/runGroup.ts"

/**
 * Serves the tasks of `group` with the handlers of `layer`. Call it once, while the worker file loads.
 *
 * **Gotchas**
 *
 * Throws when the file is run by itself and not by a pool: there is nobody to take tasks from. Server-side middleware of
 * the group runs; it has to be in the layer.
 *
 * **Example** (A worker file)
 *
 * ```ts type-only
 * import * as WorkerMain from "@ropewalk/core/WorkerMain"
 * import * as Effect from "effect/Effect"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Sums extends RpcGroup.make(
 *   Rpc.make("Add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number })
 * ) {}
 *
 * WorkerMain.run(Sums, Sums.toLayer({ Add: ({ a, b }) => Effect.succeed(a + b) }))
 * ```
 *
 * @since 0.1.0
 */
export const run = <R extends Rpc.Any, E>(
  group: RpcGroup.RpcGroup<R>,
  layer: Layer.Layer<Rpc.ToHandler<R> | Rpc.Middleware<R>, E>
): void => {
  const link = takeLink()
  if (link === undefined) {
    throw new Error("This is a worker file: give its URL to ThreadPool, ProcessPool, Thread or Process, don't run it")
  }
  const serve = Effect.scoped(Effect.flatMap(Layer.build(layer), (context) => runGroup(link, group, context)))
  Effect.runFork(serve).addObserver((exit) => end(link, exit))
}

/**
 * How much time the task that asks has left: the `timeout` of its call, less what passed until now, zero when it has run out.
 * `None` when its caller set no limit. Asked from a handler, in any place.
 *
 * A task without a limit has what the task has left that called it; one that has both has the smaller.
 *
 * **Gotchas**: it tells, and stops nobody: who set the limit does that. A function of a module pool has no way to ask.
 *
 * **Example** (As many rounds as the time allows)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as WorkerMain from "@ropewalk/core/WorkerMain"
 * import assert from "node:assert/strict"
 * import * as Duration from "effect/Duration"
 * import * as Effect from "effect/Effect"
 * import * as Option from "effect/Option"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Search extends RpcGroup.make(Rpc.make("Plan", { success: Schema.String })) {}
 *
 * const handlers = Search.toLayer({
 *   Plan: () =>
 *     Effect.map(
 *       WorkerMain.remainingTime,
 *       Option.match({
 *         onNone: () => "thorough",
 *         onSome: (left) => (Duration.toSeconds(left) > 30 ? "thorough" : "quick")
 *       })
 *     )
 * })
 *
 * const program = Effect.gen(function* () {
 *   const pool = yield* FiberPool.make(Search)
 *   return [yield* pool.run("Plan"), yield* pool.run("Plan", undefined, { timeout: "10 seconds" })]
 * })
 *
 * assert.deepEqual(await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers))), ["thorough", "quick"])
 * ```
 *
 * @since 0.1.0
 */
export const remainingTime: Effect.Effect<Option.Option<Duration.Duration>> = Effect.map(callersTimeLeft, (left) =>
  left === Number.POSITIVE_INFINITY ? Option.none() : Option.some(Duration.millis(Math.max(0, left)))
)

/** The tasks have ended and the layer is closed; or the layer could not be built. */
const end = (link: ParentLink, exit: Exit.Exit<void, unknown>): void => {
  if (Exit.isFailure(exit)) link.send({ kind: "startFailed", cause: toWireError(Cause.squash(exit.cause)) })
  link.exit(Exit.isSuccess(exit) ? 0 : 1)
}
