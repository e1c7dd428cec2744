/** A known bug, small enough to be understood at a glance, and its fixed twin. */
import type * as Effect from "effect/Effect"
import type * as Explore from "../../src/testing/Explore.ts"

export interface Bug {
  readonly name: string
  /** As what it is found. */
  readonly kind: NonNullable<Explore.Report["finding"]>["kind"]
  /** How far the fixed twin was shown to be right: as far as its space allows. */
  readonly proof: "every schedule" | "a thousand random schedules"
  readonly broken: Effect.Effect<unknown, unknown>
  readonly fixed: Effect.Effect<unknown, unknown>
}
