/**
 * Causes that no schema describes, as plain data: an error keeps its name, fields and stack, and not its class.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import { fromWireError, toWireError } from "../codec/wireError.ts"
import type { WireLogReason } from "./wire.ts"

export const toPlainReason = (reason: Cause.Reason<unknown>): WireLogReason => {
  switch (reason._tag) {
    case "Fail":
      return { kind: "fail", error: toWireError(reason.error), origin: undefined }
    case "Die":
      return { kind: "die", defect: toWireError(reason.defect) }
    case "Interrupt":
      return { kind: "interrupt" }
  }
}

export const fromPlainReason = (wire: WireLogReason): Cause.Reason<unknown> => {
  switch (wire.kind) {
    case "fail":
      return Cause.makeFailReason(fromWireError(wire.error))
    case "die":
      return Cause.makeDieReason(fromWireError(wire.defect))
    case "interrupt":
      return Cause.makeInterruptReason()
  }
}
