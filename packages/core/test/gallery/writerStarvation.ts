/** Readers come in while others read: if they overlap, a writer never has its turn. */
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

const visits = (admits: (writersWaiting: number) => boolean) =>
  Effect.suspend(() => {
    const library = Explore.shared({ readers: 0, writersWaiting: 0, isWritten: false })
    const until = (condition: () => boolean, then: () => void): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (!condition()) return Effect.andThen(Effect.yieldNow, until(condition, then))
        return Effect.sync(then)
      })
    const read = Effect.gen(function* () {
      yield* until(
        () => admits(library.writersWaiting),
        () => library.readers++
      )
      for (let page = 0; page < 10; page++) yield* Effect.yieldNow
      library.readers--
    })
    const reader = Effect.whileLoop({ while: () => !library.isWritten, body: () => read, step: () => {} })
    const writer = Effect.gen(function* () {
      library.writersWaiting++
      yield* until(
        () => library.readers === 0,
        () => {
          library.writersWaiting--
          library.isWritten = true
        }
      )
    })
    return Effect.all([reader, reader, writer], { concurrency: "unbounded" })
  })

export const writerStarvation: Bug = {
  name: "reader-writer starvation",
  kind: "livelock",
  proof: "a thousand random schedules",
  broken: visits(() => true),
  fixed: visits((writersWaiting) => writersWaiting === 0)
}
