/** What the process of `process-queue` can be asked to do: put something in a queue, and change a list. */
import * as Channel from "@ropewalk/core/Channel"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

export const Item = Schema.Array(Schema.Union([Schema.Int, Schema.Null, Schema.String]))

export class Tasks extends RpcGroup.make(
  Rpc.make("F", { payload: { q: Channel.schema(Item), l: Schema.mutable(Schema.Array(Schema.String)) } })
) {}
