/**
 * The client's side of `queueRpcs`: a queue that is in another process.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type { Address } from "./Address.ts"
import type { BoundedQueue } from "./BoundedQueue.ts"
import { connect } from "./connect.ts"
import { type ConnectionLost, type RemoteError, typedCall } from "./errors.ts"
import { queueRpcs } from "./queueRpcs.ts"

export interface RemoteQueue<E> extends BoundedQueue<Uint8Array, E | ConnectionLost | RemoteError> {
  readonly close: Effect.Effect<void, ConnectionLost | RemoteError>
  readonly abandon: (cause: unknown) => Effect.Effect<void, ConnectionLost | RemoteError>
}

export const connectQueue = Effect.fnUntraced(function* <E>(
  ended: Schema.Codec<E, unknown>,
  address: Address,
  party: string
) {
  const scope = yield* Effect.scope
  const client = yield* connect(queueRpcs(ended), address)
  yield* typedCall(client.Attach({ party }))
  let nextTicket = 0

  /** Once an interrupted call has returned, the owner does nothing for it any more. */
  const cancellable = <A, F>(ticket: number, call: Effect.Effect<A, F>) =>
    Effect.onInterrupt(call, () => Effect.ignore(typedCall(client.Cancel({ ticket }))))

  const queue: RemoteQueue<E> = {
    put: (item, patience) =>
      Effect.suspend(() => {
        const ticket = nextTicket++
        return cancellable(ticket, typedCall(client.Put({ ticket, item, patience })))
      }),
    take: (patience) =>
      Effect.suspend(() => {
        const ticket = nextTicket++
        return Effect.onExit(cancellable(ticket, typedCall(client.Take({ ticket, patience }))), (exit) =>
          // On its way before the caller sees the item: if this process dies next, the item counts as taken.
          Exit.isSuccess(exit) && Option.isSome(exit.value)
            ? Effect.forkIn(Effect.ignoreCause(client.Commit({ ticket })), scope, { startImmediately: true })
            : Effect.void
        )
      }),
    size: typedCall(client.Size()),
    close: typedCall(client.Close()),
    abandon: (cause) => typedCall(client.Abandon({ cause }))
  }
  return queue
})
