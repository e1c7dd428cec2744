/**
 * What a pipeline is behind its type: where its elements come from.
 *
 * @internal
 */
import * as Pipeable from "effect/Pipeable"
import type { Pipeline } from "../../Pipeline.ts"
import { type Input, inputOf, type Stage } from "./Stage.ts"

const TypeId = "~ropewalk/Pipeline"

const variance = { _A: (_: never) => _, _E: (_: never) => _, _R: (_: never) => _ }

class PipelineImpl extends Pipeable.Class {
  readonly [TypeId] = variance
  readonly input: Input

  constructor(input: Input) {
    super()
    this.input = input
  }
}

export const fromInput = <A, E, R>(input: Input): Pipeline<A, E, R> => new PipelineImpl(input)

export const fromStage = <A, E, R>(stage: Stage): Pipeline<A, E, R> => fromInput(inputOf(stage))

export const endOf = (pipeline: Pipeline<unknown, unknown, unknown>): Input => (pipeline as PipelineImpl).input

/** A stage after the pipeline's last one. */
export const append = (
  pipeline: Pipeline<unknown, unknown, unknown>,
  stage: Omit<Stage, "inputs">
): Pipeline<any, any, any> => fromStage({ ...stage, inputs: [endOf(pipeline)] })
