/**
 * Runs a model by a given schedule. Where the schedule has ended, or names an agent that can't run, the run goes on
 * without preemptions, so that a schedule need only say what is special about it.
 *
 * @internal
 */
import type { Finding, Model } from "./Model.ts"
import { Run, runOnce } from "./run.ts"
import type { Schedule } from "./Schedule.ts"
import { continueWith, isPreemption, type Search, type Strategy } from "./Strategy.ts"

interface Step {
  readonly agent: number
  readonly name: string
  readonly description: string | undefined
  /** Who could have gone on instead, itself included. */
  readonly enabled: ReadonlyArray<number>
  /** The turn was taken from an agent that could have gone on. */
  readonly preempts: boolean
}

export interface RunTrace {
  readonly steps: ReadonlyArray<Step>
  readonly finding: Finding | undefined
  /** The choices that were made: the given ones, and those that followed. */
  readonly schedule: Schedule
  readonly preemptions: number
  /** The position in the schedule of the first choice that could not be made: the program is not the one it was taken from. */
  readonly divergedAt: number | undefined
}

export const defaultMaxSteps = 10_000

/** Runs once by a schedule and writes down each step. `maxSteps` has to be that of the exploration for a livelock to be the same. */
export const replay = (model: Model, schedule: Schedule, options: { readonly maxSteps?: number } = {}): RunTrace => {
  const run = new Run()
  const search = new Replay(schedule)
  const steps: Array<Step> = []
  let enabled: ReadonlyArray<number> = []
  let last = -1
  runOnce(model, search, options.maxSteps ?? defaultMaxSteps, run, {
    choosing: (agents) => {
      enabled = [...agents]
    },
    stepped: (agent, execution) => {
      const preempts = isPreemption(enabled, last, agent)
      steps.push({ agent, name: execution.nameOf(agent), description: execution.describeStep(), enabled, preempts })
      last = agent
    }
  })
  return {
    steps,
    finding: run.finding,
    schedule: run.schedule(),
    preemptions: steps.filter((step) => step.preempts).length,
    divergedAt: search.divergedAt
  }
}

/** Runs the one schedule, as a strategy. */
export const replaying = (schedule: Schedule): Strategy => ({ name: "replay", search: () => new Replay(schedule) })

export class Replay implements Search {
  readonly #schedule: Schedule
  #position = 0
  /** So many choices say all: those after are what the run would do anyway. */
  needed = 0
  preemptions = 0
  switches = 0
  divergedAt: number | undefined = undefined

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  begin(run = 0): boolean {
    return run === 0
  }

  choose(enabled: ReadonlyArray<number>, last: number): number {
    const usual = continueWith(enabled, last)
    const agent = enabled.length === 1 ? usual : this.#next(enabled, usual)
    if (agent !== last) this.switches++
    if (isPreemption(enabled, last, agent)) this.preemptions++
    return agent
  }

  end(): boolean {
    return true
  }

  #next(enabled: ReadonlyArray<number>, usual: number): number {
    const position = this.#position++
    const wanted = this.#schedule[position]
    if (wanted === undefined) return usual
    if (!enabled.includes(wanted)) {
      this.divergedAt ??= position
      return usual
    }
    if (wanted !== usual) this.needed = position + 1
    return wanted
  }
}
