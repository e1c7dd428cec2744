/**
 * Two connected endpoints: what one sends, the other receives, in both directions.
 *
 * **When to use**: for a conversation between a program and its worker, or between two workers. An endpoint travels in a
 * task's payload ({@link schema}); when both do, the program that made the pipe relays. For one direction, or many takers, use
 * `Channel`.
 *
 * **Lineage**: `multiprocessing.Pipe` and `socketpair`. What differs: messages are typed; a full direction makes its sender
 * wait; and the end of a conversation has two names. After `close` the other side receives what was sent and then
 * `PipeClosed`; after the death of a process or thread it receives what was sent and then `PeerDied`: at once, without a time-out.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { CallContext } from "./internal/codec/CallContext.ts"
import { endsWithItsCall } from "./internal/codec/handles.ts"
import { EncodeFailed, InvalidOption, RemoteError } from "./internal/errors.ts"
import { count } from "./internal/options.ts"
import { Address } from "./internal/remote/Address.ts"
import { type BoundedQueue, overBytes } from "./internal/remote/BoundedQueue.ts"
import { makeCodec, type Sendable } from "./internal/remote/codec.ts"
import { AuthenticationFailed, type ConnectionLost, onConnectionLost } from "./internal/remote/errors.ts"
import { decodedScope, lazily } from "./internal/remote/handleLifetime.ts"
import { loadClient, loadServer } from "./internal/remote/load.ts"
import { Mailbox } from "./internal/remote/Mailbox.ts"
import { type Ended, EndedSchema, PeerDied, PipeClosed, PipeSide } from "./internal/remote/PipeSide.ts"
import { waitingFor } from "./internal/scope/Member.ts"

export { AuthenticationFailed, EncodeFailed, InvalidOption, PeerDied, PipeClosed, RemoteError }

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Pipe"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Pipe"

/**
 * One end of a pipe.
 *
 * @since 0.1.0
 */
export interface Endpoint<in out Send, in out Receive> {
  readonly [TypeId]: TypeId
  /** Sends a message; waits while the other side has `capacity` messages to receive. */
  readonly send: (message: Send) => Effect.Effect<void, PipeClosed | PeerDied | EndpointError>
  /** The next message. Interrupted while it waits, it loses none. */
  readonly receive: Effect.Effect<Receive, PipeClosed | PeerDied | EndpointError>
  /** Says goodbye: the other side receives what was sent and then `PipeClosed`; here everything fails with it now. */
  readonly close: Effect.Effect<void, PeerDied | EndpointError>
  /** Receives until the other side closes; fails with `PeerDied` if it dies. */
  readonly stream: Stream.Stream<Receive, PeerDied | EndpointError>
}

/**
 * What can go wrong on the way between the processes, besides the end of the conversation.
 *
 * @since 0.1.0
 */
export type EndpointError = EncodeFailed | AuthenticationFailed | RemoteError

/**
 * What an endpoint sends and what it receives.
 *
 * @since 0.1.0
 */
export interface Messages<Send, Receive> {
  readonly send: Sendable<Send>
  readonly receive: Sendable<Receive>
}

/**
 * A pipe, as its two endpoints: the first sends `send` and receives `receive`, the second the other way round. Both end
 * with the scope. `capacity` is how many messages may wait in each direction (16 unless given): fails with `InvalidOption` unless it is a positive integer.
 *
 * Messages are copied: what crosses is what the schemas encode.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipe from "@ropewalk/core/Pipe"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const program = Effect.gen(function* () {
 *   const [here, there] = yield* Pipe.make({ send: Schema.String, receive: Schema.Number })
 *   yield* Effect.forkChild(Effect.flatMap(there.receive, (word) => there.send(word.length)))
 *   yield* here.send("rope")
 *   return yield* here.receive
 * })
 *
 * assert.equal(await Effect.runPromise(Effect.scoped(program)), 4)
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* <Send, Receive>(
  options: Messages<Send, Receive> & {
    readonly capacity?: number | undefined
    readonly key?: string | undefined
    readonly transport?: "unix" | "tcp" | undefined
  }
): Effect.fn.Return<readonly [Endpoint<Send, Receive>, Endpoint<Receive, Send>], InvalidOption, Scope.Scope> {
  const capacity = yield* count("capacity", options.capacity ?? 16)
  const thither = new Mailbox<Uint8Array, Ended>(capacity)
  const hither = new Mailbox<Uint8Array, Ended>(capacity)
  const sides = { here: new PipeSide(thither, hither), there: new PipeSide(hither, thither) }

  const { serveQueue } = yield* loadServer
  const { address } = yield* serveQueue(EndedSchema, (side) => sides[side as keyof typeof sides].attach(), options)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      sides.here.close()
      sides.there.close()
    })
  )

  const local = <S, R>(name: keyof typeof sides, messages: Messages<S, R>): Endpoint<S, R> => {
    const side = sides[name]
    const endpoint = fromQueues(
      messages,
      side.outgoing,
      side.incoming,
      Effect.sync(() => side.close())
    )
    routes.set(endpoint, { handle: { address, side: name }, side })
    return endpoint
  }
  return [local("here", options), local("there", { send: options.receive, receive: options.send })]
})

/**
 * An endpoint as plain data, on its way to another process. It contains the pipe's key.
 *
 * @since 0.1.0
 */
export const Handle = Schema.Struct({ address: Address, side: Schema.Literals(["here", "there"]) })

/**
 * The schema of an endpoint, for a task's payload, seen from who will hold it: `send` is what the task sends.
 *
 * An endpoint that was given to a task ends with the task: closed when it returns, `PeerDied` for the other side when its
 * thread or process dies. Decoded outside of a call it ends with the scope around the decoding.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipe from "@ropewalk/core/Pipe"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const Theirs = Pipe.schema({ send: Schema.Number, receive: Schema.String })
 *
 * const program = Effect.gen(function* () {
 *   const [here, there] = yield* Pipe.make({ send: Schema.String, receive: Schema.Number })
 *   // What a pool does with a payload: plain data leaves, and an endpoint arrives.
 *   const received = yield* Schema.decodeEffect(Theirs)(yield* Schema.encodeEffect(Theirs)(there))
 *   yield* here.send("hello")
 *   return yield* received.receive
 * })
 *
 * assert.equal(await Effect.runPromise(Effect.scoped(program)), "hello")
 * ```
 *
 * @since 0.1.0
 */
export const schema = <Send, Receive>(
  messages: Messages<Send, Receive>
): Schema.Codec<Endpoint<Send, Receive>, typeof Handle.Encoded> =>
  Handle.pipe(
    Schema.decodeTo(
      Schema.declare((u): u is Endpoint<Send, Receive> => isEndpoint(u), {
        identifier: "PipeEndpoint",
        ...endsWithItsCall
      }),
      SchemaTransformation.transformEffect({
        decode: (handle) => Effect.flatMap(decodedScope, (scope) => remote(messages, handle, scope)),
        encode: (endpoint) => send(routes.get(endpoint))
      })
    )
  )

/**
 * Whether a value is an endpoint of a pipe.
 *
 * @since 0.1.0
 */
export const isEndpoint = (u: unknown): u is Endpoint<unknown, unknown> =>
  typeof u === "object" && u !== null && TypeId in u

interface Route {
  readonly handle: typeof Handle.Type
  /** Known where the pipe was made. */
  readonly side?: PipeSide
}

const routes = new WeakMap<object, Route>()

const send = Effect.fnUntraced(function* (route: Route | undefined) {
  if (route === undefined) {
    return yield* Effect.fail(new SchemaIssue.InvalidValue({ message: "This endpoint was not made by Pipe.make." }))
  }
  const call = yield* CallContext
  if (call !== undefined && route.side !== undefined) call.onSettled(route.side.carry())
  return route.handle
})

const remote = Effect.fnUntraced(function* <Send, Receive>(
  messages: Messages<Send, Receive>,
  handle: typeof Handle.Type,
  lifetime: Scope.Scope
) {
  const scope = yield* Scope.make()
  const connection = lazily(
    scope,
    Effect.flatMap(loadClient, ({ connectQueue }) => connectQueue(EndedSchema, handle.address, handle.side))
  )
  let isClosed = false
  const typed = <A, E>(effect: Effect.Effect<A, E | ConnectionLost>): Effect.Effect<A, E | Ended> =>
    onConnectionLost(effect, () => (isClosed ? new PipeClosed() : new PeerDied()))

  const close = Effect.flatMap(connection, (queue) => queue.close)
  // Also an endpoint that was never used says goodbye: nobody else could tell its peer.
  yield* Scope.addFinalizer(
    lifetime,
    Effect.suspend(() => {
      const goodbye = isClosed ? Effect.void : Effect.ignore(close)
      isClosed = true
      return Effect.andThen(goodbye, Scope.close(scope, Exit.void))
    })
  )

  const bytes: BoundedQueue<Uint8Array, Ended | EndpointError> = {
    put: (item, patience) => typed(Effect.flatMap(connection, (queue) => queue.put(item, patience))),
    take: (patience, deliver) => typed(Effect.flatMap(connection, (queue) => queue.take(patience, deliver))),
    size: typed(Effect.flatMap(connection, (queue) => queue.size))
  }
  const endpoint = fromQueues(
    messages,
    bytes,
    bytes,
    Effect.andThen(
      typed(close),
      Effect.sync(() => {
        isClosed = true
      })
    ) as Effect.Effect<void, PeerDied | EndpointError>
  )
  routes.set(endpoint, { handle })
  return endpoint
})

const fromQueues = <Send, Receive>(
  messages: Messages<Send, Receive>,
  outgoing: BoundedQueue<Uint8Array, Ended | EndpointError>,
  incoming: BoundedQueue<Uint8Array, Ended | EndpointError>,
  close: Effect.Effect<void, PeerDied | EndpointError>
): Endpoint<Send, Receive> => {
  const sending = overBytes(outgoing, makeCodec(messages.send))
  const receiving = overBytes(incoming, makeCodec(messages.receive))
  const receive = waitingFor(
    () => "a message of a pipe",
    receiving.take(Number.POSITIVE_INFINITY, (item) => Effect.succeed(Option.getOrThrow(item)))
  )
  return {
    [TypeId]: TypeId,
    send: (message) =>
      waitingFor(() => "room in a pipe", Effect.asVoid(sending.put(message, Number.POSITIVE_INFINITY))),
    receive,
    close,
    stream: Stream.fromEffectRepeat(
      Effect.catchIf(
        receive,
        (error): error is PipeClosed => error._tag === "PipeClosed",
        () => Cause.done()
      )
    )
  }
}
