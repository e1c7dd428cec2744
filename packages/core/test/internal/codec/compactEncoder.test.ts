import assert from "node:assert/strict"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import { overflow, unsupported } from "../../../src/internal/codec/compactEncoder.ts"
import { maxDepth } from "../../../src/internal/codec/compactFormat.ts"
import { assertSame, Link, memories, shaped, start } from "./links.ts"
import { anyValue, carried, nested } from "./values.ts"

describe.each(Object.entries(memories))("over %s", (_, memory) => {
  describe("arrives as structured clone would deliver it", () => {
    it.each(Object.entries(carried))("%s", (_, value) => {
      const link = new Link(memory())
      const first = link.carry(value)
      // The second time the shapes are known.
      expect(link.carry(value)).toBeLessThanOrEqual(first)
      link.carry({ value, after: 1 })
    })

    it("as many inside each other as there may be", () => {
      const link = new Link(memory())
      link.carry(nested(maxDepth))
      link.carry([nested(maxDepth - 1)])
    })

    it("all of them, on one link", () => {
      const link = new Link(memory())
      for (let turn = 0; turn < 3; turn++) for (const value of Object.values(carried)) link.carry(value)
    })
  })

  it.prop("any sequence of values arrives", [Arbitrary.array(anyValue, { minLength: 1, maxLength: 6 })], ([values]) => {
    const link = new Link(memory())
    for (const value of values) link.carry(value)
  })
})

describe("is left to structured clone", () => {
  const same = { a: 1 }
  const cyclic: Record<string, unknown> = { a: 1 }
  cyclic["self"] = cyclic
  const ring: Array<unknown> = [{ a: 1 }]
  ring.push({ ring })
  const memory = new ArrayBuffer(8)
  const detached = new Uint8Array(8)
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  const withHole = (at: number): Array<number> => {
    const array = [1, 2, 3]
    delete array[at]
    return array
  }
  class Point {
    x = 1
  }
  class List extends Array<number> {}

  const refused: Record<string, unknown> = {
    "a function": () => 1,
    "a symbol": Symbol("s"),
    "a bigint of 65 bits": 2n ** 63n,
    "a negative bigint of 65 bits": -(2n ** 63n) - 1n,
    "a date": new Date(0),
    "a regular expression": /a/,
    "a map": new Map([[1, 2]]),
    "a set": new Set([1]),
    "an error": new Error("no"),
    "a promise": Promise.resolve(1),
    "a weak map": new WeakMap(),
    "a boxed number": Object(1),
    "a boxed string": Object("a"),
    "a boxed symbol": Object(Symbol("s")),
    "an instance of a class": new Point(),
    "an object that inherits": Object.create({ a: 1 }),
    "a proxy of an object": new Proxy({ a: 1 }, {}),
    "a proxy of an array": new Proxy([1], {}),
    "an object of another realm": runInNewContext("({ a: 1 })"),
    "an array of another realm": runInNewContext("[1]"),
    "the arguments of a function": (function (..._: Array<number>) {
      // biome-ignore lint/complexity/noArguments: it is what is being tested.
      return arguments
    })(1, 2),
    "the prototype of numbers": Number.prototype,
    "a date in disguise": Object.setPrototypeOf(new Date(0), Object.prototype),
    "an error in disguise": Object.setPrototypeOf(new Error("no"), Object.prototype),
    "raw JSON": (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON("1"),
    globalThis,
    "a hole": withHole(1),
    "a hole at the end": withHole(2),
    "only holes": new Array(3),
    "a hole that a property makes up for": Object.assign(withHole(1), { x: 4 }),
    "an array with a property": Object.assign([1, 2], { x: 3 }),
    "an empty array with a property": Object.assign([], { x: undefined }),
    "what a string matched": "ab".match(/b/),
    "an instance of a subclass of arrays": List.from([1]),
    "what only inherits from arrays": Object.create(Array.prototype),
    "what only inherits from bytes": Object.create(Uint8Array.prototype),
    "an object twice": [same, same],
    "an object twice, at different depths": { same, inner: [{ same }] },
    "an object that contains itself": cyclic,
    "an array that contains itself": ring,
    "more inside each other than there may be": nested(maxDepth + 1),
    "a view of a part of its memory": new Uint8Array(memory, 1, 2),
    "a Buffer of a shared pool": Buffer.from("abc"),
    "two views of one memory": [new Uint8Array(memory), new Uint8Array(memory)],
    "a view of shared memory": new Uint8Array(new SharedArrayBuffer(8)),
    "a view of memory that can grow": new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })),
    "a view of memory that is gone": detached,
    "memory itself": memory,
    "other views": new Uint16Array(2),
    "clamped bytes": new Uint8ClampedArray(2)
  }

  it.each(Object.entries(refused))("%s", (_, value) => {
    const link = new Link()
    expect(link.encode(value)).toBe(unsupported)
    expect(link.encode({ a: { b: [value] } })).toBe(unsupported)
    expect(link.encode([1, { told: value }])).toBe(unsupported)
    // What was refused has told no shapes.
    link.carry([1, { told: 1 }, { a: { b: [] } }])
  })

  it("everything, while every object inherits a key", () => {
    const link = new Link()
    link.carry({ a: 1, b: 2 })
    Object.defineProperty(Object.prototype, "b", { value: 3, enumerable: true, configurable: true, writable: true })
    try {
      expect(link.encode({ a: 1 })).toBe(unsupported)
    } finally {
      Reflect.deleteProperty(Object.prototype, "b")
    }
    link.carry({ a: 1 })
  })

  it("any object that comes twice, however many are between", () => {
    const link = new Link()
    for (const count of [2, 31, 32, 33, 34, 100]) {
      const objects = Array.from({ length: count }, (_, index) => ({ index }))
      link.carry(objects)
      for (const object of objects) expect(link.encode([...objects, object])).toBe(unsupported)
    }
  })

  it("whatever language and platform have, unless it is cloned as a plain object", () => {
    const link = new Link()
    const encode = (value: unknown): number => {
      try {
        return link.encode(value)
      } catch (thrown) {
        // A getter that wants another `this`.
        assert.throws(() => structuredClone(value), thrown as Error)
        return unsupported
      }
    }
    let plain = 0
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      const value = Object.getOwnPropertyDescriptor(globalThis, name)?.value
      for (const part of [value, value?.prototype]) {
        if (encode(part) < 0) continue
        plain++
        assertSame(link.decode(), structuredClone(part))
      }
    }
    expect(plain).toBeGreaterThan(0)
  })
})

describe("getters", () => {
  const counting = () => {
    let calls = 0
    return {
      get next() {
        return ++calls
      }
    }
  }

  it("are called once, in order", () => {
    const link = new Link()
    for (let turn = 0; turn < 3; turn++) {
      const calls: Array<string> = []
      const value = {
        get a() {
          return calls.push("a")
        },
        b: 0,
        get c() {
          return { d: calls.push("c") }
        }
      }
      expect(link.encode(value)).toBeGreaterThan(start)
      expect(link.decode()).toStrictEqual({ a: 1, b: 0, c: { d: 2 } })
      expect(calls).toEqual(["a", "c"])
    }
  })

  it("are called once in an array and in a table", () => {
    const link = new Link()
    const array = Object.defineProperty([0, 1], 0, Object.getOwnPropertyDescriptor(counting(), "next") ?? {})
    expect(link.encode(array)).toBeGreaterThan(start)
    expect(link.decode()).toStrictEqual([1, 1])
    const table = Object.defineProperty(
      counting(),
      "k".repeat(100),
      Object.getOwnPropertyDescriptor(counting(), "next") ?? {}
    )
    expect(link.encode(table)).toBeGreaterThan(start)
    expect(link.decode()).toStrictEqual({ next: 1, ["k".repeat(100)]: 1 })
  })

  it("throw what they throw, and nothing is told", () => {
    const link = new Link()
    const failure = new Error("not now")
    const value = {
      first: { told: 1 },
      get second(): never {
        throw failure
      }
    }
    assert.throws(
      () => link.encode(value),
      (thrown) => thrown === failure
    )
    assert.throws(() => structuredClone(value), failure)
    link.carry({ first: { told: 1 }, second: 2 })
  })

  it.each(["few", "k".repeat(100)])("that delete what is to come leave it to structured clone (%s)", (key) => {
    const link = new Link()
    const value = () => {
      const deleting = {
        get a() {
          Reflect.deleteProperty(deleting, key)
          return 1
        },
        [key]: 2
      }
      return deleting
    }
    expect(link.encode(value())).toBe(unsupported)
    link.carry({ a: 1, [key]: 2 })
    expect(link.encode(value())).toBe(unsupported)
  })

  it("that encode by the same encoder are refused, and disturb nothing", () => {
    const link = new Link()
    let inner = 0
    const value = {
      a: { told: 1 },
      get b() {
        inner = link.encoder.encode({ other: 1 }, link.target, link.view, start, link.target.length)
        return { told: 2 }
      }
    }
    expect(link.encode(value)).toBeGreaterThan(start)
    expect(inner).toBe(unsupported)
    expect(link.decode()).toStrictEqual({ a: { told: 1 }, b: { told: 2 } })
  })
})

describe("room", () => {
  it.each(Object.entries(carried).filter(([name]) => !name.startsWith("objects of many")))(
    "%s: one byte less is too little, wherever it ends, and nothing is told then",
    (_, value) => {
      const bytes = new Link().carry(value)
      const link = new Link(new ArrayBuffer(start + bytes))
      for (let end = start; end < start + bytes; end++) assert.equal(link.encode(value, end), overflow)
      assert.equal(link.carry(value), bytes)
    }
  )

  it("a message that didn't fit leaves the shapes of those before it", () => {
    const link = new Link()
    link.carry(shaped(1))
    const known = link.carry(shaped(1))
    expect(link.encode([shaped(1), shaped(2), "x".repeat(1000)], 500)).toBe(overflow)
    expect(link.carry(shaped(1))).toBe(known)
    expect(link.carry(shaped(2))).toBeGreaterThan(known)
  })
})
