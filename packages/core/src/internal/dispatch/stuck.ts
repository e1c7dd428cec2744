/**
 * What becomes of who waits for the end of a worker that does not end: it is no outcome that a program could go on from as
 * usual, so it is a defect.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { WorkerStuck } from "../poolErrors.ts"

export const stoppedOr = (...stuck: ReadonlyArray<WorkerStuck | undefined>): Effect.Effect<void> => {
  const defects = stuck.filter((one) => one !== undefined)
  return defects.length === 0 ? Effect.void : Effect.failCause(Cause.fromReasons(defects.map(Cause.makeDieReason)))
}
