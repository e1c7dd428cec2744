import * as Effect from "effect/Effect"

/**
 * Lets every other fiber run until it waits for something. A bounded number of turns, not of milliseconds: a hand-over
 * takes two, and no test here has more than ten in a row.
 */
export const settle: Effect.Effect<void> = Effect.forEach(Array.from({ length: 40 }), () => Effect.yieldNow, {
  discard: true
})
