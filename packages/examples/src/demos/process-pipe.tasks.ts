/** What the processes of `process-pipe` can be asked to do with their end of a pipe. */
import * as Pipe from "@ropewalk/core/Pipe"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

export const Item = Schema.Array(Schema.Union([Schema.Int, Schema.Null, Schema.String]))

const conn = Pipe.schema({ send: Item, receive: Schema.String })

export class Tasks extends RpcGroup.make(
  Rpc.make("F", { payload: { conn } }),
  Rpc.make("Silent", { payload: { conn } })
) {}
