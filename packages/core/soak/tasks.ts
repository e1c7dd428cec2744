/** The tasks of a soak. Every payload carries a token that no other call has, and every answer is made from it. */
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/** What only a worker that was given this payload can answer. */
export const digest = (token: number, salt: number): number => {
  const once = Math.imul(token ^ Math.imul(salt, 0x85ebca6b), 0xc2b2ae35)
  return (once ^ (once >>> 15)) >>> 0
}

/** Encoded and decoded by their schemas: structured clone would lose the classes. */
export class Order extends Schema.Class<Order>("Order")({
  token: Schema.Number,
  placed: Schema.Date,
  note: Schema.Option(Schema.String)
}) {}

export class Receipt extends Schema.Class<Receipt>("Receipt")({
  token: Schema.Number,
  digest: Schema.Number,
  note: Schema.Option(Schema.String)
}) {}

export class Declined extends Schema.TaggedError<Declined>()("Declined", {
  token: Schema.Number,
  digest: Schema.Number
}) {}

const Answer = Schema.Struct({ token: Schema.Number, digest: Schema.Number })

export const unencodable = "this result can't be encoded"

const Unencodable = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Number,
    SchemaTransformation.transform({
      decode: Number,
      encode: () => {
        throw new Error(unencodable)
      }
    })
  )
)

const token = Schema.Number

/** What structured clone refuses. */
const Unsendable = Schema.Literals(["function", "symbol", "promise"])

export const unsendable = {
  function: () => () => 1,
  symbol: () => Symbol("unsendable"),
  promise: () => Promise.resolve(1)
} satisfies Record<typeof Unsendable.Type, () => unknown>

export class SoakTasks extends RpcGroup.make(
  Rpc.make("Mix", { payload: { token, salt: Schema.Number }, success: Answer }),
  Rpc.make("Trade", { payload: { order: Order }, success: Receipt, error: Declined }),
  /** Answers with the bytes in reverse. */
  Rpc.make("Reverse", { payload: { token, bytes: Schema.Uint8Array }, success: Schema.Uint8Array }),
  Rpc.make("Nap", { payload: { token, millis: Schema.Number }, success: Answer }),
  Rpc.make("Work", { payload: { token, micros: Schema.Number }, success: Answer }),
  Rpc.make("Throw", { payload: { token, what: Schema.Literals(["error", "null", "undefined"]) } }),
  Rpc.make("Carry", { payload: { token, value: Schema.Unknown } }),
  Rpc.make("AnswerUnsendable", { payload: { token, what: Unsendable }, success: Schema.Unknown }),
  Rpc.make("AnswerUnencodable", { payload: { token }, success: Unencodable }),
  /** These three never answer: one heeds an interrupt, one does not, one does not even yield. */
  Rpc.make("Wait", { payload: { token } }),
  Rpc.make("Resist", { payload: { token } }),
  Rpc.make("Spin", { payload: { token } }),
  Rpc.make("Exit", { payload: { token, code: Schema.Number } }),
  /** Never answers: what it left in the event loop ends the worker. */
  Rpc.make("ThrowOutside", { payload: { token, how: Schema.Literals(["error", "reject", "null", "undefined"]) } }),
  /** Answers, and leaves the same behind: whoever runs next on that worker is hit. */
  Rpc.make("LeaveBomb", { payload: { token, how: Schema.Literals(["error", "reject"]) }, success: Answer }),
  Rpc.make("FillHeap", { payload: { token } })
) {}
