/**
 * A bounded queue between fibers, threads and processes.
 *
 * **When to use**: to hand work or results from those who make them to those who take them, with backpressure: a put
 * waits while the channel is full. `make` is for the fibers of one thread; `serve` is for every process of the machine,
 * and its channel travels in a task's payload ({@link schema}). For two parties that answer each other, use `Pipe`.
 *
 * **Lineage**: Go's channels for `close`; Python's `queue.Queue` and `multiprocessing.Queue` for the rest. What differs from the
 * latter: an item that can't be encoded fails its own `put`, at once, instead of vanishing in a feeder thread; an interrupted
 * or killed taker loses no item, because a take is a lease until the taker has it; waiters are served first in, first out.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { EncodeFailed, InvalidOption, RemoteError } from "./internal/errors.ts"
import { count } from "./internal/options.ts"
import { Address } from "./internal/remote/Address.ts"
import { type BoundedQueue, overBytes } from "./internal/remote/BoundedQueue.ts"
import { makeCodec, type Sendable } from "./internal/remote/codec.ts"
import { AuthenticationFailed, type ConnectionLost, onConnectionLost } from "./internal/remote/errors.ts"
import { decodedScope, lazily } from "./internal/remote/handleLifetime.ts"
import { loadClient, loadServer } from "./internal/remote/load.ts"
import { Mailbox } from "./internal/remote/Mailbox.ts"
import { waitingFor } from "./internal/scope/Member.ts"
import { InvalidTimeout, timeLimit } from "./internal/sync/timeout.ts"

export { AuthenticationFailed, EncodeFailed, InvalidOption, InvalidTimeout, RemoteError }

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Channel"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Channel"

/**
 * A bounded queue of `A`. `E` is what can go wrong on the way to it: nothing for a channel of this thread, a
 * {@link ServedError} for one that may be in another process.
 *
 * @since 0.1.0
 */
export interface Channel<in out A, out E = never> {
  readonly [TypeId]: TypeId
  /** How many items it holds at most. */
  readonly capacity: number
  /** Adds an item; waits while the channel is full. */
  readonly put: (item: A) => Effect.Effect<void, ChannelClosed | ChannelAbandoned | E>
  /** Adds an item now, or fails with `ChannelFull`. */
  readonly tryPut: (item: A) => Effect.Effect<void, ChannelFull | ChannelClosed | ChannelAbandoned | E>
  /** Adds an item, or fails with `ChannelFull` after the duration, not before. */
  readonly putWithin: (
    item: A,
    duration: Duration.Input
  ) => Effect.Effect<void, ChannelFull | ChannelClosed | ChannelAbandoned | InvalidTimeout | E>
  /**
   * Removes the oldest item; waits while the channel is empty. Interrupted while it waits, it removes nothing.
   *
   * **Gotchas**: as with any effect, an interrupt that arrives just after it has succeeded finds the item taken.
   */
  readonly take: Effect.Effect<A, ChannelClosed | ChannelAbandoned | E>
  /** Removes the oldest item now, or fails with `ChannelEmpty`. */
  readonly tryTake: Effect.Effect<A, ChannelEmpty | ChannelClosed | ChannelAbandoned | E>
  /** Removes the oldest item, or fails with `ChannelEmpty` after the duration, not before. */
  readonly takeWithin: (
    duration: Duration.Input
  ) => Effect.Effect<A, ChannelEmpty | ChannelClosed | ChannelAbandoned | InvalidTimeout | E>
  /** No more puts: waiting and later ones fail with `ChannelClosed`. Takers drain what is there, then fail with it too. */
  readonly close: Effect.Effect<void, ChannelAbandoned | E>
  /** Gives the channel up: its items are dropped, and everybody fails with `ChannelAbandoned` and this cause. */
  readonly abandon: (cause: unknown) => Effect.Effect<void, ChannelAbandoned | E>
  /** How many items wait to be taken. */
  readonly size: Effect.Effect<number, ChannelAbandoned | E>
  /** Takes until the channel is closed and drained. Several streams of one channel share its items. */
  readonly stream: Stream.Stream<A, ChannelAbandoned | E>
}

/**
 * What can go wrong on the way to a channel that may be in another process.
 *
 * @since 0.1.0
 */
export type ServedError = EncodeFailed | AuthenticationFailed | RemoteError

/**
 * A channel that may be in another process: the type a task's handler sees. A channel of `make` is one as well.
 *
 * @since 0.1.0
 */
export type Served<A> = Channel<A, ServedError>

/**
 * There was no room. Put again later, or use `put`, which waits.
 *
 * @since 0.1.0
 */
export class ChannelFull extends Schema.TaggedError<ChannelFull>()("ChannelFull", { capacity: Schema.Int }) {
  override get message(): string {
    return `The channel holds its ${this.capacity} items already. Use put to wait for room, or make it with more capacity.`
  }
}

/**
 * There was no item. Take again later, or use `take`, which waits.
 *
 * @since 0.1.0
 */
export class ChannelEmpty extends Schema.TaggedError<ChannelEmpty>()("ChannelEmpty", {}) {
  override get message(): string {
    return "The channel is empty. Use take to wait for an item."
  }
}

/**
 * The channel was closed: it accepts nothing, and everything that it had accepted has been taken.
 *
 * @since 0.1.0
 */
export class ChannelClosed extends Schema.TaggedError<ChannelClosed>()("ChannelClosed", {}) {
  override get message(): string {
    return "The channel is closed. This is its regular end: stop, or read it with stream, which ends here."
  }
}

/**
 * The channel was given up before its regular end, or its owner is gone. What was in it is lost.
 *
 * @since 0.1.0
 */
export class ChannelAbandoned extends Schema.TaggedError<ChannelAbandoned>()("ChannelAbandoned", {
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `The channel was abandoned: ${String(this.cause)}`
  }
}

/**
 * A channel for the fibers of one thread. Items are handed over by reference.
 *
 * Fails with `InvalidOption` for a capacity that is not a positive integer.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Channel from "@ropewalk/core/Channel"
 * import * as Effect from "effect/Effect"
 * import * as Fiber from "effect/Fiber"
 * import * as Stream from "effect/Stream"
 *
 * const program = Effect.gen(function* () {
 *   const channel = yield* Channel.make<number>({ capacity: 2 })
 *   const sum = yield* Effect.forkChild(Stream.runFold(channel.stream, () => 0, (total, n) => total + n))
 *   yield* Effect.forEach([1, 2, 3, 4], channel.put)
 *   yield* channel.close
 *   return yield* Fiber.join(sum)
 * })
 *
 * assert.equal(await Effect.runPromise(program), 10)
 * ```
 *
 * @since 0.1.0
 */
export const make = <A>(options: { readonly capacity: number }): Effect.Effect<Channel<A>, InvalidOption> =>
  Effect.map(count("capacity", options.capacity), (capacity) => {
    const mailbox = new Mailbox<A, Ended>(capacity)
    return fromQueue<A, never>(mailbox, endOf(mailbox), capacity)
  })

/**
 * A channel for every process of this machine. This process owns it: it lives in its scope, and ends as abandoned for
 * everybody when the scope closes. Items are copied: what crosses is what `item` encodes.
 *
 * Other processes reach it through a task's payload ({@link schema}). `key` is the shared secret of both sides (256 random
 * bits unless given); `transport` is a Unix socket unless the platform has none.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Channel from "@ropewalk/core/Channel"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const Numbers = Channel.schema(Schema.Number)
 *
 * const program = Effect.gen(function* () {
 *   const channel = yield* Channel.serve(Schema.Number, { capacity: 4 })
 *   // What a pool does with a payload: plain data leaves, and a channel arrives.
 *   const sent = yield* Schema.encodeEffect(Numbers)(channel)
 *   const received = yield* Schema.decodeEffect(Numbers)(JSON.parse(JSON.stringify(sent)))
 *   yield* received.put(42)
 *   return yield* channel.take
 * })
 *
 * assert.equal(await Effect.runPromise(Effect.scoped(program)), 42)
 * ```
 *
 * @since 0.1.0
 */
export const serve = Effect.fnUntraced(function* <A>(
  item: Sendable<A>,
  options: {
    readonly capacity: number
    readonly key?: string | undefined
    readonly transport?: "unix" | "tcp" | undefined
  }
): Effect.fn.Return<Served<A>, InvalidOption, Scope.Scope> {
  const mailbox = new Mailbox<Uint8Array, Ended>(yield* count("capacity", options.capacity))
  const end = endOf(mailbox)
  const { serveQueue } = yield* loadServer
  const { address } = yield* serveQueue(
    EndedSchema,
    () => ({
      puts: mailbox,
      takes: mailbox,
      close: () => mailbox.finish(new ChannelClosed()),
      abandon: (cause) => mailbox.abort(new ChannelAbandoned({ cause })),
      onDisconnect: () => {}
    }),
    options
  )
  yield* Effect.addFinalizer(() => end.abandon("the scope that owns the channel has closed"))
  const channel = fromQueue<A, ServedError>(overBytes(mailbox, makeCodec(item)), end, mailbox.capacity)
  handles.set(channel, { address, capacity: mailbox.capacity })
  return channel
})

/**
 * A served channel as plain data, on its way to another process. It contains the channel's key.
 *
 * @since 0.1.0
 */
export const Handle = Schema.Struct({ address: Address, capacity: Schema.Int })

/**
 * The schema of a served channel, for a task's payload: encoded it is a {@link Handle}, decoded a channel again, which
 * connects on first use.
 *
 * The connection belongs to the call that carries the channel; decoded outside of a call, to the scope around the decoding.
 * A channel of `make` can't be encoded: its items are in this thread.
 *
 * **Example**
 *
 * ```ts
 * import * as Channel from "@ropewalk/core/Channel"
 * import * as Effect from "effect/Effect"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Tasks extends RpcGroup.make(
 *   Rpc.make("Greet", { payload: { names: Channel.schema(Schema.String), name: Schema.String } })
 * ) {}
 *
 * export const handlers = Tasks.toLayer({
 *   Greet: ({ names, name }) => Effect.orDie(names.put(`Hello, ${name}`))
 * })
 * ```
 *
 * @since 0.1.0
 */
export const schema = <A>(item: Sendable<A>): Schema.Codec<Served<A>, typeof Handle.Encoded> =>
  Handle.pipe(
    Schema.decodeTo(
      Schema.declare((u): u is Served<A> => isChannel(u), { identifier: "Channel" }),
      SchemaTransformation.transformEffect({
        decode: (handle) => Effect.map(decodedScope, (scope) => remote(item, handle, scope)),
        encode: (channel) => {
          const handle = handles.get(channel)
          return handle === undefined ? Effect.fail(notServed) : Effect.succeed(handle)
        }
      })
    )
  )

/**
 * Whether a value is a channel.
 *
 * @since 0.1.0
 */
export const isChannel = (u: unknown): u is Channel<unknown, unknown> =>
  typeof u === "object" && u !== null && TypeId in u

type Ended = ChannelClosed | ChannelAbandoned

const EndedSchema = Schema.Union([ChannelClosed, ChannelAbandoned])

/** The way from a channel to the data that leads to it. */
const handles = new WeakMap<object, typeof Handle.Type>()

const notServed = new SchemaIssue.InvalidValue({
  message: "This channel belongs to one thread: make it with Channel.serve to send it to another."
})

const remote = <A>(item: Sendable<A>, handle: typeof Handle.Type, scope: Scope.Scope): Served<A> => {
  const connection = lazily(
    scope,
    Effect.flatMap(loadClient, ({ connectQueue }) => connectQueue(EndedSchema, handle.address, "channel"))
  )
  const bytes: BoundedQueue<Uint8Array, Ended | ServedError> = {
    put: (encoded, patience) => ownerGone(Effect.flatMap(connection, (queue) => queue.put(encoded, patience))),
    take: (patience, deliver) => ownerGone(Effect.flatMap(connection, (queue) => queue.take(patience, deliver))),
    size: ownerGone(Effect.flatMap(connection, (queue) => queue.size))
  }
  const channel = fromQueue<A, ServedError>(
    overBytes(bytes, makeCodec(item)),
    {
      close: ownerGone(Effect.flatMap(connection, (queue) => queue.close)),
      abandon: (cause) => ownerGone(Effect.flatMap(connection, (queue) => queue.abandon(cause)))
    },
    handle.capacity
  )
  handles.set(channel, handle)
  return channel
}

const ownerGone = <A, E>(effect: Effect.Effect<A, E | ConnectionLost>): Effect.Effect<A, E | ChannelAbandoned> =>
  onConnectionLost(effect, (cause) => new ChannelAbandoned({ cause }))

interface End<out E> {
  readonly close: Effect.Effect<void, E>
  readonly abandon: (cause: unknown) => Effect.Effect<void, E>
}

const endOf = <A>(mailbox: Mailbox<A, Ended>): End<never> => ({
  close: Effect.sync(() => mailbox.finish(new ChannelClosed())),
  abandon: (cause) => Effect.sync(() => mailbox.abort(new ChannelAbandoned({ cause })))
})

const fromQueue = <A, E>(
  queue: BoundedQueue<A, Ended | E>,
  end: End<ChannelAbandoned | E>,
  capacity: number
): Channel<A, E> => {
  const forRoom = <B, F>(put: Effect.Effect<B, F>) => waitingFor(() => `room in a channel of ${capacity}`, put)
  const forItem = <B, F>(take: Effect.Effect<B, F>) => waitingFor(() => `an item of a channel of ${capacity}`, take)
  const putOrFull = (item: A, patience: number) =>
    Effect.flatMap(queue.put(item, patience), (accepted) =>
      accepted ? Effect.void : Effect.fail(new ChannelFull({ capacity }))
    )
  const takeOrEmpty = (patience: number) =>
    queue.take(patience, Option.match({ onNone: empty, onSome: Effect.succeed }))
  const take = forItem(queue.take(forever, (item) => Effect.succeed(Option.getOrThrow(item))))
  return {
    [TypeId]: TypeId,
    capacity,
    put: (item) => forRoom(Effect.asVoid(queue.put(item, forever))),
    tryPut: (item) => putOrFull(item, 0),
    putWithin: (item, duration) =>
      forRoom(Effect.flatMap(patienceOf(duration), (patience) => putOrFull(item, patience))),
    take,
    tryTake: takeOrEmpty(0),
    takeWithin: (duration) => forItem(Effect.flatMap(patienceOf(duration), takeOrEmpty)),
    ...end,
    size: queue.size as Effect.Effect<number, ChannelAbandoned | E>,
    stream: Stream.fromEffectRepeat(
      Effect.catchIf(
        take as Effect.Effect<A, Ended>,
        (error): error is ChannelClosed => error._tag === "ChannelClosed",
        () => Cause.done()
      )
    ) as Stream.Stream<A, ChannelAbandoned | E>
  }
}

const empty = () => Effect.fail(new ChannelEmpty())

const forever = Number.POSITIVE_INFINITY

const patienceOf = (duration: Duration.Input): Effect.Effect<number, InvalidTimeout> =>
  Effect.map(timeLimit(duration), Duration.toMillis)
