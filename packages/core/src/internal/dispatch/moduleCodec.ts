/**
 * How the arguments and the outcome of a plain function cross: as they are. What it throws is a `RemoteError`.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { movedWithAny } from "../codec/moves.ts"
import { type CallCodec, problemOf } from "../codec/taskCodec.ts"
import { fromWireError, isWireError } from "../codec/wireError.ts"
import { RemoteError } from "../errors.ts"
import { DecodeFailed } from "../poolErrors.ts"
import type { WireReason } from "../transport/Transport.ts"

export const moduleCodec = (task: string): CallCodec => ({
  carriesHandles: false,
  movedWith: (args) => movedWithAny(args as ReadonlyArray<unknown>),
  elements: undefined,
  crossesAsIs: () => true,
  answersAsIs: true,
  encodePayload: Effect.succeed,
  decodeExit: (wire) => {
    switch (wire.kind) {
      case "success":
        return Exit.succeed(wire.value)
      case "failure":
        return Exit.failCause(Cause.fromReasons(wire.reasons.map((reason) => decodeReason(task, reason))))
      default:
        return Exit.fail(problemOf(task, wire))
    }
  }
})

const decodeReason = (task: string, wire: WireReason): Cause.Reason<unknown> => {
  switch (wire.kind) {
    // The function returned an Effect that failed.
    case "fail":
      return Cause.makeFailReason(isWireError(wire.error) ? fromWireError(wire.error) : unreadableError(task))
    // The function threw, or its promise was rejected.
    case "thrown":
      return Cause.makeFailReason(RemoteError.thrownBy(task, fromWireError(wire.thrown)))
    case "die":
      return Cause.makeDieReason(fromWireError(wire.defect))
    case "interrupt":
      return Cause.makeInterruptReason()
  }
}

const unreadableError = (task: string): DecodeFailed =>
  new DecodeFailed({
    task,
    what: "result",
    path: [],
    cause: new Error("The error of the task arrived in no known form")
  })
