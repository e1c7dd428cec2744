/**
 * Runs an Effect that a plain module's function returned. Loaded when the first one does.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { toWireError } from "../codec/wireError.ts"
import type { WireExit, WireReason } from "../transport/Transport.ts"

export const runEffect = (effect: unknown, onStart: (interrupt: () => void) => void): Promise<WireExit> =>
  new Promise((resolve) => {
    const fiber = Effect.runFork(effect as Effect.Effect<unknown, unknown>)
    onStart(() => fiber.interruptUnsafe())
    fiber.addObserver((exit) =>
      resolve(
        Exit.isSuccess(exit)
          ? { kind: "success", value: exit.value }
          : { kind: "failure", reasons: exit.cause.reasons.map(toWireReason) }
      )
    )
  })

/** There is no schema: an error that is an `Error` crosses with its name, fields and stack, anything else is cloned. */
const toWireReason = (reason: Cause.Reason<unknown>): WireReason => {
  switch (reason._tag) {
    case "Fail":
      return { kind: "fail", error: toWireError(reason.error), origin: undefined }
    case "Die":
      return { kind: "die", defect: toWireError(reason.defect) }
    case "Interrupt":
      return { kind: "interrupt" }
  }
}
