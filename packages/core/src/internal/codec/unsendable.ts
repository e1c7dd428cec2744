/**
 * Finds the part of a value that structured clone refuses, so that an error can name it.
 *
 * @internal
 */
import { toWireError, type WireError } from "./wireError.ts"

type Path = ReadonlyArray<string | number>

const refuses = (value: unknown): boolean => {
  try {
    structuredClone(value)
    return false
  } catch {
    return true
  }
}

/** The path to the smallest part that is refused. Costs a clone a level: it runs only after a send has failed. */
const locate = (value: unknown, path: Path, seen: Set<unknown>): Path => {
  if (typeof value !== "object" || value === null || seen.has(value)) return path
  seen.add(value)
  const entries: Iterable<readonly [string | number, unknown]> = Array.isArray(value)
    ? value.entries()
    : value instanceof Map
      ? Array.from(value, ([key, member]) => [String(key), member] as const)
      : Object.entries(value)
  for (const [key, member] of entries) {
    if (refuses(member)) return locate(member, [...path, key], seen)
  }
  return path
}

export const describeUnsendable = (
  value: unknown,
  thrown: unknown
): { readonly path: Path; readonly cause: WireError } => ({
  path: locate(value, [], new Set()),
  cause: toWireError(thrown)
})
