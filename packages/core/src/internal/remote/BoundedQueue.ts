/**
 * What a `Channel` and the two directions of a `Pipe` need of a queue, wherever it is.
 *
 * Patience is in milliseconds: `0` tries, `Infinity` waits.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { EncodeFailed, RemoteError } from "../errors.ts"
import type { Codec } from "./codec.ts"

export interface BoundedQueue<in out A, out E> {
  /** Answers whether the item was accepted before the patience ran out. */
  readonly put: (item: A, patience: number) => Effect.Effect<boolean, E>
  /**
   * Hands the oldest item, or nothing when the patience ran out first, to `deliver`. The item is gone from the queue when
   * that has ended; when it is interrupted the item is back where it was.
   */
  readonly take: <B, F>(
    patience: number,
    deliver: (item: Option.Option<A>) => Effect.Effect<B, F>
  ) => Effect.Effect<B, E | F>
  readonly size: Effect.Effect<number, E>
}

/** Typed items over a queue of bytes. What can't be encoded fails its own put, before it takes a place. */
export const overBytes = <A, E>(
  bytes: BoundedQueue<Uint8Array, E>,
  codec: Codec<A>
): BoundedQueue<A, E | EncodeFailed | RemoteError> => ({
  put: (item, patience) => Effect.flatMap(codec.encode(item), (encoded) => bytes.put(encoded, patience)),
  take: (patience, deliver) =>
    bytes.take(
      patience,
      Option.match({
        onNone: () => deliver(Option.none()),
        onSome: (encoded) => Effect.flatMap(codec.decode(encoded), (item) => deliver(Option.some(item)))
      })
    ),
  size: bytes.size
})
