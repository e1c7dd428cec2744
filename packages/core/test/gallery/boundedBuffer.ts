/** Producers and consumers wait for one condition: a wake-up meant for the one kind goes to the other. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

class Condition {
  readonly #waiters = Explore.shared<Array<Deferred.Deferred<void>>>([])

  /** Waits from now on, not from when the result is run. */
  wait(): Effect.Effect<void> {
    const woken = Deferred.makeUnsafe<void>()
    this.#waiters.push(woken)
    return Deferred.await(woken)
  }

  readonly notify: Effect.Effect<void> = Effect.suspend(() => {
    const next = this.#waiters.shift()
    return next === undefined ? Effect.void : Deferred.succeed(next, undefined)
  })
}

/** One element fits in. */
const buffer = (notFull: Condition, notEmpty: Condition) => {
  const place = Explore.shared({ isFull: false })
  /** Looks and waits in one operation: the one thing that can be wrong is who is woken. */
  const change = (to: boolean, mine: Condition, other: Condition): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (place.isFull === to) return Effect.andThen(mine.wait(), change(to, mine, other))
      place.isFull = to
      return other.notify
    })
  return { put: change(true, notFull, notEmpty), take: change(false, notEmpty, notFull) }
}

const exchanged = (conditions: () => readonly [Condition, Condition]) =>
  Effect.suspend(() => {
    const { put, take } = buffer(...conditions())
    return Effect.all([take, take, Effect.andThen(put, put)], { concurrency: "unbounded" })
  })

export const boundedBuffer: Bug = {
  name: "bounded buffer with one condition",
  kind: "deadlock",
  proof: "every schedule",
  broken: exchanged(() => {
    const condition = new Condition()
    return [condition, condition]
  }),
  fixed: exchanged(() => [new Condition(), new Condition()])
}
