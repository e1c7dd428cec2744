/**
 * Every schedule, by depth-first search. The model can't be put back to an earlier state, so each run starts anew and
 * repeats the choices up to the last point where another one is left (stateless search: Godefroid, "Model checking for
 * programming languages using VeriSoft", 1997).
 *
 * With a bound on preemptions the bound is raised from 0 on, so that what is found first has as few as can be (Musuvathi
 * and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", 2007). Each round repeats
 * the runs of those before it: they are few beside its own, and are not counted again.
 *
 * Without a bound, steps that are known to be independent are not run in both orders (`sleepSet.ts`). With a bound they
 * are, since the one order that is kept may be one that the bound forbids (Coons, Musuvathi and McKinley, "Bounded
 * partial-order reduction", 2013).
 *
 * @internal
 */
import type { Execution } from "./Model.ts"
import { CUT, continueWith, DIVERGED, isPreemption, type Search, type Strategy } from "./Strategy.ts"
import { asleepAfter } from "./sleepSet.ts"
import { VisitedStates } from "./VisitedStates.ts"

/** `preemptions`: at most so many turns taken from an agent that could have gone on; no limit when absent. */
export const exhaustive = (options: { readonly preemptions?: number | undefined } = {}): Strategy => {
  const limit = options.preemptions ?? Number.POSITIVE_INFINITY
  return {
    name: limit === Number.POSITIVE_INFINITY ? "exhaustive" : `exhaustive, at most ${limit} preemptions`,
    search: () => new DepthFirst(limit)
  }
}

/** A point of the current run where more than one agent was enabled. */
class ChoicePoint {
  readonly enabled: Array<number> = []
  /** Those that are to be tried, in order. */
  readonly candidates: Array<number> = []
  /** Which candidate the current run takes; those before it are done. */
  taken = 0
  readonly asleep: Array<number> = []
  /** Preemptions before this point. */
  preemptions = 0
}

class DepthFirst implements Search {
  readonly #limit: number
  #bound: number
  /** The first `#depth` are the path of the current run; those after are kept for later paths. */
  readonly #path: Array<ChoicePoint> = []
  #depth = 0
  #position = 0
  #preemptions = 0
  readonly #asleep: Array<number> = []
  readonly #visited: VisitedStates
  /** In this round a choice was left out since it was one preemption too many. */
  #bounded = false
  #overran = false
  #exhausted = -1

  constructor(limit: number) {
    this.#limit = limit
    this.#bound = limit === Number.POSITIVE_INFINITY ? limit : 0
    this.#visited = new VisitedStates(limit !== Number.POSITIVE_INFINITY)
  }

  exhausted(): number {
    return this.#exhausted
  }

  begin(run: number): boolean {
    this.#position = 0
    this.#preemptions = 0
    this.#asleep.length = 0
    return run === 0 || this.#backtrack() || this.#nextRound()
  }

  choose(enabled: ReadonlyArray<number>, last: number, execution: Execution): number {
    const repeats = this.#position < this.#depth
    if (enabled.length === 1) return repeats ? enabled[0]! : this.#goOn(enabled[0]!)
    const point = repeats ? this.#path[this.#position]! : this.#newPoint(enabled, last, execution)
    if (point === undefined) return CUT
    if (repeats && !same(point.enabled, enabled)) return DIVERGED
    this.#position++
    const agent = point.candidates[point.taken]!
    this.#preemptions = point.preemptions + (isPreemption(enabled, last, agent) ? 1 : 0)
    // Only the last known point is followed by one that needs it.
    if (this.#position === this.#depth && this.#bound === Number.POSITIVE_INFINITY) {
      asleepAfter(agent, point.asleep, point.candidates, point.taken, execution, this.#asleep)
    }
    return agent
  }

  end(overran: boolean): boolean {
    if (overran) this.#overran = true
    return this.#bound === Number.POSITIVE_INFINITY || this.#preemptions === this.#bound
  }

  /** The only step that can be taken. Whoever sleeps is enabled, so that if anybody is asleep, it is this agent. */
  #goOn(agent: number): number {
    return this.#asleep.length > 0 ? CUT : agent
  }

  #newPoint(enabled: ReadonlyArray<number>, last: number, execution: Execution): ChoicePoint | undefined {
    if (this.#visited.covers(execution, last, this.#preemptions, this.#asleep)) return undefined
    let point = this.#path[this.#depth]
    if (point === undefined) {
      point = new ChoicePoint()
      this.#path.push(point)
    }
    copy(enabled, point.enabled)
    copy(this.#asleep, point.asleep)
    point.taken = 0
    point.preemptions = this.#preemptions
    this.#listCandidates(point, last)
    if (point.candidates.length === 0) return undefined
    this.#depth++
    return point
  }

  #listCandidates({ asleep, candidates, enabled, preemptions }: ChoicePoint, last: number): void {
    candidates.length = 0
    const usual = continueWith(enabled, last)
    if (!asleep.includes(usual)) candidates.push(usual)
    if (usual === last && preemptions === this.#bound) {
      this.#bounded = true
      return
    }
    for (const agent of enabled) if (agent !== usual && !asleep.includes(agent)) candidates.push(agent)
  }

  #backtrack(): boolean {
    while (this.#depth > 0) {
      const point = this.#path[this.#depth - 1]!
      point.taken++
      if (point.taken < point.candidates.length) return true
      this.#depth--
    }
    return false
  }

  #nextRound(): boolean {
    if (this.#overran) return false
    this.#exhausted = this.#bounded ? this.#bound : Number.POSITIVE_INFINITY
    if (!this.#bounded || this.#bound === this.#limit) return false
    this.#bound++
    this.#bounded = false
    this.#visited.clear()
    return true
  }
}

const same = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): boolean =>
  one.length === other.length && one.every((agent, index) => agent === other[index])

const copy = (from: ReadonlyArray<number>, to: Array<number>): void => {
  to.length = from.length
  for (let i = 0; i < from.length; i++) to[i] = from[i]!
}
