import { inspect } from "node:util"
import { createContext, runInContext } from "node:vm"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { adoptOrigin, fromWireError, originOf, toWireError } from "../../../src/internal/codec/wireError.ts"
import { wires } from "./wires.ts"

/** The error that the reader gets, by each wire. */
const report = (thrown: unknown): Effect.Effect<Array<any>, unknown> =>
  Effect.forEach(Object.values(wires), (wire) =>
    Effect.map(wire(toWireError(thrown)), (copy) => fromWireError(copy as any))
  )

describe("an error arrives", () => {
  it.effect("P42: with its class, name, message, stack, fields and cause", () =>
    Effect.gen(function* () {
      const thrown = Object.assign(new TypeError("outer", { cause: new RangeError("inner") }), {
        code: "E_OUTER",
        at: new Date(0)
      })
      for (const arrived of yield* report(thrown)) {
        expect(arrived).toBeInstanceOf(TypeError)
        expect(arrived).toMatchObject({ name: "TypeError", message: "outer", code: "E_OUTER", at: new Date(0) })
        expect(arrived.stack).toBe(thrown.stack)
        expect(arrived.cause).toBeInstanceOf(RangeError)
        expect(arrived.cause.message).toBe("inner")
      }
    })
  )

  it.effect("with the name of a class that the reader does not have, and printed with it", () =>
    Effect.gen(function* () {
      class Custom extends Error {
        override readonly name = "Custom"
        readonly tries = 3
      }
      for (const arrived of yield* report(new Custom("no"))) {
        expect(arrived).toBeInstanceOf(Error)
        expect(arrived).toMatchObject({ name: "Custom", message: "no", tries: 3 })
        expect(Object.keys(arrived)).toEqual(["tries"])
      }
    })
  )

  it.effect("with all the errors of an AggregateError, which structured clone drops", () =>
    Effect.gen(function* () {
      const thrown = new AggregateError([new TypeError("one"), "two"], "both")
      for (const arrived of yield* report(thrown)) {
        expect(arrived).toBeInstanceOf(AggregateError)
        expect(arrived.message).toBe("both")
        expect(arrived.errors).toHaveLength(2)
        expect(arrived.errors[0]).toBeInstanceOf(TypeError)
        expect(arrived.errors[1]).toBe("two")
      }
    })
  )

  it.effect("when it is a DOMException", () =>
    Effect.gen(function* () {
      for (const arrived of yield* report(new DOMException("stopped", "AbortError"))) {
        expect(arrived).toBeInstanceOf(Error)
        expect(arrived).toMatchObject({ name: "AbortError", message: "stopped" })
      }
    })
  )

  it.effect("when another realm made it", () =>
    Effect.gen(function* () {
      const thrown = runInContext('Object.assign(new TypeError("far"), { code: 7 })', createContext())
      expect(thrown).not.toBeInstanceOf(Error)
      for (const arrived of yield* report(thrown)) {
        expect(arrived).toBeInstanceOf(TypeError)
        expect(arrived).toMatchObject({ message: "far", code: 7 })
      }
    })
  )

  it.effect("when it is frozen", () =>
    Effect.gen(function* () {
      for (const arrived of yield* report(Object.freeze(Object.assign(new Error("cold"), { degrees: -3 })))) {
        expect(arrived).toMatchObject({ message: "cold", degrees: -3 })
      }
    })
  )

  it.effect("when it is its own cause, and when its causes form a circle", () =>
    Effect.gen(function* () {
      const own: Error = new Error("own")
      own.cause = own
      for (const arrived of yield* report(own)) expect(arrived.cause).toBe("[Circular]")
      const left: Error = new Error("left")
      left.cause = new Error("right", { cause: left })
      for (const arrived of yield* report(left))
        expect(arrived.cause).toMatchObject({ message: "right", cause: "[Circular]" })
      const nested = new AggregateError([], "nested")
      nested.errors.push(nested, nested)
      for (const arrived of yield* report(nested)) expect(arrived.errors).toEqual(["[Circular]", "[Circular]"])
    })
  )

  it.effect("when its chain of causes is too long to be read", () =>
    Effect.gen(function* () {
      let thrown = new Error("first")
      for (let depth = 0; depth < 10_000; depth++) thrown = new Error(`after ${depth}`, { cause: thrown })
      for (const arrived of yield* report(thrown)) expect(arrived.cause.message).toBe("after 9998")
    })
  )
})

describe("no error takes the place of the one that is reported", () => {
  it.effect("fields that can't be cloned are described", () =>
    Effect.gen(function* () {
      const thrown = Object.assign(new Error("no"), {
        retry: () => 1,
        socket: { on: () => {} },
        token: Symbol("secret"),
        pending: Promise.resolve(1),
        proxy: new Proxy({}, {})
      })
      for (const arrived of yield* report(thrown)) {
        expect(arrived).toMatchObject({
          message: "no",
          token: "Symbol(secret)",
          pending: "Promise { 1 }",
          proxy: expect.any(String)
        })
        expect(arrived.retry).toContain("retry")
        expect(arrived.socket).toContain("on: ")
      }
    })
  )

  it.effect("shared memory, at any depth, is described: a process would refuse the whole report", () =>
    Effect.gen(function* () {
      const memory = new SharedArrayBuffer(2)
      const thrown = Object.assign(new Error("no"), {
        memory,
        view: new Uint8Array(memory),
        deep: { list: [{ memory }] },
        own: new Uint8Array([1])
      })
      for (const arrived of yield* report(thrown)) {
        expect(arrived.own).toStrictEqual(new Uint8Array([1]))
        for (const field of ["memory", "view", "deep"]) expect(arrived[field]).toBeTypeOf("string")
      }
    })
  )

  it.effect("getters that throw", () =>
    Effect.gen(function* () {
      const trap = () => {
        throw new Error("trap")
      }
      const thrown = new Error("no")
      Object.defineProperty(thrown, "field", { enumerable: true, get: trap })
      for (const key of ["cause", "stack", "name"]) Object.defineProperty(thrown, key, { get: trap })
      for (const arrived of yield* report(thrown))
        expect(arrived).toMatchObject({ message: "no", field: "[unreadable]" })
    })
  )

  it.effect("a name and a message that are no strings", () =>
    Effect.gen(function* () {
      const thrown = Object.assign(new Error("no"), { name: Symbol("odd"), message: Object.create(null) })
      for (const arrived of yield* report(thrown)) expect(arrived).toMatchObject({ name: "Symbol(odd)", message: "" })
    })
  )

  it.effect("a field that would replace the prototype of the reader's error", () =>
    Effect.gen(function* () {
      const thrown = new Error("no")
      Object.defineProperty(thrown, "__proto__", { enumerable: true, value: { polluted: true } })
      for (const arrived of yield* report(thrown)) {
        expect(arrived).toBeInstanceOf(Error)
        expect(arrived.polluted).toBeUndefined()
      }
    })
  )

  it.effect("proxies whose traps throw, and what throws while it is printed", () =>
    Effect.gen(function* () {
      const trap = () => {
        throw new Error("trap")
      }
      const hostile = new Proxy(new Error("no"), { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap })
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      const unprintable = { [inspect.custom]: trap, method: trap }
      for (const thrown of [hostile, proxy, unprintable]) {
        for (const arrived of yield* report(thrown)) expect(arrived).toBeTypeOf("string")
      }
    })
  )
})

describe("what is thrown need not be an error", () => {
  it.effect.prop(
    "any plain value arrives as it is",
    [Schema.Json],
    ([value]) =>
      Effect.gen(function* () {
        for (const arrived of yield* report(value)) expect(arrived).toEqual(value)
      }),
    { arbitrary: { runs: 50 } }
  )

  it.effect("undefined, NaN, a bigint, a date, a map", () =>
    Effect.gen(function* () {
      for (const value of [undefined, Number.NaN, 1n, new Date(0), new Map([[1, 2]])]) {
        for (const arrived of yield* report(value)) expect(arrived).toStrictEqual(value)
      }
    })
  )

  it.effect("a function and a symbol are described", () =>
    Effect.gen(function* () {
      for (const arrived of yield* report(Symbol("odd"))) expect(arrived).toBe("Symbol(odd)")
      for (const arrived of yield* report(function named() {})) expect(arrived).toBe("[Function: named]")
    })
  )
})

describe("a typed error", () => {
  it("takes the stack and the cause of the error that it was in the worker", () => {
    const origin = originOf(Object.assign(new Error("there", { cause: "why" }), { field: 1 }))
    const decoded = new Error("here")
    adoptOrigin(decoded, origin)
    expect(decoded.stack).toContain("there")
    expect(decoded.cause).toBe("why")
    expect(Object.keys(decoded)).toEqual([])
  })

  it("keeps a cause that its schema gave it", () => {
    const decoded = new Error("here", { cause: "decoded" })
    adoptOrigin(decoded, originOf(new Error("there", { cause: "origin" })))
    expect(decoded.cause).toBe("decoded")
  })

  it("may be frozen: it keeps its own stack", () => {
    const decoded = Object.freeze(new Error("here"))
    adoptOrigin(decoded, originOf(new Error("there", { cause: "why" })))
    expect(decoded.stack).toContain("here")
  })
})
