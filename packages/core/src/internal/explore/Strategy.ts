/**
 * How the next agent is chosen. A strategy is a value that can be used again; each exploration makes a search of it,
 * which keeps the memory of that exploration.
 *
 * @internal
 */
import type { HappensBefore } from "./HappensBefore.ts"
import type { Execution } from "./Model.ts"

export interface Strategy {
  readonly name: string
  /** Leaves out what differs only in the order of independent steps: wants to know what each step touches. */
  readonly reduces?: boolean
  readonly search: (seed: number) => Search
}

/** Returned by `choose` to end the run: what would follow was explored before. */
export const CUT = -1

/** Returned by `choose` to end the run: the model did not do what it did after the same choices before. */
export const DIVERGED = -2

export interface Search {
  /** Makes ready for run number `run`, from 0; `false`: nothing is left to run. */
  readonly begin: (run: number) => boolean
  /**
   * Which of the enabled agents goes on, or `CUT`, or `DIVERGED`. Asked before every step, also where there is only one
   * to choose. `last` took the step before; -1 before the first.
   */
  readonly choose: (enabled: ReadonlyArray<number>, last: number, execution: Execution) => number
  /** Told of each step that was taken. */
  readonly stepped?: (agent: number, execution: Execution) => void
  /** The run is over. `false`: it repeated one that was counted before. `overran`: the engine chose from some step on. */
  readonly end: (overran: boolean) => boolean
  /** Only of a search that reduces: what happened before what in the run that is over. */
  readonly order?: () => HappensBefore | undefined
  /** Only of a search that counts preemptions: all schedules with up to so many have been run; -1: not even those with none. */
  readonly exhausted?: () => number
}

/** What a run does where nothing is prescribed: no preemption, and the first in line when the last agent can't go on. */
export const continueWith = (enabled: ReadonlyArray<number>, last: number): number =>
  enabled.includes(last) ? last : enabled[0]!

/** Whether choosing `agent` takes the turn from one that could have gone on. */
export const isPreemption = (enabled: ReadonlyArray<number>, last: number, agent: number): boolean =>
  agent !== last && enabled.includes(last)
