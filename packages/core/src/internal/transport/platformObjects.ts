/**
 * Objects of Node's own: a `URL`, a `Blob`, a key, the headers of a request. What they are is not in their properties, and
 * V8's serializer, which knows nothing of them, makes empty objects of them without a word. `postMessage` knows them: it
 * clones some and refuses the others.
 *
 * @internal
 */
import { types } from "node:util"

/** The first object inside `root` of which only an empty one would arrive. */
export const findPlatformObject = (root: unknown): object | undefined => {
  const found = new Set<object>()
  const add = (value: unknown): void => {
    if (typeof value === "object" && value !== null) found.add(value)
  }
  add(root)
  // A set is walked to its end, also to what is added on the way.
  for (const value of found) {
    if (Array.isArray(value)) {
      for (const member of value) add(member)
    } else if (value instanceof Map) {
      for (const [key, member] of value) {
        add(key)
        add(member)
      }
    } else if (value instanceof Set) {
      for (const member of value) add(member)
    } else if (!isCarriedWhole(value)) {
      const keys = Object.keys(value)
      if (keys.length === 0 && isLost(value)) return value
      for (const key of keys) add((value as Record<string, unknown>)[key])
    }
  }
  return undefined
}

/** By V8, or refused by it. */
const isCarriedWhole = (value: object): boolean =>
  types.isDate(value) ||
  ArrayBuffer.isView(value) ||
  types.isAnyArrayBuffer(value) ||
  types.isNativeError(value) ||
  types.isRegExp(value) ||
  types.isProxy(value) ||
  types.isBoxedPrimitive(value)

/** An object without properties is empty everywhere; one that `postMessage` makes more of, or refuses, is not. */
const isLost = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return false
  const { deserialize, serialize } = process.getBuiltinModule("node:v8")
  try {
    return isPlain(deserialize(serialize(value))) && !isPlain(structuredClone(value))
  } catch {
    return true
  }
}

const isPlain = (value: unknown): boolean => Object.getPrototypeOf(value) === Object.prototype
