/**
 * Where a failure comes from: a note on its cause, so that neither the error nor a defect changes by it. `withOrigin` reads it.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import { InvalidOption } from "../errors.ts"
import { StageFailed } from "./errors.ts"

interface Where {
  readonly stage: string
  readonly index: number
}

class Origin extends Context.Service<Origin, Where>()("~ropewalk/pipeline/Origin") {}

/** The first note stays: an error that passes through later stages is not theirs. */
export const noteOrigin = (cause: Cause.Cause<unknown>, stage: string, index: number): Cause.Cause<unknown> =>
  Cause.annotate(cause, Context.make(Origin, { stage, index }))

/** Each error as `StageFailed`; defects, interrupts and the end stay what they are, and so do options that make no sense. */
export const showOrigin = (cause: Cause.Cause<unknown>): Cause.Cause<unknown> =>
  Cause.fromReasons(
    cause.reasons.map((reason) => {
      if (reason._tag !== "Fail" || !isOfStage(reason.error)) return reason
      const where = reason.annotations.get(Origin.key) as Where | undefined
      if (where === undefined) return reason
      return Cause.makeFailReason(new StageFailed({ ...where, error: reason.error }))
    })
  )

const isOfStage = (error: unknown): boolean => !(error instanceof StageFailed) && !(error instanceof InvalidOption)
