import assert from "node:assert/strict"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { CompactDecoder } from "../../../src/internal/codec/compactDecoder.ts"
import { firstTag, Tag } from "../../../src/internal/codec/compactFormat.ts"
import { Link, memories, shaped, start } from "./links.ts"
import { anyValue, carried } from "./values.ts"

const decode = (bytes: ReadonlyArray<number>, decoder = new CompactDecoder()): unknown => {
  const memory = Uint8Array.from(bytes)
  return decoder.decode(Buffer.from(memory.buffer), new DataView(memory.buffer), 0)
}

/** A value or an error, and nothing read past the end. */
const decodeAnything = (decoder: CompactDecoder, source: Buffer, view: DataView, from: number): void => {
  try {
    decoder.decode(source, view, from)
  } catch (thrown) {
    assert.ok(thrown instanceof Error)
  }
  assert.ok(decoder.position <= source.length)
}

const key = (name: string): Array<number> => [Tag.latin1, name.length, ...Buffer.from(name, "latin1")]

it("keys of one character that JSON escapes are what they are, also where V8's JSON.parse mistakes them", () => {
  const names = ["\\", "\n", "\0", "\u0001", '"', "a", "-1", ""]
  for (const one of names) {
    for (const other of names) {
      const keys = [...new Set([one, other])]
      const bytes = [Tag.newShape, 0, keys.length, ...keys.flatMap(key), ...keys.keys()]
      assert.deepEqual(Object.keys(decode(bytes) as object), keys)
    }
  }
})

describe("bytes that are no value are an error that says what is wrong", () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff]
  it.each<[string, Array<number>, string]>([
    ["nothing", [], "ends beyond"],
    ["an unknown tag", [0xff], "unknown kind (255)"],
    ["a cut integer", [Tag.int32, 1, 2, 3], "4 bytes at 1"],
    ["a cut double", [Tag.float64, 1, 2, 3, 4, 5, 6, 7], "8 bytes at 1"],
    ["a cut bigint", [Tag.bigint64, 1], "ends beyond"],
    ["a string without a length", [Tag.latin1], "ends beyond"],
    ["a string with half a length", [Tag.latin1, 0xff, 1, 0], "ends beyond"],
    ["a cut short string", [Tag.latin1, 5, 97], "ends beyond"],
    ["a cut long string", [Tag.latin1, 100, 97], "ends beyond"],
    ["a cut wide string", [Tag.utf16, 2, 97, 0, 98], "ends beyond"],
    ["a string of 4 GiB", [Tag.latin1, ...huge], "ends beyond"],
    ["a wide string of 8 GiB", [Tag.utf16, ...huge], "ends beyond"],
    ["bytes of 4 GiB", [Tag.bytes, ...huge], "ends beyond"],
    ["an array of 4 Gi members", [Tag.array, ...huge], "An array ends beyond"],
    ["4 Gi integers", [Tag.int32Array, ...huge], "ends beyond"],
    ["4 Gi doubles", [Tag.float64Array, ...huge], "ends beyond"],
    ["a table of 4 Gi keys", [Tag.record, ...huge], "ends beyond"],
    ["an array that ends early", [Tag.array, 2, 1], "ends beyond"],
    ["an unknown shape", [Tag.shape, 7], "unknown shape (7)"],
    ["a shape that is told after its use", [Tag.array, 2, Tag.shape, 0, Tag.newShape, 0, 0], "unknown shape (0)"],
    ["a shape of 129 keys", [Tag.newShape, 0, 129], "too many keys (129)"],
    ["a shape with a number as a key", [Tag.newShape, 0, 1, 5, 1], "no string"],
    ["a shape with an array as a key", [Tag.newShape, 0, 1, Tag.array, 0, 1], "more than 16"],
    ["a shape with a key twice", [Tag.newShape, 0, 2, ...key("a"), ...key("a"), 1, 2], "a key twice"],
    ["a table with null as a key", [Tag.record, 1, Tag.null, 1], "no string"],
    ["17 arrays inside each other", [...new Array(17).fill([Tag.array, 1]).flat(), 1], "more than 16"],
    ["arrays without end", new Array(100_000).fill([Tag.array, 1]).flat(), "more than 16"],
    ["tables without end", new Array(100_000).fill([Tag.record, 1, ...key("a")]).flat(), "more than 16"],
    [
      "objects without end",
      [Tag.newShape, 0, 1, ...key("a"), ...new Array(100_000).fill([Tag.shape, 0]).flat()],
      "more than 16"
    ]
  ])("%s", (_, bytes, reason) => {
    assert.throws(
      () => decode(bytes),
      (thrown) => thrown instanceof Error && thrown.message.includes(reason)
    )
  })

  it("every tag that there is not", () => {
    const known = new Set<number>(Object.values(Tag))
    for (let tag: number = firstTag; tag <= 0xff; tag++) {
      if (!known.has(tag)) assert.throws(() => decode([tag, 0, 0, 0, 0, 0, 0, 0, 0]), /unknown kind/)
    }
  })

  it("every value that ends anywhere before its end", () => {
    for (const [name, value] of Object.entries(carried)) {
      const link = new Link()
      const bytes = link.carry(value)
      const read = (length: number) =>
        new CompactDecoder().decode(link.target.subarray(0, start + length), link.view, start)
      // The many beginnings of what is long are alike.
      for (let length = 0; length < bytes; length += 1 + Math.floor(bytes / 300)) {
        assert.throws(() => read(length), /ends beyond/, name)
      }
      read(bytes)
    }
  })
})

it("a table may not set a prototype, nor bring a key twice to any effect but the last", () => {
  const value = decode([Tag.record, 3, ...key("__proto__"), Tag.array, 0, ...key("a"), 1, ...key("a"), 2])
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.entries(value as object)).toEqual([
    ["__proto__", []],
    ["a", 2]
  ])
})

it("a decoder goes on reading where the last value ended", () => {
  const decoder = new CompactDecoder()
  const memory = Uint8Array.from([1, Tag.latin1, 1, 97, Tag.null])
  const source = Buffer.from(memory.buffer)
  const view = new DataView(memory.buffer)
  const values: Array<unknown> = []
  while (values.length < 3) values.push(decoder.decode(source, view, values.length === 0 ? 0 : decoder.position))
  expect(values).toEqual([1, "a", null])
  assert.throws(() => decoder.decode(source, view, decoder.position), /ends beyond/)
})

it("bytes that arrive are a copy", () => {
  const link = new Link()
  link.encode(Uint8Array.of(1, 2, 3))
  const arrived = link.decode() as Uint8Array
  link.target.fill(9)
  expect(arrived).toStrictEqual(Uint8Array.of(1, 2, 3))
  expect(arrived.buffer.byteLength).toBe(3)
})

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const AnyTag = Schema.Literals(Object.values(Tag))

describe.each(Object.entries(memories))("whatever the bytes are, over %s", (_, memory) => {
  it.prop(
    "any bytes, most of them tags or short lengths",
    [
      Arbitrary.array(Arbitrary.schema(Schema.Union([Byte, AnyTag, Schema.Literals([0, 1, 2, 3, 0xff])])), {
        maxLength: 200
      })
    ],
    ([bytes]) => {
      const { decoder, target, view } = new Link(memory())
      target.fill(0xff)
      target.set(bytes, target.length - bytes.length)
      decodeAnything(decoder, target, view, target.length - bytes.length)
    },
    { arbitrary: { runs: 1000, size: 200 } }
  )

  const Change = Schema.Struct({ at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })), to: Byte })

  it.prop(
    "any message, changed at any places, before and after it was read whole",
    [anyValue, Arbitrary.array(Arbitrary.schema(Change), { minLength: 1, maxLength: 5 })],
    ([value, changes]) => {
      const link = new Link(memory())
      link.carry([value, shaped(1)])
      const end = link.encode([shaped(2), value, shaped(1)])
      for (const { at, to } of changes) link.target[start + (at % (end - start))] = to
      for (const decoder of [link.decoder, new CompactDecoder()]) {
        decodeAnything(decoder, link.target, link.view, start)
        decodeAnything(decoder, link.target.subarray(0, end), link.view, start)
      }
    },
    { arbitrary: { runs: 500 } }
  )
})
