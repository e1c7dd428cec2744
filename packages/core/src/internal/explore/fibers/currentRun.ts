/**
 * How a program under exploration reaches the run it is part of. Outside of one there is none.
 *
 * @internal
 */
import * as Context from "effect/Context"

export interface Invariant {
  readonly name: string
  /** Anything but `false` holds; a throw says what is wrong. */
  readonly holds: () => unknown
}

export interface CurrentRun {
  readonly addInvariant: (invariant: Invariant) => void
}

export const CurrentRun = Context.Reference<CurrentRun | undefined>("~ropewalk/testing/Explore/CurrentRun", {
  defaultValue: () => undefined
})
