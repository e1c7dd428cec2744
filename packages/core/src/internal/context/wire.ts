/**
 * What crosses of a call's context, as plain data: to the worker beside the payload, and back from it what the task logs.
 *
 * No Effect is imported here: both ends of a link load this file, also those of plain modules.
 *
 * @internal
 */
import type { LogLevel, Severity } from "effect/LogLevel"
import type { WireError } from "../codec/wireError.ts"

/** Of the caller's fiber. What is absent is as it is in the pool, or by default. */
export interface WireContext {
  readonly trace?: WireSpan
  readonly annotations?: Readonly<Record<string, WireError>>
  /** The least level that the caller logs. */
  readonly level?: LogLevel
  /** By their keys, the values of the references that the pool was told to carry. */
  readonly carried?: Readonly<Record<string, unknown>>
}

export interface WireSpan {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

export type WireLogReason =
  | { readonly kind: "fail"; readonly error: WireError; readonly origin: undefined }
  | { readonly kind: "die"; readonly defect: WireError }
  | { readonly kind: "interrupt" }

/** One entry of a log. */
export interface LogEntry {
  readonly level: Severity
  /** Milliseconds since the epoch, by the worker's clock. */
  readonly time: number
  readonly message: ReadonlyArray<WireError>
  readonly cause: ReadonlyArray<WireLogReason>
  /** Those that the task added to the caller's. */
  readonly annotations: Readonly<Record<string, WireError>>
  readonly spans: ReadonlyArray<readonly [label: string, since: number]>
  /** The task that logged it, also when it has ended; none for the worker itself. */
  readonly task: string | undefined
}

const severities: ReadonlySet<unknown> = new Set<Severity>(["Fatal", "Error", "Warn", "Info", "Debug", "Trace"])

/** What a worker sends is not trusted: a logger that gets something else would throw. */
export const isLogEntry = (entry: unknown): entry is LogEntry =>
  isRecord(entry) &&
  severities.has(entry["level"]) &&
  isTime(entry["time"]) &&
  isListOf(entry["message"], isWireError) &&
  isListOf(entry["cause"], isReason) &&
  isRecord(entry["annotations"]) &&
  Object.values(entry["annotations"]).every(isWireError) &&
  isListOf(entry["spans"], isSpan) &&
  (entry["task"] === undefined || typeof entry["task"] === "string")

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const isListOf = (value: unknown, holds: (member: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds)

/** What `Date` can hold. */
const longestTime = 8.64e15

const isTime = (value: unknown): boolean => typeof value === "number" && Math.abs(value) <= longestTime

const isSpan = (span: unknown): boolean => Array.isArray(span) && typeof span[0] === "string" && isTime(span[1])

const isWireError = (value: unknown): boolean =>
  isRecord(value) && ((value["kind"] === "value" && "value" in value) || isErrorRecord(value))

const isErrorRecord = (value: Readonly<Record<string, unknown>>): boolean =>
  value["kind"] === "error" &&
  typeof value["name"] === "string" &&
  typeof value["message"] === "string" &&
  isRecord(value["fields"]) &&
  (value["stack"] === undefined || typeof value["stack"] === "string") &&
  (value["cause"] === undefined || isWireError(value["cause"])) &&
  (value["errors"] === undefined || isListOf(value["errors"], isWireError))

const isReason = (reason: unknown): boolean => {
  if (!isRecord(reason)) return false
  switch (reason["kind"]) {
    case "fail":
      return isWireError(reason["error"])
    case "die":
      return isWireError(reason["defect"])
    default:
      return reason["kind"] === "interrupt"
  }
}
