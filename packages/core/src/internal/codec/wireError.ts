/**
 * Exceptions as plain data. Structured clone keeps an Error's name, message and stack, but drops its class, its fields
 * and, in a process, its cause; a thrown function or symbol it refuses. So every exception crosses in this form.
 *
 * Anybody makes errors: a getter, a proxy or a `toString` of one may throw. Nothing here does.
 *
 * No Effect is imported here: workers of plain modules load this file.
 *
 * @internal
 */
import { inspect, types } from "node:util"
import { encodeCloned } from "../transport/clonedFormat.ts"

export type WireError =
  | {
      readonly kind: "error"
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
      readonly fields: Readonly<Record<string, unknown>>
      readonly cause: WireError | undefined
      /** Of an `AggregateError`. */
      readonly errors: ReadonlyArray<WireError> | undefined
    }
  /** Any other value that was thrown: `null`, a string, a plain object. */
  | { readonly kind: "value"; readonly value: unknown }

/** A chain of causes longer than this is cut. */
const maxDepth = 8

/** Whether something that arrived is such an exception, as deep as `fromWireError` goes. */
export const isWireError = (value: unknown, depth = 0): value is WireError => {
  if (typeof value !== "object" || value === null || depth > maxDepth) return false
  const wire = value as Readonly<Record<string, unknown>>
  if (wire["kind"] === "value") return true
  const { cause, errors, fields, stack } = wire
  return (
    wire["kind"] === "error" &&
    typeof wire["name"] === "string" &&
    typeof wire["message"] === "string" &&
    (stack === undefined || typeof stack === "string") &&
    typeof fields === "object" &&
    fields !== null &&
    (cause === undefined || isWireError(cause, depth + 1)) &&
    (errors === undefined || isListOf(errors, (member) => isWireError(member, depth + 1)))
  )
}

/** `every` would pass over holes, and `map` would hand them on. */
export const isListOf = (value: unknown, test: (member: unknown) => boolean): boolean => {
  if (!Array.isArray(value)) return false
  for (const member of value) if (!test(member)) return false
  return true
}

export const toWireError = (thrown: unknown): WireError => convert(thrown, [])

/** Of a typed error only its stack and its cause travel beside it: its class and fields are its schema's business. */
export const originOf = (error: Error): WireError => errorWith(error, {}, [])

/** `ancestors` are the errors whose cause is being converted: an error can be its own cause. */
const convert = (thrown: unknown, ancestors: ReadonlyArray<unknown>): WireError => {
  if (!isError(thrown)) return { kind: "value", value: sendable(thrown) }
  if (ancestors.includes(thrown)) return { kind: "value", value: "[Circular]" }
  return errorWith(thrown, ownFields(thrown), ancestors)
}

const errorWith = (error: Error, fields: Record<string, unknown>, ancestors: ReadonlyArray<unknown>): WireError => {
  const deeper = [...ancestors, error]
  const within = (member: unknown) => convert(member, deeper)
  const tooDeep = ancestors.length >= maxDepth
  const stack = attempt(() => error.stack, undefined)
  const errors = attempt(() => (error as AggregateError).errors, undefined)
  return {
    kind: "error",
    name: attempt(() => String(error.name), "Error"),
    message: attempt(() => String(error.message), ""),
    stack: typeof stack === "string" ? stack : undefined,
    fields,
    cause: tooDeep ? undefined : attempt(() => ("cause" in error ? within(error.cause) : undefined), undefined),
    errors: tooDeep || !isAggregate(error) || !Array.isArray(errors) ? undefined : errors.map(within)
  }
}

/** An error of another realm (`node:vm`) is no instance of this one's class. */
const isError = (value: unknown): value is Error =>
  types.isNativeError(value) || attempt(() => value instanceof Error, false)

const isAggregate = (error: Error): boolean =>
  attempt(() => error instanceof AggregateError || error.name === "AggregateError", false)

/** Carried by the form itself; and the one key that an assignment gives another meaning. */
const reserved = new Set(["name", "message", "stack", "cause", "__proto__"])

const ownFields = (error: Error): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  for (const key of attempt(() => Object.keys(error), [])) {
    if (!reserved.has(key) && !(key === "errors" && isAggregate(error))) {
      fields[key] = attempt(() => sendable((error as unknown as Record<string, unknown>)[key]), unreadable)
    }
  }
  return fields
}

/**
 * What can't be sent is described in words: the reader of an error must not get another error in its place. What a
 * process refuses is described to a thread too, so that a report does not depend on the place.
 */
const sendable = (value: unknown): unknown =>
  attempt(() => encodeCloned(value) !== undefined, false) ? value : attempt(() => inspect(value), unreadable)

const unreadable = "[unreadable]"

const attempt = <A, B>(read: () => A, otherwise: B): A | B => {
  try {
    return read()
  } catch {
    return otherwise
  }
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
  const error =
    wire.errors === undefined
      ? new (builtin.get(wire.name) ?? Error)(wire.message)
      : new AggregateError(wire.errors.map(fromWireError), wire.message)
  if (error.name !== wire.name) define(error, "name", wire.name)
  adoptOrigin(error, wire)
  for (const [key, value] of Object.entries(wire.fields)) {
    if (!reserved.has(key)) (error as unknown as Record<string, unknown>)[key] = value
  }
  return error
}

/** Gives a decoded error the stack, and the cause it lacks, of the error it was in the worker; a frozen one keeps its own. */
export const adoptOrigin = (error: Error, origin: WireError): void => {
  if (origin.kind !== "error") return
  if (origin.stack !== undefined) define(error, "stack", origin.stack)
  if (origin.cause !== undefined && error.cause === undefined) define(error, "cause", fromWireError(origin.cause))
}

const define = (target: object, key: string, value: unknown): void => {
  Reflect.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false })
}
