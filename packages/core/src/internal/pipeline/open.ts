/**
 * How the stages of a run find each other: each opens those before it, from the end to the sources.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Pull } from "./Element.ts"
import type { Input, Opening } from "./Stage.ts"

export const openInput = (
  { outlets, run, scope, spanEvery }: Pick<Opening, "run" | "scope" | "outlets" | "spanEvery">,
  { outlet, stage }: Input
): Effect.Effect<Pull, unknown> => {
  const beginning = outlets.get(stage)?.[outlet]
  if (beginning === undefined) return stage.open({ run, stage, meter: run.meterOf(stage), scope, outlets, spanEvery })
  beginning.isUsed = true
  return Effect.succeed(beginning.pull)
}

/** The stage's only input. */
export const upstreamOf = (opening: Opening): Effect.Effect<Pull, unknown> =>
  openInput(opening, opening.stage.inputs[0] as Input)
