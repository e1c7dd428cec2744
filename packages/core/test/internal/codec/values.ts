/** Values that the compact codec carries, by what is special about them. */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"

const bare = (entries: object): object => Object.assign(Object.create(null), entries)

const own = (key: string, value: unknown): object =>
  Object.defineProperty({ a: 1 }, key, { value, enumerable: true, configurable: true, writable: true })

const keyed = (count: number, key: (index: number) => string): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [key(index), index]))

/** Arrays and objects inside each other. */
export const nested = (depth: number): unknown => {
  if (depth === 0) return 1
  return depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) }
}

export const carried: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  false: false,
  "0": 0,
  "-0": -0,
  "127": 127,
  "128": 128,
  "-1": -1,
  "2 ** 31 - 1": 2 ** 31 - 1,
  "2 ** 31": 2 ** 31,
  "-(2 ** 31)": -(2 ** 31),
  "0.1": 0.1,
  "the largest number": Number.MAX_VALUE,
  "the smallest number": Number.MIN_VALUE,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "the largest bigint of 64 bits": 2n ** 63n - 1n,
  "the smallest bigint of 64 bits": -(2n ** 63n),
  "an empty string": "",
  "a short string": "abc",
  "a short string of Latin letters": "grüße",
  "a short string of other letters": "€ 漢字 😀",
  "24 characters": "x".repeat(24),
  "25 characters": "x".repeat(25),
  "254 characters": "x".repeat(254),
  "255 characters": "ü".repeat(255),
  "254 wide characters": "漢".repeat(254),
  "255 wide characters": "漢".repeat(255),
  "a long string of Latin letters with one that is none": `${"ü".repeat(1000)}€`,
  "a long string, put together": Array.from({ length: 300 }, (_, index) => `part ${index}`).reduce((a, b) => a + b),
  "halves of surrogate pairs": ["\ud800", "\udc00", "a\ud83d", `${"漢".repeat(30)}\ude00`],
  "all units of one byte": String.fromCharCode(...Array.from({ length: 256 }, (_, unit) => unit)),
  "an empty array": [],
  "an empty object": {},
  "an array of everything": [1, "a", null, undefined, true, 1.5, 2n, [], {}],
  "an array of undefined": [undefined, undefined],
  "an array of integers": [1, -1, 1 << 30],
  "an array of doubles": [0.5, Number.NaN, Number.NEGATIVE_INFINITY],
  "an array of integers and -0": [1, -0, 2],
  "254 numbers": Array.from({ length: 254 }, (_, index) => index),
  "255 numbers": Array.from({ length: 255 }, (_, index) => index / 2),
  "255 strings": Array.from({ length: 255 }, (_, index) => String(index)),
  "an object": { a: 1, b: "two", c: null, d: undefined, e: { f: [1, 2, { g: 3 }] } },
  "keys out of alphabetical order": { z: 1, a: 2, m: 3 },
  "keys that are numbers": { b: 1, 10: "ten", 2: "two", a: 2, "-1": 3, "01": 4 },
  "an empty key": { "": 1 },
  "keys of other letters": { ключ: 1, "\ud800": 2, 鍵: 3 },
  "a key of 64 characters": { ["k".repeat(64)]: 1 },
  "a key of 65 characters": { ["k".repeat(65)]: 1 },
  "an own __proto__": own("__proto__", { b: 2 }),
  "an own __proto__ among many keys": own(
    "__proto__",
    keyed(200, (index) => `k${index}`)
  ),
  "an own __proto__ in a table": Object.defineProperty(
    keyed(200, (index) => `k${index}`),
    "__proto__",
    { value: 1, enumerable: true }
  ),
  "keys that objects inherit": { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: undefined },
  "128 keys": keyed(128, (index) => `k${index}`),
  "129 keys": keyed(129, (index) => `k${index}`),
  "300 keys that are numbers": keyed(300, (index) => String(1000 - index)),
  "no prototype": bare({ a: 1, b: bare({}) }),
  "no prototype, and an inherited name": bare({ constructor: 1 }),
  "a symbol as a key": { a: 1, [Symbol("s")]: 2 },
  "a hidden property": Object.defineProperty({ a: 1 }, "b", { value: 2 }),
  "a hidden property of an array": Object.defineProperty([1], "b", { value: 2 }),
  "a frozen object": Object.freeze({ a: Object.freeze([1]) }),
  "equal objects": [{ a: 1 }, { a: 1 }, { a: 2 }],
  "the same string twice": ["same", "same", { same: "same" }],
  "a match's groups": "ab".match(/(?<first>a)/)?.groups,
  "bytes of their own": new Uint8Array([0, 1, 255]),
  "no bytes": new Uint8Array(0),
  "300 bytes": Uint8Array.from({ length: 300 }, (_, index) => index),
  "a Buffer of its own": Buffer.alloc(5, 7),
  "objects of many shapes": Array.from({ length: 700 }, (_, index) => ({ id: index, [`of${index % 300}`]: {} }))
}

/** Any string that JavaScript can hold. */
const Text = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(Schema.Literals([0x00, 0x61, 0x62, 0xe9, 0xff, 0x100, 0x6f22, 0xd83d, 0xde00, 0xffff])),
    {
      maxLength: 60
    }
  ),
  (units) => String.fromCharCode(...units)
)

const Leaf = Schema.Union([Schema.Undefined, Schema.Null, Schema.Boolean, Schema.Int, Schema.Number, Schema.String])

interface Members {
  readonly [key: string]: Value
}
type Value = typeof Leaf.Type | ReadonlyArray<Value> | Members

const Value: Schema.Codec<Value> = Schema.Union([
  Leaf,
  Schema.Array(Schema.suspend((): Schema.Codec<Value> => Value)),
  Schema.Record(
    Schema.String,
    Schema.suspend((): Schema.Codec<Value> => Value)
  )
])

const Special = Arbitrary.map(Arbitrary.schema(Schema.Literals(["0", "-0", "NaN", "1n"])), (name) =>
  name === "1n" ? 1n : Number(name)
)

/** Any value of JSON and some more, in company of any string, also as a key. */
export const anyValue: Arbitrary.Arbitrary<unknown> = Arbitrary.map(
  Arbitrary.all([Arbitrary.schema(Value), Text, Special]),
  ([value, text, special]) => ({ value, text, [text]: special, list: [special, text, -0] })
)
