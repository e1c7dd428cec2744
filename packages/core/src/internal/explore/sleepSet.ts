/**
 * Sleep sets (Godefroid, "Partial-order methods for the verification of concurrent systems", LNCS 1032, 1996): an agent
 * sleeps while its next step would only lead to a run that differs from one explored before in the order of independent
 * steps. Alone, without persistent or source sets, they leave out transitions but no state: what is checked after each
 * step is checked in every state that can be reached.
 *
 * @internal
 */
import type { Access } from "./Model.ts"

export type Touched = ReadonlyArray<Access> | undefined

/** Who sleeps, and what the step touched that was explored in its place. It is the same step as long as it sleeps. */
export interface Sleeper {
  readonly agent: number
  readonly touched: Touched
}

/** Steps that touch nothing in common, or only read it, can change places. What is unknown depends on everything. */
export const independent = (one: Touched, other: Touched): boolean => {
  if (one === undefined || other === undefined) return false
  for (const a of one) {
    for (const b of other) if (a.object === b.object && (a.writes || b.writes)) return false
  }
  return true
}

/** Wakes those whose step depends on the one that was taken. */
export const wakeDependent = (asleep: Array<Sleeper>, taken: Touched): void => {
  let kept = 0
  for (const sleeper of asleep) if (independent(sleeper.touched, taken)) asleep[kept++] = sleeper
  asleep.length = kept
}
