/**
 * What is logged, made fit to cross. A logger must not fail its program, and must not print less than it would have
 * printed in the worker: so what would lose its class on the way goes as text.
 *
 * @internal
 */
import { inspect, types } from "node:util"
import * as Inspectable from "effect/Inspectable"
import { toWireError, type WireError } from "../codec/wireError.ts"

export const toLogValue = (value: unknown): WireError => {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "undefined":
      return { kind: "value", value }
    case "object":
      return value === null ? { kind: "value", value } : ofObject(value)
    default:
      return { kind: "value", value: String(value) }
  }
}

export const toLogValues = (values: Readonly<Record<string, unknown>>): Record<string, WireError> => {
  const converted: Record<string, WireError> = {}
  for (const key of Object.keys(values)) define(converted, key, toLogValue(values[key]))
  return converted
}

/** `__proto__` is a key as any other. */
export const define = <A>(record: Record<string, A>, key: string, value: A): void => {
  Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true })
}

const ofObject = (value: object): WireError => {
  try {
    // What Effect's own values (an Option, a Duration, a redacted secret) say of themselves, as its loggers ask them.
    if (!types.isNativeError(value) && hasToJson(value))
      return { kind: "value", value: plain(Inspectable.toJson(value)) }
    if (value instanceof Error || isCarried(value)) return toWireError(value)
    return { kind: "value", value: inspect(value) }
  } catch {
    return { kind: "value", value: "[unreadable]" }
  }
}

const plain = (json: unknown): unknown => {
  const wire = toWireError(json)
  return wire.kind === "value" ? wire.value : inspect(json)
}

const hasToJson = (value: object): boolean =>
  !types.isDate(value) && typeof (value as { readonly toJSON?: unknown }).toJSON === "function"

/** Whether structured clone keeps what it is. */
const isCarried = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value)
  return (
    prototype === Object.prototype ||
    prototype === null ||
    types.isNativeError(value) ||
    Array.isArray(value) ||
    types.isDate(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value)
  )
}
