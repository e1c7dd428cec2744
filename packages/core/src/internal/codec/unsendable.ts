/**
 * Finds the part of a value that could not be sent, so that an error can name it.
 *
 * @internal
 */
import { inspect, types } from "node:util"
import { encodeCloned } from "../transport/clonedFormat.ts"
import type { TransferList } from "./moves.ts"
import { toWireError, type WireError } from "./wireError.ts"

type Path = ReadonlyArray<string | number>

/**
 * `path` leads to the smallest part that is refused, and that is none of those that were to be moved. Costs a clone a level:
 * it runs only after a send has failed.
 */
export const describeUnsendable = (
  value: unknown,
  thrown: unknown,
  moved: TransferList = []
): { readonly path: Path; readonly cause: WireError } => {
  // What structured clone carries, a process may refuse: memory that is shared.
  const refuses = throwsOn(structuredClone, value)
    ? (part: unknown) => throwsOn(structuredClone, part)
    : (part: unknown) => throwsOn(encodeCloned, part)
  return { path: locate(value, [], { refuses, seen: new Set<unknown>(moved) }) ?? [], cause: toWireError(thrown) }
}

/** Which of the parts of a message was refused. A thread refuses less than a process: what both refuse is looked for first. */
export const refusedPart = <K extends string>(parts: Readonly<Record<K, unknown>>): K | undefined => {
  const keys = Object.keys(parts) as Array<K>
  return (
    keys.find((key) => throwsOn(structuredClone, parts[key])) ?? keys.find((key) => throwsOn(encodeCloned, parts[key]))
  )
}

interface Search {
  readonly refuses: (value: unknown) => boolean
  readonly seen: Set<unknown>
}

/** `undefined` when everything that `value` is refused for is being looked at further up: it contains itself. */
const locate = (value: unknown, path: Path, search: Search): Path | undefined => {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return path
  if (ArrayBuffer.isView(value)) return path
  search.seen.add(value)
  let cyclic = false
  for (const [key, read] of members(value)) {
    let member: unknown
    try {
      member = read()
    } catch {
      return [...path, key]
    }
    if (!search.seen.has(member)) {
      if (!search.refuses(member)) continue
      const found = locate(member, [...path, key], search)
      if (found !== undefined) return found
    }
    cyclic = true
  }
  return cyclic ? undefined : path
}

type Member = readonly [key: string | number, read: () => unknown]

/** What structured clone looks at. A getter may throw, so each member is read by whoever wants it. */
function* members(value: object): Iterable<Member> {
  if (value instanceof Map) {
    for (const [key, member] of value) {
      const step = typeof key === "string" || typeof key === "number" ? key : inspect(key)
      yield [step, () => key]
      yield [step, () => member]
    }
  } else if (value instanceof Set) {
    let index = 0
    for (const member of value) yield [index++, () => member]
  } else if (Array.isArray(value)) {
    for (const index of value.keys()) yield [index, () => value[index]]
  } else {
    const keys = value instanceof Error ? ["cause"] : Object.keys(value)
    for (const key of keys) yield [key, () => (value as Record<string, unknown>)[key]]
  }
}

const throwsOn = (clone: (value: unknown) => unknown, value: unknown): boolean => {
  try {
    clone(value)
    return false
  } catch {
    return true
  }
}
