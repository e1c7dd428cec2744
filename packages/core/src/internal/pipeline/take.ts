/**
 * The first elements, and the end after them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { count } from "../options.ts"
import { afterPull, type Element, type Pull, theEnd } from "./Element.ts"
import { upstreamOf } from "./open.ts"
import type { Opening } from "./Stage.ts"

export const takeFirst =
  (most: number) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      let left = yield* count("take", most, 0)
      const upstream = yield* upstreamOf(opening)
      const { meter } = opening
      const pass = (elements: ReadonlyArray<Element>) => {
        left -= elements.length
        meter.in += elements.length
        meter.out += elements.length
        return elements
      }
      return (most) => (left === 0 ? theEnd : afterPull(upstream(Math.min(most, left)), pass))
    })
