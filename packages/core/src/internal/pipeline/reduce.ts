/**
 * All elements as one: each of `concurrency` totals takes its share of them, and the totals are combined at the end.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { asEffect, drop, Element, isEnd, type Pull, theEnd } from "./Element.ts"
import type { Opening } from "./Stage.ts"
import type { LooseOptions } from "./StageOptions.ts"
import { joinTokens, type Token } from "./Token.ts"
import { workEach } from "./workEach.ts"

export interface LooseReducer {
  readonly initial: () => unknown
  readonly fold: (total: unknown, value: unknown) => unknown
  readonly combine: (total: unknown, other: unknown) => unknown
}

export const reduceAll =
  (reducer: LooseReducer, options: LooseOptions) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.suspend(() => {
      /** Totals that nobody adds to now: as many as ever were added to at the same time. */
      const idle: Array<unknown> = []
      const tokens: Array<{ readonly token: Token }> = []
      const call = adding(reducer, idle)
      const land = (element: Element): void => {
        if (element.token !== undefined) tokens.push({ token: element.token })
        element.token = undefined
        drop(element)
      }
      return Effect.map(
        workEach({ call, land, options, defaults: { concurrency: 1, ordered: false } })(opening),
        (upstream) => {
          const { meter } = opening
          let hasGiven = false
          const give = Effect.map(
            Effect.suspend(() => combineAll(reducer, idle)),
            (total): ReadonlyArray<Element> => {
              hasGiven = true
              meter.out++
              return [new Element(total, joinTokens(tokens))]
            }
          )
          // All are dropped: what comes is the end, or a failure.
          const all = Effect.catchCause(
            Effect.suspend(() => asEffect(upstream(1))),
            (cause) => (isEnd(cause) ? give : Effect.failCause(cause))
          )
          return () => (hasGiven ? theEnd : all)
        }
      )
    })

/** Takes a total that is idle, adds to it, and puts it back: the new one, or after a failure the old one. */
const adding =
  ({ fold, initial }: LooseReducer, idle: Array<unknown>) =>
  (value: unknown): unknown => {
    const checkOut = (): unknown => (idle.length > 0 ? idle.pop() : initial())
    const total = checkOut()
    const added = fold(total, value)
    if (!Effect.isEffect(added)) {
      idle.push(added)
      return undefined
    }
    const settle = (total: unknown, added: Effect.Effect<unknown, unknown>) =>
      Effect.matchCauseEffect(added, {
        onSuccess: (next) => Effect.sync(() => void idle.push(next)),
        onFailure: (cause) => {
          idle.push(total)
          return Effect.failCause(cause)
        }
      })
    let first: Effect.Effect<unknown, unknown> | undefined = settle(total, added as Effect.Effect<unknown, unknown>)
    return Effect.suspend(() => {
      if (first !== undefined) {
        const once = first
        first = undefined
        return once
      }
      // Tried again: the total from before may have been added to meanwhile.
      const total = checkOut()
      return settle(total, fold(total, value) as Effect.Effect<unknown, unknown>)
    })
  }

const combineAll = (
  { combine, initial }: LooseReducer,
  totals: ReadonlyArray<unknown>
): Effect.Effect<unknown, unknown> => {
  if (totals.length === 0) return Effect.sync(initial)
  return Effect.gen(function* () {
    let [total, ...others] = totals
    for (const other of others) {
      const combined = combine(total, other)
      total = Effect.isEffect(combined) ? yield* combined as Effect.Effect<unknown, unknown> : combined
    }
    return total
  })
}
