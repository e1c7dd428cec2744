/** What the threads of `thread-pool` can be asked to do. */
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import { FetchError } from "../FetchError.ts"

export class Requests extends RpcGroup.make(
  Rpc.make("MyRequest", { payload: { url: Schema.String }, success: Schema.Int, error: FetchError })
) {}
