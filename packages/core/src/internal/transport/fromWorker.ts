/**
 * Whether what a worker sent is a message, in every part that its reader relies on. A worker that has gone wrong may send
 * anything: what is let through here makes nothing throw, wherever it is read.
 *
 * @internal
 */
import { isListOf, isWireError } from "../codec/wireError.ts"
import { isLogEntry } from "../context/wire.ts"
import type { FromWorker, WireExit } from "./Transport.ts"

export const isFromWorker = (message: unknown): message is FromWorker => {
  if (!isRecord(message)) return false
  switch (message["kind"]) {
    case "settled":
      if ("times" in message && !isTimes(message["times"])) return false
      return isId(message["id"]) && isWireExit(message["exit"])
    case "started":
      return isId(message["id"]) && Number.isFinite(message["at"])
    case "log":
      return isLogEntry(message["entry"])
    case "dropped":
      return isId(message["id"])
    case "elements":
      return isId(message["id"]) && Array.isArray(message["values"])
    case "ready":
      return true
    case "startFailed":
    case "uncaught":
      return isWireError(message["cause"])
    default:
      return false
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const isTimes = (times: unknown): boolean =>
  times === undefined || (isRecord(times) && Number.isFinite(times["at"]) && Number.isFinite(times["millis"]))

const isId = (value: unknown): boolean => typeof value === "number" && Number.isInteger(value) && value >= 0

export const isWireExit = (exit: unknown): exit is WireExit => {
  if (!isRecord(exit)) return false
  switch (exit["kind"]) {
    case "success":
      return true
    case "failure":
      return isListOf(exit["reasons"], isReason)
    case "unsendable":
    case "unreadable":
      return isPath(exit["path"]) && isWireError(exit["cause"])
    default:
      return false
  }
}

const isReason = (reason: unknown): boolean => {
  if (!isRecord(reason)) return false
  switch (reason["kind"]) {
    // The task's own codec reads the error.
    case "fail":
      return reason["origin"] === undefined || isWireError(reason["origin"])
    case "thrown":
      return isWireError(reason["thrown"])
    case "die":
      return isWireError(reason["defect"])
    case "interrupt":
      return true
    default:
      return false
  }
}

const isPath = (value: unknown): boolean =>
  isListOf(value, (step) => typeof step === "string" || typeof step === "number")
