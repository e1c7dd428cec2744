/**
 * The contract by which other processes reach the mailboxes of a `Channel` or a `Pipe`.
 *
 * A take is two calls: `Take` leases an item under a ticket, and `Commit` follows as soon as the client has it. `Cancel`
 * settles a take that was interrupted: whether it was still in line, or its answer was on the way, the item is the
 * owner's again.
 *
 * @internal
 */
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

const ticket = Schema.Int

export const queueRpcs = <E>(ended: Schema.Codec<E, unknown>) =>
  RpcGroup.make(
    /** The first call on a connection: which party of the queue it is. */
    Rpc.make("Attach", { payload: { party: Schema.String } }),
    Rpc.make("Put", {
      payload: { ticket, item: Schema.Uint8Array, patience: Schema.Number },
      success: Schema.Boolean,
      error: ended
    }),
    Rpc.make("Take", {
      payload: { ticket, patience: Schema.Number },
      success: Schema.Option(Schema.Uint8Array),
      error: ended
    }),
    Rpc.make("Commit", { payload: { ticket } }),
    Rpc.make("Cancel", { payload: { ticket } }),
    Rpc.make("Size", { success: Schema.Int, error: ended }),
    Rpc.make("Close"),
    Rpc.make("Abandon", { payload: { cause: Schema.Defect() } })
  )
