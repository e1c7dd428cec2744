/**
 * A pool of fibers for the tasks of a group: the contract of `workerPool.ts`, with the handlers on this thread.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Options } from "../../FiberPool.ts"
import { type InvalidOption, type Pool, type RunOptions, TypeId } from "../../Pool.ts"
import { CallContext, type CarriedCall, carrying } from "../codec/CallContext.ts"
import { type TaskCodec, taskCodec } from "../codec/taskCodec.ts"
import { inheriting } from "../context/inherit.ts"
import { handlersOf } from "../handlers.ts"
import { registerProbed } from "./CallProbe.ts"
import { fiberDispatcher } from "./fiberDispatcher.ts"
import { fiberStream } from "./fiberStream.ts"
import { mapSettledWith, mapWith } from "./mapping/map.ts"
import { mapStreamWith } from "./mapStream.ts"
import { type StreamRunner, type TaskRunner, unfitCall, unknownTask } from "./run.ts"
import { settingsOf } from "./settings.ts"

export const makeFiberPool = <R extends Rpc.Any>(
  group: RpcGroup.RpcGroup<R>,
  options: Options
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
      return carried(codec, payload, dispatcher.run(tag, task, options))
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
          return carried(codec, payload, dispatcher.run(tag, task, options))
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

/** Nothing is encoded here; but a handle in the payload learns by its encoding that it belongs to this call. */
const carried = (
  codec: TaskCodec,
  payload: unknown,
  run: Effect.Effect<unknown, unknown>
): Effect.Effect<unknown, unknown> => {
  if (!codec.carriesHandles) return run
  const carry = (call: CarriedCall) =>
    Effect.andThen(Effect.provideService(codec.encodePayload(payload), CallContext, call), run)
  return Effect.suspend(() => carrying("fiber", carry, () => "returned"))
}
