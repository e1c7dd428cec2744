/**
 * What a `Channel` and the two directions of a `Pipe` need of a queue, wherever it is.
 *
 * Patience is in milliseconds: `0` tries, `Infinity` waits.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Codec } from "./codec.ts"
import type { EncodeFailed, RemoteError } from "./errors.ts"

export interface BoundedQueue<in out A, out E> {
  /** Answers whether the item was accepted before the patience ran out. */
  readonly put: (item: A, patience: number) => Effect.Effect<boolean, E>
  readonly take: (patience: number) => Effect.Effect<Option.Option<A>, E>
  readonly size: Effect.Effect<number, E>
}

/** Typed items over a queue of bytes. What can't be encoded fails its own put, before it takes a place. */
export const overBytes = <A, E>(
  bytes: BoundedQueue<Uint8Array, E>,
  codec: Codec<A>
): BoundedQueue<A, E | EncodeFailed | RemoteError> => ({
  put: (item, patience) => Effect.flatMap(codec.encode(item), (encoded) => bytes.put(encoded, patience)),
  take: (patience) =>
    // Between the take and the end of the decoding the item is nowhere else: an interrupt must not come between.
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        restore(bytes.take(patience)),
        Option.match({
          onNone: () => Effect.succeedNone,
          onSome: (encoded) => Effect.asSome(codec.decode(encoded))
        })
      )
    ),
  size: bytes.size
})
