/**
 * Sleep sets (Godefroid, "Partial-order methods for the verification of concurrent systems", LNCS 1032, 1996): an agent
 * sleeps while its next step would only lead to a run that differs from one explored before in the order of independent
 * steps. Alone, without persistent sets, they leave out transitions but no state: what is checked after each step is
 * checked in every state that can be reached.
 *
 * @internal
 */
import type { Access, Execution } from "./Model.ts"

/** Steps that touch nothing in common, or only read it, can change places. What is unknown depends on everything. */
export const independent = (
  one: ReadonlyArray<Access> | undefined,
  other: ReadonlyArray<Access> | undefined
): boolean => {
  if (one === undefined || other === undefined) return false
  for (const a of one) {
    for (const b of other) if (a.object === b.object && (a.writes || b.writes)) return false
  }
  return true
}

/**
 * Who sleeps after `agent` took the next step: those who slept, or whose step was explored in its place, as far as
 * their step is independent of it. To be called before the step; the result is written to `into`.
 */
export const asleepAfter = (
  agent: number,
  asleep: ReadonlyArray<number>,
  explored: ReadonlyArray<number>,
  exploredCount: number,
  execution: Execution,
  into: Array<number>
): void => {
  into.length = 0
  if (execution.touches === undefined || asleep.length + exploredCount === 0) return
  const touched = execution.touches(agent)
  for (const other of asleep) if (independent(execution.touches(other), touched)) into.push(other)
  for (let i = 0; i < exploredCount; i++) {
    if (independent(execution.touches(explored[i]!), touched)) into.push(explored[i]!)
  }
}
