/**
 * Stages that let elements pass, or leave them out, without a call of anybody's that takes time.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { count, millis } from "../options.ts"
import { afterPull, asEffect, drop, type Element, type Pull, type Pulled, theEnd } from "./Element.ts"
import { upstreamOf } from "./open.ts"
import type { Opening } from "./Stage.ts"

/** The first elements, and the end after them. */
export const takeFirst =
  (most: number) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      let left = yield* count("take", most, 0)
      const upstream = yield* upstreamOf(opening)
      const pass = counting(opening)
      return (most) =>
        left === 0
          ? theEnd
          : afterPull(upstream(Math.min(most, left)), (elements) => {
              left -= elements.length
              return pass(elements)
            })
    })

/** Of each key the first, as far as the keys of the last `capacity` elements tell. */
export const dropRepeated =
  (keyOf: (value: unknown) => unknown, capacity: number) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const most = yield* count("capacity", capacity)
      const upstream = yield* upstreamOf(opening)
      const { meter } = opening
      const pass = counting(opening)
      /** From the one seen longest ago. */
      const seen = new Set<unknown>()
      const isNew = (key: unknown): boolean => {
        const isRepeated = seen.delete(key)
        seen.add(key)
        if (seen.size > most) seen.delete(seen.values().next().value)
        return !isRepeated
      }
      const fresh = (elements: ReadonlyArray<Element>): Pulled => {
        const kept = elements.filter((element) => {
          if (isNew(keyOf(element.value))) return true
          drop(element)
          return false
        })
        meter.in += elements.length - kept.length
        return kept.length > 0 ? pass(kept) : again
      }
      const pull: Pull = (most) =>
        afterPull(upstream(most), (elements) => Effect.suspend(() => asEffect(fresh(elements))))
      const again = Effect.suspend(() => asEffect(pull(1)))
      return pull
    })

/** No more than a rate: who comes too early waits. */
export const slowDown =
  ({ burst = 1, elements, per }: ThrottleOptions) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const interval = (yield* millis("per", per)) / (yield* count("elements", elements))
      const ahead = (yield* count("burst", burst)) * interval
      const upstream = yield* upstreamOf(opening)
      const clock = yield* Clock.Clock
      const pass = counting(opening)
      /** When the next one may pass, if no burst were allowed (the virtual scheduling of ATM's leaky bucket). */
      let due = Number.NEGATIVE_INFINITY
      const pull: Pull = (most) =>
        Effect.suspend(() => {
          const now = clock.currentTimeMillisUnsafe()
          const early = due + interval - ahead - now
          if (early > 0)
            return Effect.andThen(
              Effect.sleep(Duration.millis(Math.ceil(early))),
              Effect.suspend(() => asEffect(pull(most)))
            )
          const free = interval === 0 ? most : Math.floor((now + ahead - Math.max(due, now)) / interval)
          return Effect.map(asEffect(upstream(Math.max(1, Math.min(most, free)))), (passed) => {
            due = Math.max(due, clock.currentTimeMillisUnsafe()) + passed.length * interval
            return pass(passed)
          })
        })
      return pull
    })

export interface ThrottleOptions {
  /** How many may pass in a stretch of time. */
  readonly elements: number
  /** How long that stretch is. */
  readonly per: Duration.Input
  /** How many may pass at once, after a pause. Default: 1, so that they pass evenly. */
  readonly burst?: number | undefined
}

const counting =
  ({ meter }: Opening) =>
  (elements: ReadonlyArray<Element>): ReadonlyArray<Element> => {
    meter.in += elements.length
    meter.out += elements.length
    return elements
  }
