/**
 * How the stages of a run find each other: each opens those before it, from the end to the sources.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Pull } from "./Element.ts"
import type { Input, Opening, Run } from "./Stage.ts"

type Around = Pick<Opening, "run" | "scope" | "outlets">

export const openInput = (around: Around, { outlet, stage }: Input): Effect.Effect<Pull, unknown> => {
  const opened = around.outlets.get(stage)?.[outlet]
  if (opened !== undefined) return Effect.succeed(opened)
  const { outlets, run, scope } = around
  return stage.open({ run, stage, meter: run.meterOf(stage), scope, outlets })
}

/** The stage's only input. */
export const upstreamOf = (opening: Opening): Effect.Effect<Pull, unknown> =>
  openInput(opening, opening.stage.inputs[0] as Input)

/** Several pipelines that run at the same time and share the run: what is opened for the whole. */
export const aroundOf = (run: Run, scope: Opening["scope"]): Around => ({ run, scope, outlets: new Map() })
