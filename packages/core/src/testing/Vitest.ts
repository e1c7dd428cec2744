/**
 * Vitest's `it` with `it.explore` beside `it.effect`: a test that passes if no schedule breaks its program.
 *
 * **When to use**: in place of `it` from `@effect/vitest`, which it is, with one method more. Needs `vitest` and
 * `@effect/vitest`, which `@ropewalk/core` does not install.
 *
 * **Lineage**: `it.effect` of `@effect/vitest`; `shuttle::check_random` around the body of a Rust test.
 *
 * **What differs**: the program runs thousands of times, in virtual time, by schedules that a seed makes. A failed test
 * shows the schedule, drawn, and the line that replays it.
 */
import { it as base } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { TestOptions } from "vitest"
import * as Explore from "./Explore.ts"

/**
 * A test by {@link Explore.check}.
 *
 * **Example**
 *
 * ```ts type-only
 * import * as Effect from "effect/Effect"
 * import * as Ref from "effect/Ref"
 * import { it } from "@ropewalk/core/testing/Vitest"
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
 */
export interface ExploreTest {
  <A, E, R = never>(name: string, effect: Effect.Effect<A, E, R>, ...options: Explore.Arguments<A, E, R>): void
  /** With what Vitest takes for a test: `timeout`, `skip`, `only`. A run can't be stopped: use `timeBudget` too. */
  readonly with: (test: TestOptions) => ExploreTest
}

const explore = (test: TestOptions): ExploreTest =>
  Object.assign(
    <A, E, R = never>(name: string, effect: Effect.Effect<A, E, R>, ...options: Explore.Arguments<A, E, R>) =>
      base.live(name, () => Effect.asVoid(Explore.check(effect, ...options)), test),
    { with: explore }
  )

type Explored = typeof base & { readonly explore: ExploreTest }

const tests = explore({})

/** `it` of `@effect/vitest`, and `it.explore`. */
export const it: Explored = new Proxy(base as Explored, {
  get: (target, key, receiver) => (key === "explore" ? tests : Reflect.get(target, key, receiver))
})
