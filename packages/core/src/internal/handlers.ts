/**
 * The handlers of a group, as `Group.toLayer` gives them, ready to be called by tag.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Headers from "effect/http/Headers"
import type * as Queue from "effect/Queue"
import * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcMessage from "effect/rpc/RpcMessage"
import * as RpcSchema from "effect/rpc/RpcSchema"
import * as Stream from "effect/Stream"
import type { Emit } from "./stream/effects.ts"

export interface Handler {
  readonly rpc: Rpc.AnyWithProps
  readonly isStream: boolean
  /** Everything the handler needs but its scope. */
  readonly context: Context.Context<never>
  /**
   * Calls the handler: what it returns runs inside the group's middlewares, in a scope that ends with it. An `Exit` comes
   * back as it is when there is nothing to run around it. Throws when the handler does.
   */
  readonly call: (payload: unknown) => Effect.Effect<unknown, unknown>
  /** Calls a handler that answers with a stream, and gives its elements away: inside the middlewares, in a scope, as `call`. */
  readonly stream: (payload: unknown, emit: Emit) => Effect.Effect<unknown, unknown>
}

type Middleware = (effect: Effect.Effect<unknown, unknown>, options: object) => Effect.Effect<unknown, unknown>

export const handlersOf = <R extends Rpc.Any>(
  group: RpcGroup.RpcGroup<R>,
  context: Context.Context<any>
): ReadonlyMap<string, Handler> =>
  new Map(Array.from(group.requests, ([tag, rpc]) => [tag, handlerOf(rpc as unknown as Rpc.AnyWithProps, context)]))

const handlerOf = (rpc: Rpc.AnyWithProps, context: Context.Context<any>): Handler => {
  const entry = Context.getUnsafe(context, { key: rpc.key } as Context.Key<unknown, Rpc.Handler<string>>)
  const merged = Context.merge(context, entry.context)
  const middlewares = Array.from(
    rpc.middlewares,
    (service) => Context.getUnsafe(merged, service) as unknown as Middleware
  )
  const client = new Rpc.ServerClient(0)
  let requests = 0
  const optionsOf = () => ({ rpc, client, requestId: RpcMessage.RequestId(requests++), headers: Headers.empty })
  return {
    rpc,
    isStream: RpcSchema.isStreamSchema(rpc.successSchema),
    context: merged,
    stream: (payload, emit) => {
      const options = optionsOf()
      let effect: Effect.Effect<unknown, unknown> = Effect.suspend(() =>
        Stream.runForEachArray(streamOf(Rpc.unwrap(entry.handler(payload, options) as object)), emit)
      )
      for (const middleware of middlewares) effect = middleware(effect, { ...options, payload })
      return Effect.scoped(effect)
    },
    call: (payload) => {
      const options = optionsOf()
      const returned = Rpc.unwrap(entry.handler(payload, options) as object) as Effect.Effect<unknown, unknown>
      if (middlewares.length === 0 && Exit.isExit(returned) && !isDeferredExit(returned)) return returned
      let effect: Effect.Effect<unknown, unknown> = Effect.flatMap(returned, (value) =>
        Deferred.isDeferred(value)
          ? Deferred.await(value as Deferred.Deferred<unknown, unknown>)
          : Effect.succeed(value)
      )
      for (const middleware of middlewares) effect = middleware(effect, { ...options, payload })
      return Effect.scoped(effect)
    }
  }
}

/** A handler may answer with a queue instead, from which it will hand its elements out. */
const streamOf = (returned: unknown): Stream.Stream<unknown, unknown> =>
  Stream.isStream(returned)
    ? (returned as Stream.Stream<unknown, unknown>)
    : Stream.unwrap(
        Effect.map(returned as Effect.Effect<Queue.Dequeue<unknown, unknown>, unknown>, (queue) =>
          Stream.fromQueue(queue)
        )
      )

const isDeferredExit = (exit: Exit.Exit<unknown, unknown>): boolean =>
  exit._tag === "Success" && Deferred.isDeferred(exit.value)
