/** What the processes of `process-manager` share, and what they can be asked to do with it. */
import * as Manager from "@ropewalk/core/Manager"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

export class Shared extends Manager.define({
  words: Manager.dictionary(Schema.String, Schema.Int),
  lines: Manager.list(Schema.String)
}) {}

export class Tasks extends RpcGroup.make(
  Rpc.make("CountWords", { payload: { manager: Manager.Address, line: Schema.String } })
) {}
