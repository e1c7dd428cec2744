/** What the workers of `process-value` can be asked to do: count, with care and without. */
import * as Manager from "@ropewalk/core/Manager"
import * as SharedValue from "@ropewalk/core/SharedValue"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

/** The number that processes share; threads have a `SharedValue`. */
export class Shared extends Manager.define({ counter: Manager.value(Schema.Int, 0) }) {}

const careful = Schema.Boolean
const times = Schema.Int

export class ThreadTasks extends RpcGroup.make(
  Rpc.make("Count", { payload: { counter: SharedValue.schema("int32"), times, careful } })
) {}

export class ProcessTasks extends RpcGroup.make(
  Rpc.make("Count", { payload: { manager: Manager.Address, times, careful } })
) {}
