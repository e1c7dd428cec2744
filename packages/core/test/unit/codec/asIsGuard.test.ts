import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { asIsGuard } from "../../../src/internal/codec/asIsGuard.ts"

describe("asIsGuard", () => {
  it("tells what needs nothing to be done", () => {
    const fits: ReadonlyArray<[Schema.Top, ReadonlyArray<unknown>, ReadonlyArray<unknown>]> = [
      [Schema.Number, [0, -0, 1.5, Number.NaN], ["1", null, undefined, 1n, {}]],
      [Schema.Int, [1], [1.5, Number.NaN, "1"]],
      [Schema.String, ["", "a"], [1, new String("a")]],
      [Schema.NonEmptyString, ["a"], [""]],
      [Schema.Boolean, [true], [0]],
      [Schema.BigInt, [1n], [1]],
      [Schema.Literals(["a", "b"]), ["a"], ["c"]],
      [Schema.NullOr(Schema.Number), [null, 1], [undefined]],
      [Schema.Array(Schema.Int), [[], [1]], [[1.5], 1]],
      [Schema.Tuple([Schema.Number, Schema.String]), [[1, "a"]], [["a", 1], [1]]]
    ]
    for (const [schema, good, bad] of fits) {
      const guard = asIsGuard(schema)
      for (const value of good) assert.isTrue(guard(value), `${schema.ast._tag} ${String(value)}`)
      for (const value of bad) assert.isFalse(guard(value), `${schema.ast._tag} ${String(value)}`)
    }
  })

  it("leaves to the parser what it makes something of, or has to encode", () => {
    class Point extends Schema.Class<Point>("Point")({ x: Schema.Number }) {}
    const withDefault = Schema.Number.pipe(Schema.withConstructorDefault(Effect.succeed(7)))
    const values: ReadonlyArray<[Schema.Top, unknown]> = [
      [Schema.Struct({ x: Schema.Number }), { x: 1, surplus: 2 }],
      [Schema.Struct({ x: withDefault }), { x: 1 }],
      [Point, new Point({ x: 1 })],
      [Schema.Array(Point), []],
      [Schema.Union([Schema.Number, Point]), 1],
      [Schema.Date, new Date(0)],
      [Schema.Option(Schema.Number), 1],
      [Schema.FiniteFromString, 1],
      [Schema.Unknown, 1]
    ]
    for (const [schema, value] of values) assert.isFalse(asIsGuard(schema)(value), schema.ast._tag)
  })
})
