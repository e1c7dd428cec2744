/**
 * The contract between a manager and the processes that share its objects.
 *
 * Keys and values cross as the bytes that their schemas make of them: the server compares and stores them without knowing
 * the types. Every stored value has a version, unique over the manager's life, so that a client can say "only if it is still
 * the one that I read".
 *
 * @internal
 */
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import { EncodeFailed } from "../../errors.ts"
import { IndexOutOfRange } from "./errors.ts"

export const Cell = Schema.Struct({ version: Schema.Int, value: Schema.Uint8Array })

export type Cell = typeof Cell.Type

const entry = Schema.String
const key = Schema.Uint8Array
const value = Schema.Uint8Array
const index = Schema.Int
const ticket = Schema.Int
/** A version that must still be there; `null` asks that nothing is; absent, the write happens whatever is there. */
const expected = Schema.optionalKey(Schema.NullOr(Schema.Int))

export class ManagerRpcs extends RpcGroup.make(
  // Values, namespaces (a key for each field) and dictionaries.
  Rpc.make("Get", { payload: { entry, key }, success: Schema.Option(Cell) }),
  Rpc.make("Set", { payload: { entry, key, value, expected }, success: Schema.Boolean }),
  Rpc.make("CompareAndSet", { payload: { entry, key, expected: value, value }, success: Schema.Boolean }),
  Rpc.make("Add", { payload: { entry, amount: Schema.Number }, success: Schema.Number, error: EncodeFailed }),
  Rpc.make("Delete", { payload: { entry, key }, success: Schema.Boolean }),
  Rpc.make("Size", { payload: { entry }, success: Schema.Int }),
  Rpc.make("Entries", { payload: { entry }, success: Schema.Array(Schema.Struct({ key, value })) }),
  // Lists.
  Rpc.make("At", { payload: { entry, index }, success: Schema.Option(Cell) }),
  Rpc.make("Append", { payload: { entry, value }, success: Schema.Int }),
  Rpc.make("Replace", {
    payload: { entry, index, value, expected: Schema.optionalKey(Schema.Int) },
    success: Schema.Boolean,
    error: IndexOutOfRange
  }),
  Rpc.make("Insert", { payload: { entry, index, value }, error: IndexOutOfRange }),
  Rpc.make("Pop", { payload: { entry }, success: Schema.Option(value) }),
  Rpc.make("Length", { payload: { entry }, success: Schema.Int }),
  Rpc.make("Items", { payload: { entry }, success: Schema.Array(value) }),
  // Locks. Patience is in milliseconds, 0 tries, Infinity waits.
  Rpc.make("Acquire", { payload: { entry, ticket, patience: Schema.Number }, success: Schema.Boolean }),
  Rpc.make("Release", { payload: { entry, ticket } })
) {}

type ManagerRpc = RpcGroup.Rpcs<typeof ManagerRpcs>

export type Tag = ManagerRpc["_tag"]

export type Payload<T extends Tag> = Rpc.Payload<Rpc.ExtractTag<ManagerRpc, T>>

export type Success<T extends Tag> = Rpc.Success<Rpc.ExtractTag<ManagerRpc, T>>

export type Failure<T extends Tag> = Rpc.Error<Rpc.ExtractTag<ManagerRpc, T>>
