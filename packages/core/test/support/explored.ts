/** What explored tests have in common. */
import * as assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"

/** All orders of steps that share something. Ends only when all were run. */
export const everything = Explore.exhaustive({ sharing: "declared" })

export const together = <A, E, R>(effects: Iterable<Effect.Effect<A, E, R>>) =>
  Effect.all(effects, { concurrency: "unbounded" })

/** A body of which at most so many may run at a time. */
export const atMost = (permits: number) =>
  Effect.gen(function* () {
    let inside = 0
    yield* Explore.invariant(`at most ${permits} at a time`, () => inside <= permits)
    return Effect.acquireUseRelease(
      Effect.sync(() => inside++),
      () => Effect.yieldNow,
      () => Effect.sync(() => inside--)
    )
  })

/** Two visitors, each of whom would undo what the other has written meanwhile: `guard` admits one at a time. */
export const twoVisitors = <E>(guard: (visit: Effect.Effect<void>) => Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    const book = Explore.shared({ entries: 0 })
    const visit = guard(
      Effect.gen(function* () {
        const before = book.entries
        yield* Effect.yieldNow
        book.entries = before + 1
      })
    )
    yield* together([visit, visit])
    assert.equal(book.entries, 2)
  })
