/**
 * Several inputs, one output, in the order in which elements come: of pipelines that are merged, and of the branches of a split.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { count } from "../options.ts"
import { afterPull, type Element, type Pull } from "./Element.ts"
import { Intake } from "./Intake.ts"
import { openInput, upstreamOf } from "./open.ts"
import type { Opening, Stage } from "./Stage.ts"
import { type Choice, Split } from "./split.ts"

/** What branches begin from. */
export interface SplitStage extends Stage {
  readonly branches: number
  readonly choose: Choice
}

export interface JoinOptions {
  /** Whose branches the inputs are; none when they are pipelines of their own. */
  readonly split?: SplitStage | undefined
  /** How many elements wait at most at the beginning of each branch, and at its end. */
  readonly buffer: number
}

export const openJoin =
  ({ buffer, split }: JoinOptions) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const { meter, outlets, run, scope, spanEvery, stage } = opening
      const capacity = yield* count("buffer", buffer)
      const splitting =
        split === undefined ? undefined : new Split(split.branches, capacity, split.choose, run.meterOf(split))
      // The stages before the split belong to the whole: a branch that ends does not end them.
      const before = split === undefined ? undefined : yield* upstreamOf({ ...opening, stage: split })
      const around =
        split === undefined || splitting === undefined ? outlets : new Map(outlets).set(split, splitting.outlets)
      const intake = new Intake(capacity)
      const feeders: Array<Effect.Effect<void>> = []
      for (const [index, input] of stage.inputs.entries()) {
        const inner = yield* Scope.fork(scope)
        const pull = yield* openInput({ run, scope: inner, outlets: around, spanEvery }, input)
        const outlet = splitting?.outlets[index]
        const close = Effect.andThen(
          Scope.close(inner, Exit.void),
          Effect.sync(() => outlet?.close())
        )
        feeders.push(intake.feed(pull, close))
      }
      if (splitting !== undefined && before !== undefined) {
        for (const outlet of splitting.outlets) if (!outlet.isUsed) outlet.close()
        feeders.push(splitting.feed(before))
      }
      for (const feeder of feeders) yield* Effect.forkIn(feeder, scope, { startImmediately: true })
      const counted = (elements: ReadonlyArray<Element>): ReadonlyArray<Element> => {
        meter.in += elements.length
        meter.out += elements.length
        return elements
      }
      return (most) => afterPull(intake.pull(most), counted)
    })
