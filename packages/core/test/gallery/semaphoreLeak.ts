/**
 * A semaphore hands its permit to a waiter that is being interrupted: nobody has it then. Effect's own semaphore had bugs
 * of this kind (issues 6910, 6081 and 8391).
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

class TinySemaphore {
  readonly #permit = Explore.shared({ isFree: true })
  readonly #waiters = Explore.shared(new Set<Deferred.Deferred<void>>())
  readonly #givesBack: boolean

  constructor(givesBack: boolean) {
    this.#givesBack = givesBack
  }

  withPermit<A>(body: Effect.Effect<A>): Effect.Effect<A> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.andThen(this.#take(restore), Effect.ensuring(restore(body), this.release))
    )
  }

  #take(restore: (wait: Effect.Effect<void>) => Effect.Effect<void>): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#permit.isFree) {
        this.#permit.isFree = false
        return Effect.void
      }
      const granted = Deferred.makeUnsafe<void>()
      this.#waiters.add(granted)
      // The permit may have been granted before the interrupt came, and the waiter not have run since.
      const abandon = Effect.suspend(() =>
        this.#waiters.delete(granted) || !this.#givesBack ? Effect.void : this.release
      )
      return Effect.onInterrupt(restore(Deferred.await(granted)), () => abandon)
    })
  }

  readonly release: Effect.Effect<void> = Effect.suspend(() => {
    const [next] = this.#waiters
    if (next === undefined) {
      this.#permit.isFree = true
      return Effect.void
    }
    this.#waiters.delete(next)
    return Deferred.succeed(next, undefined)
  })
}

const used = (givesBack: boolean) =>
  Effect.gen(function* () {
    const semaphore = new TinySemaphore(givesBack)
    const use = semaphore.withPermit(Effect.void)
    const waiting = yield* semaphore.withPermit(Effect.forkChild(Explore.interrupted(use)))
    yield* Fiber.await(waiting)
    yield* use
  })

export const semaphoreLeak: Bug = {
  name: "semaphore leak",
  kind: "deadlock",
  proof: "every schedule",
  broken: used(false),
  fixed: used(true)
}
