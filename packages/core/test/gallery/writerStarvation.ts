/** Readers come in while others read: if they overlap, a writer never has its turn. */
import * as Effect from "effect/Effect"
import type { Bug } from "./Bug.ts"

const library = (admits: (writersWaiting: number) => boolean) =>
  Effect.suspend(() => {
    let readers = 0
    let writersWaiting = 0
    let isWritten = false
    const until = (condition: () => boolean, then: () => void): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (!condition()) return Effect.andThen(Effect.yieldNow, until(condition, then))
        return Effect.sync(then)
      })
    const read = Effect.gen(function* () {
      yield* until(
        () => admits(writersWaiting),
        () => readers++
      )
      for (let page = 0; page < 10; page++) yield* Effect.yieldNow
      readers--
    })
    const reader = Effect.whileLoop({ while: () => !isWritten, body: () => read, step: () => {} })
    const writer = Effect.gen(function* () {
      writersWaiting++
      yield* until(
        () => readers === 0,
        () => {
          writersWaiting--
          isWritten = true
        }
      )
    })
    return Effect.all([reader, reader, writer], { concurrency: "unbounded" })
  })

export const writerStarvation: Bug = {
  name: "reader-writer starvation",
  kind: "livelock",
  proof: "a thousand random schedules",
  broken: library(() => true),
  fixed: library((writersWaiting) => writersWaiting === 0)
}
