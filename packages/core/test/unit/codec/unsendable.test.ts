import { describe, expect, it } from "@effect/vitest"
import { describeUnsendable } from "../../../src/internal/codec/unsendable.ts"

const pathOf = (value: unknown) => describeUnsendable(value, new Error("refused")).path

const unsendable = () => 1

describe("the path leads to the part that is refused", () => {
  it.each<[string, unknown, ReadonlyArray<string | number>]>([
    ["the value itself", unsendable, []],
    ["a symbol", Symbol("a"), []],
    ["a property", { a: 1, b: unsendable }, ["b"]],
    ["nested arrays", { rows: [[1], [2, [unsendable]]] }, ["rows", 1, 1, 0]],
    [
      "a value of a map",
      new Map<unknown, unknown>([
        ["a", 1],
        ["b", { c: unsendable }]
      ]),
      ["b", "c"]
    ],
    ["a map with a number for a key", new Map([[7, unsendable]]), [7]],
    ["a map with an object for a key", new Map([[{ id: 1 }, unsendable]]), ["{ id: 1 }"]],
    ["a key of a map", new Map([[unsendable, 1]]), ["[Function: unsendable]"]],
    ["a member of a set", new Set([1, { a: unsendable }]), [1, "a"]],
    [
      "the cause of an error",
      { error: Object.assign(new Error("no", { cause: unsendable }), { other: unsendable }) },
      ["error", "cause"]
    ],
    ["a promise", { a: Promise.resolve(1) }, ["a"]],
    ["a weak map", [new WeakMap()], [0]],
    [
      "a class instance's field",
      {
        a: new (class Holder {
          readonly inner = unsendable
        })()
      },
      ["a", "inner"]
    ],
    ["a proxy, whose members are all fine", { a: new Proxy({ b: 1 }, {}) }, ["a"]],
    ["shared memory, which only a process refuses", { a: [{ memory: new SharedArrayBuffer(1) }] }, ["a", 0, "memory"]],
    ["a Blob, which only a process refuses", { a: [new Set([new Blob([])])] }, ["a", 0, 0]],
    ["a URL, which everybody refuses", { a: { b: new URL("http://localhost") } }, ["a", "b"]],
    ["a view of shared memory", { a: new Map([["view", new Uint8Array(new SharedArrayBuffer(1))]]) }, ["a", "view"]]
  ])("%s", (_, value, path) => {
    expect(pathOf(value)).toEqual(path)
  })

  it("in a value that contains itself", () => {
    const value: Record<string, unknown> = { first: 1 }
    value["self"] = value
    value["inner"] = { back: [value] }
    value["last"] = { found: unsendable }
    expect(pathOf(value)).toEqual(["last", "found"])
  })

  it("behind a getter that throws: reading it is what failed", () => {
    const value = {
      fine: 1,
      get broken(): never {
        throw new Error("trap")
      }
    }
    expect(pathOf({ value })).toEqual(["value", "broken"])
  })

  it("without asking a proxy for anything", () => {
    const trap = () => {
      throw new Error("trap")
    }
    const hostile = new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap })
    expect(pathOf([hostile])).toEqual([0])
  })

  it("private fields are left out by structured clone, and don't matter", () => {
    class Secret {
      readonly #secret = unsendable
      readonly open = 1
      call() {
        return this.#secret()
      }
    }
    expect(pathOf({ secret: new Secret(), other: unsendable })).toEqual(["other"])
  })
})

it("the cause is what was thrown", () => {
  expect(describeUnsendable(unsendable, new TypeError("refused")).cause).toMatchObject({
    name: "TypeError",
    message: "refused"
  })
})
