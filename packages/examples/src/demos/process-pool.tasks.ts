/** What the processes of `process-pool` can be asked to do. */
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

export class Tasks extends RpcGroup.make(
  Rpc.make("LongTimeTask", {
    payload: { name: Schema.Int, seconds: Schema.Number },
    success: Schema.Struct({ name: Schema.Int, pid: Schema.Int, start: Schema.Number, end: Schema.Number })
  })
) {}
