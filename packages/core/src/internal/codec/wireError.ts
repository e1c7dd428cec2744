/**
 * Exceptions as plain data. Structured clone keeps an Error's name, message and stack, but drops its class, its fields
 * and, in a process, its cause; a thrown function or symbol it refuses. So every exception crosses in this form.
 *
 * No Effect is imported here: workers of plain modules load this file.
 *
 * @internal
 */
import { inspect } from "node:util"

export type WireError =
  | {
      readonly kind: "error"
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
      readonly fields: Readonly<Record<string, unknown>>
      readonly cause: WireError | undefined
    }
  /** Any other value that was thrown: `null`, a string, a plain object. */
  | { readonly kind: "value"; readonly value: unknown }

/** A chain of causes longer than this is cut: an error can be its own cause. */
const maxDepth = 8

const canBeCloned = (value: unknown): boolean => {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

const isShared = (value: unknown): boolean =>
  value instanceof SharedArrayBuffer || (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer)

/** What can't be sent is described in words: the reader of an error must not get another error in its place. */
const sendable = (value: unknown): unknown => (canBeCloned(value) && !isShared(value) ? value : inspect(value))

const ownFields = (error: Error): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  for (const key of Object.keys(error)) {
    if (key === "name" || key === "message" || key === "stack" || key === "cause") continue
    fields[key] = sendable((error as unknown as Record<string, unknown>)[key])
  }
  return fields
}

export const toWireError = (thrown: unknown, depth = 0): WireError => {
  if (!(thrown instanceof Error)) return { kind: "value", value: sendable(thrown) }
  return {
    kind: "error",
    name: String(thrown.name),
    message: String(thrown.message),
    stack: typeof thrown.stack === "string" ? thrown.stack : undefined,
    fields: ownFields(thrown),
    cause: "cause" in thrown && depth < maxDepth ? toWireError(thrown.cause, depth + 1) : undefined
  }
}

const define = (target: object, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false })
}

const builtin = new Map<string, new (message: string) => Error>(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((constructor) => [
    constructor.name,
    constructor
  ])
)

/** An Error again, of its own class when that is one of JavaScript's, with the fields and the stack it had where it was thrown; a plain value comes back as it is. */
export const fromWireError = (wire: WireError): unknown => {
  if (wire.kind === "value") return wire.value
  const error = new (builtin.get(wire.name) ?? Error)(wire.message)
  if (error.name !== wire.name) define(error, "name", wire.name)
  adoptOrigin(error, wire)
  return Object.assign(error, wire.fields)
}

/** Gives a decoded error the stack, and the cause it lacks, of the error it was in the worker. */
export const adoptOrigin = (error: Error, origin: WireError): void => {
  if (origin.kind !== "error") return
  if (origin.stack !== undefined) define(error, "stack", origin.stack)
  if (origin.cause !== undefined && error.cause === undefined) define(error, "cause", fromWireError(origin.cause))
}
