/** The same tasks as a group with schemas: for Ropewalk, and for the workers of Effect's own RPC. */
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

/** Half numbers, half short strings: what a row of a table looks like. */
const objectOf = (fields: number) =>
  Schema.Struct(
    Object.fromEntries(
      Array.from({ length: fields }, (_, index) => [`field${index}`, index % 2 === 0 ? Schema.Number : Schema.String])
    )
  )

/** A value that `objectOf(fields)` describes. */
export const sampleObject = (fields: number): Record<string, number | string> =>
  Object.fromEntries(
    Array.from({ length: fields }, (_, index) => [`field${index}`, index % 2 === 0 ? index : `text ${index}`])
  )

const One = objectOf(1)
const Ten = objectOf(10)
const Hundred = objectOf(100)

export class Work extends RpcGroup.make(
  Rpc.make("add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number }),
  Rpc.make("increment", { payload: Schema.Number, success: Schema.Number }),
  Rpc.make("incrementAll", { payload: Schema.Array(Schema.Number), success: Schema.Array(Schema.Number) }),
  Rpc.make("fib", { payload: Schema.Number, success: Schema.Number }),
  Rpc.make("busy", { payload: Schema.Number, success: Schema.Number }),
  Rpc.make("touch", { payload: Schema.Uint8Array, success: Schema.Number }),
  Rpc.make("spin"),
  Rpc.make("echo1", { payload: One, success: One }),
  Rpc.make("echo10", { payload: Ten, success: Ten }),
  Rpc.make("echo100", { payload: Hundred, success: Hundred }),
  Rpc.make("echoText", { payload: Schema.String, success: Schema.String })
) {}
