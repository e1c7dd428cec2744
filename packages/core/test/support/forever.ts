import * as Effect from "effect/Effect"

/** A stage that works on elements for ever, and a book of what it has under way. */
export const forever = () => {
  const book = { running: 0, ended: 0 }
  const work = Effect.acquireUseRelease(
    Effect.sync(() => void book.running++),
    () => Effect.never,
    () =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => {
          book.running--
          book.ended++
        })
      )
  )
  return { book, work: () => work }
}
