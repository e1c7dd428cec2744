import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import { quickConstruct, unsure } from "../../../src/internal/codec/quickConstruct.ts"

const Plain = Schema.Struct({
  id: Schema.Number,
  name: Schema.optionalKey(Schema.String),
  tags: Schema.Array(Schema.NullOr(Schema.Literals(["a", "b"]))),
  inner: Schema.Struct({ big: Schema.BigInt, any: Schema.Unknown, maybe: Schema.optional(Schema.Boolean) }),
  bytes: Schema.Uint8Array
})

const bytes = new Uint8Array([1])
const fine = { id: 1, name: "n", tags: ["a", null], inner: { big: 1n, any: [bytes], maybe: true }, bytes }

const parse = (schema: Schema.Top, input: unknown) =>
  Effect.runSyncExit(SchemaParser.makeEffect(schema)(input) as Effect.Effect<unknown, unknown>)

const quick = (schema: Schema.Top, input: unknown): unknown => quickConstruct(schema.ast)?.(input) ?? unsure

describe("what it answers is what the parser would", () => {
  it.each<[string, unknown, "sure" | "unsure"]>([
    ["all of it", fine, "sure"],
    ["optional keys left out", { ...fine, name: undefined, inner: { big: 1n, any: undefined } }, "unsure"],
    ["in another order", { bytes, tags: ["a"], name: "n", inner: { maybe: true, any: 1, big: 1n }, id: 1 }, "sure"],
    ["in another order, without an optional key", { bytes, tags: ["b"], inner: fine.inner, id: 2 }, "sure"],
    ["in another order, with a key too many", { other: 1, ...fine }, "unsure"],
    ["in another order, with a key missing", { bytes, name: "n", inner: fine.inner, id: 1 }, "unsure"],
    ["without its last key", { id: 1, name: "n", tags: [], inner: fine.inner }, "unsure"],
    ["without an optional key", { id: 1, tags: [], inner: { big: 2n, any: 1 }, bytes }, "sure"],
    ["undefined where it is allowed", { ...fine, inner: { big: 2n, any: 1, maybe: undefined } }, "sure"],
    ["a key too many", { ...fine, other: 1 }, "unsure"],
    ["a key too many, and one too few", { ...fine, tags: undefined, other: 1 }, "unsure"],
    ["a key missing", { ...fine, id: undefined }, "unsure"],
    ["a nested key too many", { ...fine, inner: { ...fine.inner, other: 1 } }, "unsure"],
    ["a wrong type", { ...fine, id: "1" }, "unsure"],
    ["a wrong literal", { ...fine, tags: ["c"] }, "unsure"],
    ["an array with a hole", { ...fine, tags: new Array(1) }, "unsure"],
    ["an instance of a class", Object.assign(new (class A {})(), fine), "unsure"],
    ["inherited keys", Object.create(fine), "unsure"],
    ["an array", [], "unsure"],
    ["null", null, "unsure"],
    ["a number", 1, "unsure"]
  ])("%s", (_, input, expected) => {
    const made = quick(Plain, input)
    expect(made === unsure ? "unsure" : "sure").toBe(expected)
    if (made !== unsure) expect(Exit.succeed(made)).toStrictEqual(parse(Plain, input))
  })

  it("a copy, down to what the schema does not look into", () => {
    const made = quick(Plain, fine) as typeof fine
    expect(made).not.toBe(fine)
    expect(made.inner).not.toBe(fine.inner)
    expect(made.tags).not.toBe(fine.tags)
    expect(made.bytes).toBe(bytes)
  })
})

it.each<[string, Schema.Top]>([
  ["a check", Schema.Struct({ a: Schema.Int })],
  ["a check of the whole", Schema.Struct({ a: Schema.Number }).check(Schema.makeFilter(() => true))],
  ["a default", Schema.Struct({ a: Schema.Number.pipe(Schema.withConstructorDefault(Effect.succeed(1))) })],
  ["a transformation", Schema.Struct({ a: Schema.NumberFromString })],
  ["a class", Schema.Struct({ a: class A extends Schema.Class<A>("A")({ b: Schema.Number }) {} })],
  ["a record", Schema.Record(Schema.String, Schema.Number)],
  ["a tuple", Schema.Tuple([Schema.Number])],
  ["a union of structs", Schema.Union([Schema.Struct({ a: Schema.Number }), Schema.Struct({ b: Schema.Number })])],
  ["a key that every object has", Schema.Struct({ toString: Schema.String })]
])("%s is left to the parser", (_, schema) => {
  expect(quickConstruct(schema.ast)).toBeUndefined()
})
