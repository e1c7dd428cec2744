/**
 * The client's side of `queueRpcs`: a queue that is in another process.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type { RemoteError } from "../errors.ts"
import type { Address } from "./Address.ts"
import type { BoundedQueue } from "./BoundedQueue.ts"
import { connect } from "./connect.ts"
import { type ConnectionLost, cleanUp, typedCall } from "./errors.ts"
import { isInterrupted } from "./Mailbox.ts"
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
  const cancel = (ticket: number) => cleanUp(typedCall(client.Cancel({ ticket })))

  const queue: RemoteQueue<E> = {
    put: (item, patience) =>
      Effect.suspend(() => {
        const ticket = nextTicket++
        return Effect.onInterrupt(typedCall(client.Put({ ticket, item, patience })), () => cancel(ticket))
      }),
    take: (patience, deliver) =>
      Effect.suspend(() => {
        const ticket = nextTicket++
        let received = false
        const delivered = Effect.flatMap(typedCall(client.Take({ ticket, patience })), (item) => {
          received = Option.isSome(item)
          return deliver(item)
        })
        return Effect.onExit(delivered, (exit) => {
          if (isInterrupted(exit)) return cancel(ticket)
          // On its way before the caller goes on: if this process dies next, the item counts as taken.
          return received
            ? Effect.forkIn(Effect.ignoreCause(client.Commit({ ticket })), scope, { startImmediately: true })
            : Effect.void
        })
      }),
    size: typedCall(client.Size()),
    close: typedCall(client.Close()),
    abandon: (cause) => typedCall(client.Abandon({ cause }))
  }
  return queue
})
