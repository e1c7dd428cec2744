/** Small programs, explored with what they share being declared. */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Explore from "../../../src/testing/Explore.ts"

export const declared = Explore.exhaustive({ sharing: "declared" })

export const explored = <A, E>(effect: Effect.Effect<A, E>, options: Explore.Options<A, E> = {}) =>
  Explore.run(effect, { strategy: declared, schedules: 20_000, mayLeak: true, ...options })

/** Fibers that nobody waits for. */
export const detached = (...bodies: ReadonlyArray<Effect.Effect<unknown>>) =>
  Effect.forEach(bodies, (body) => Effect.forkDetach(body))

export const times = (n: number, effect: Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    for (let i = 0; i < n; i++) yield* effect
  })

export const increment = (ref: Ref.Ref<number>) => Ref.update(ref, (n) => n + 1)
