/**
 * What is moved with a value because its schema says so, as those of `effect/workers/Transferable` do, or because whoever
 * made it said so (`moves.ts`).
 *
 * @internal
 */
import { isMarkedAsUntransferable } from "node:worker_threads"
import * as Effect from "effect/Effect"
import * as Transferable from "effect/workers/Transferable"
import type { EncodeFailed } from "../errors.ts"
import type { TransferList } from "./moves.ts"
import { exitNow } from "./now.ts"
import type { TaskCodec } from "./taskCodec.ts"

export interface Sendable {
  readonly wire: unknown
  readonly transfer: TransferList | undefined
}

/** A payload, and what is moved with it. */
export const sendable = (
  codec: Pick<TaskCodec, "encodePayload" | "movedWith">,
  payload: unknown
): Effect.Effect<Sendable, EncodeFailed> =>
  Effect.suspend(() =>
    collecting(codec.encodePayload(payload), (wire, collected) => ({
      wire,
      transfer: joined(codec.movedWith(payload), collected)
    }))
  )

/** Runs what encodes something. A schema that has something to move can't be done at once: it asks for its collector. */
export const collecting = <A, B, E, R>(
  encoded: Effect.Effect<A, E, R>,
  f: (wire: A, collected: TransferList | undefined) => B
): Effect.Effect<B, E, R> => {
  if (exitNow(encoded) !== undefined) return Effect.map(encoded, (wire) => f(wire, undefined))
  const collector = Transferable.makeCollectorUnsafe()
  return Effect.map(Effect.provideService(encoded, Transferable.Collector, collector), (wire) =>
    f(wire, movable(collector.readUnsafe() as unknown as TransferList))
  )
}

export const joined = (first: TransferList | undefined, second: TransferList | undefined): TransferList | undefined => {
  if (first === undefined || second === undefined) return first ?? second
  return [...new Set([...first, ...second])]
}

/**
 * A schema names the memory of every value that it encodes: two views may be of the same, one may be of memory that is
 * shared, or of the pool that Node makes small Buffers from. What can't be moved is copied, or stays shared.
 */
const movable = (collected: TransferList): TransferList | undefined => {
  const list = [...new Set(collected)].filter(
    (object) => !((object as object) instanceof SharedArrayBuffer || isMarkedAsUntransferable(object))
  )
  return list.length === 0 ? undefined : list
}
