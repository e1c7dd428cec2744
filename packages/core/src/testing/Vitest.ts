/**
 * `it.explore` beside `it` and `it.effect`: a test that passes if no schedule breaks its program.
 *
 * **When to use**: in tests of anything in which fibers meet. It is added to the `it` that you have, Vitest's or the one of
 * `@effect/vitest`, so that this package needs neither.
 *
 * **Lineage**: `it.effect` of `@effect/vitest`; `shuttle::check_random` around the body of a Rust test.
 *
 * **What differs**: the program runs thousands of times, in virtual time, by schedules that a seed makes. A failed test
 * shows the schedule, drawn, and the line that replays it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Explore from "./Explore.ts"

/**
 * Whatever declares a test by a name and a function: `it`, `it.only`, `test` of Node.
 *
 * @since 0.1.0
 */
export type Declare = (name: string, test: () => Promise<void>) => unknown

/**
 * Declares a test by {@link Explore.check}.
 *
 * @since 0.1.0
 */
export type ExploreTest = <A, E, R = never>(
  name: string,
  effect: Effect.Effect<A, E, R>,
  ...options: Explore.Arguments<A, E, R>
) => void

/**
 * The same `it`, with `it.explore(name, effect, options)`.
 *
 * **Gotchas**: a run is synchronous, so that a test's time-out can't stop it: use `timeBudget`.
 *
 * **Example**
 *
 * ```ts
 * import { withExplore } from "@ropewalk/core/testing/Vitest"
 * import * as Effect from "effect/Effect"
 * import * as Ref from "effect/Ref"
 * import { it as base } from "node:test"
 *
 * const it = withExplore(base)
 *
 * it.explore(
 *   "an update is whole",
 *   Effect.gen(function* () {
 *     const count = yield* Ref.make(0)
 *     const add = Ref.update(count, (n) => n + 1)
 *     yield* Effect.all([add, add], { concurrency: "unbounded" })
 *     return yield* Ref.get(count)
 *   }),
 *   { expect: (exit) => exit.toString() === "Success(2)" }
 * )
 * ```
 *
 * @since 0.1.0
 */
export const withExplore = <It extends Declare>(it: It): It & { readonly explore: ExploreTest } => {
  const explore: ExploreTest = (name, effect, ...options) => {
    it(name, () => Effect.runPromise(Effect.asVoid(Explore.check(effect, ...options))))
  }
  // Not `Object.assign`: the `it` that others import stays as it was.
  return new Proxy(it as It & { readonly explore: ExploreTest }, {
    get: (target, key, receiver) => (key === "explore" ? explore : Reflect.get(target, key, receiver))
  })
}
