import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { toCloneCodec } from "../../../src/internal/codec/cloneCodec.ts"
import { carriedAsIs, encoded, Point, PointTree, Refused } from "./schemas.ts"
import { converterOf, cross } from "./wires.ts"

const same = (left: unknown, right: unknown): boolean => isDeepStrictEqual(left, right) || Equal.equals(left, right)

const encode = (schema: Schema.Top, value: unknown) => converterOf(schema).encode(value)

describe("a schema that structured clone carries whole has no codec", () => {
  it.each(Object.entries(carriedAsIs))("%s", (_, schema) => {
    expect(toCloneCodec(schema)).toBeUndefined()
  })
})

describe("a schema with something to encode has one", () => {
  it.each(Object.entries(encoded))("%s", (_, schema) => {
    expect(toCloneCodec(schema)).toBeDefined()
  })
})

describe("any value of the schema arrives as it was, on both wires", () => {
  for (const [name, schema] of Object.entries({ ...carriedAsIs, ...encoded })) {
    it.effect.prop(
      name,
      [schema as Schema.Schema<unknown>],
      ([value]) => Effect.map(cross(schema, value), (arrived) => arrived.every((copy) => same(copy, value))),
      { arbitrary: { runs: 30, size: 6 } }
    )
  }
})

describe("what is encoded", () => {
  it.effect("only the class: bytes stay bytes, dates dates, maps maps", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array([1, 2, 3])
      const at = new Date(0)
      const schema = Schema.Struct({
        bytes: Schema.Uint8Array,
        at: Schema.Date,
        big: Schema.BigInt,
        names: Schema.ReadonlyMap(Schema.String, Schema.Uint8Array),
        point: Schema.Option(Point)
      })
      const value = {
        bytes,
        at,
        big: 1n,
        names: new Map([["a", bytes]]),
        point: Option.some(new Point({ x: 1, y: 2 }))
      }
      const wire = yield* encode(schema, value)
      expect(wire).toStrictEqual({ ...value, point: { _tag: "Some", value: { x: 1, y: 2 } } })
    })
  )

  it.effect("bytes inside of a class, an error, an option and a map of classes: never base64", () =>
    Effect.gen(function* () {
      class Blob extends Schema.Class<Blob>("Blob")({ bytes: Schema.Uint8Array }) {}
      class Broken extends Schema.TaggedError<Broken>()("Broken", { bytes: Schema.Uint8Array }) {}
      const bytes = new Uint8Array([1, 2, 3])
      const schema = Schema.Struct({
        map: Schema.ReadonlyMap(Schema.String, Blob),
        error: Broken,
        option: Schema.Option(Schema.Uint8Array)
      })
      const blob = new Blob({ bytes })
      const wire = yield* encode(schema, {
        map: new Map([["a", blob]]),
        error: new Broken({ bytes }),
        option: Option.some(bytes)
      })
      expect(wire).toStrictEqual({
        map: new Map([["a", { bytes }]]),
        error: { _tag: "Broken", bytes },
        option: { _tag: "Some", value: bytes }
      })
    })
  )

  it.effect("a key that is missing stays missing, one that is undefined stays undefined", () =>
    Effect.gen(function* () {
      const schema = Schema.Struct({ a: Schema.optionalKey(Point), b: Schema.optional(Point) })
      for (const value of [{}, { b: undefined }]) {
        expect(yield* encode(schema, value)).toStrictEqual(value)
        for (const arrived of yield* cross(schema, value)) expect(arrived).toStrictEqual(value)
      }
    })
  )

  it.effect("classes come back with their methods, errors as errors", () =>
    Effect.gen(function* () {
      for (const arrived of yield* cross(Point, new Point({ x: 3, y: 4 }))) {
        expect(arrived).toBeInstanceOf(Point)
        expect((arrived as Point).length).toBe(5)
      }
      const refused = new Refused({ code: 1, at: new Date(5), note: Option.some("no") })
      for (const arrived of yield* cross(Refused, refused)) {
        expect(arrived).toBeInstanceOf(Refused)
        expect(arrived).toBeInstanceOf(Error)
        expect(arrived).toMatchObject({ _tag: "Refused", code: 1, at: new Date(5), note: Option.some("no") })
      }
    })
  )

  it.effect("classes at the bottom of a recursive value", () =>
    Effect.gen(function* () {
      const leaf = { value: new Point({ x: 3, y: 4 }), children: [] }
      const tree = {
        value: new Point({ x: 0, y: 0 }),
        children: [{ value: new Point({ x: 1, y: 1 }), children: [leaf] }]
      }
      for (const arrived of yield* cross(PointTree, tree)) {
        expect(arrived).toStrictEqual(tree)
        expect((arrived as typeof tree).children[0]?.children[0]?.value).toBeInstanceOf(Point)
      }
    })
  )

  it.effect("a zone is kept", () =>
    Effect.gen(function* () {
      const zoned = DateTime.makeZonedUnsafe(0, { timeZone: "Europe/Rome" })
      for (const arrived of yield* cross(Schema.DateTimeZoned, zoned)) {
        expect(DateTime.formatIsoZoned(arrived as DateTime.Zoned)).toBe("1970-01-01T01:00:00.000+01:00[Europe/Rome]")
      }
    })
  )

  it.effect("a value that does not fit is refused on its way out", () =>
    Effect.gen(function* () {
      const issue = yield* Effect.flip(encode(Schema.Struct({ point: Point, at: Schema.Date }), { point: {}, at: 1 }))
      expect(issue._tag).toBe("Composite")
    })
  )
})

describe("nothing is lost in silence", () => {
  it.effect("an instance of a class that no schema describes does not arrive as a plain object", () =>
    Effect.gen(function* () {
      class Socket {
        readonly port = 1
      }
      const failed = yield* Effect.exit(
        cross(Schema.Struct({ socket: Schema.instanceOf(Socket) }), { socket: new Socket() })
      )
      expect(failed._tag).toBe("Failure")
      const floats = Schema.instanceOf(Float64Array)
      for (const arrived of yield* cross(floats, new Float64Array([0.5])))
        expect(arrived).toStrictEqual(new Float64Array([0.5]))
    })
  )

  it.effect("a property whose key is a symbol is refused: structured clone would leave it out", () =>
    Effect.gen(function* () {
      const key = Symbol.for("key")
      const schema = Schema.Struct({
        inner: Schema.optional(Schema.Struct({ [key]: Schema.optionalKey(Schema.Number) }))
      })
      const failed = yield* Effect.exit(encode(schema, { inner: { [key]: 1 } }))
      expect(failed._tag).toBe("Failure")
      expect(String(failed)).toContain("symbols")
      const record = yield* Effect.exit(encode(Schema.Record(Schema.Symbol, Schema.Number), { [key]: 1 }))
      expect(record._tag).toBe("Failure")
    })
  )

  it.effect("a symbol is refused", () =>
    Effect.gen(function* () {
      expect((yield* Effect.exit(cross(Schema.Symbol, Symbol.for("a"))))._tag).toBe("Failure")
    })
  )
})
