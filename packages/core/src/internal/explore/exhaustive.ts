/**
 * Every schedule, by depth-first search. The model can't be put back to an earlier state, so each run starts anew and
 * repeats the choices up to the last point where another one is left (stateless search: Godefroid, "Model checking for
 * programming languages using VeriSoft", 1997).
 *
 * With a bound on preemptions the bound is raised from 0 on, so that what is found first has as few as can be (Musuvathi
 * and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", 2007). Each round repeats
 * the runs of those before it: they are few beside its own, and are not counted again.
 *
 * Of a model that says what its steps touch, what differs only in the order of independent steps is left out:
 * - without a bound by sleep sets (`sleepSet.ts`), and, if it is enough to see how runs end, by trying at each point only
 *   those whose turn there would reverse a race that was seen (`HappensBefore.ts`): dynamic partial-order reduction with
 *   source sets (Abdulla, Aronis, Jonsson and Sagonas, "Optimal dynamic partial order reduction", POPL 2014);
 * - with a bound by the beginnings of runs that are equivalent to one seen before with no more preemptions (Musuvathi and
 *   Qadeer, "Partial-order reduction for context-bounded state exploration", 2007). Sleep and source sets would not do:
 *   the one order that they keep may be one that the bound forbids.
 *
 * @internal
 */
import { HappensBefore } from "./HappensBefore.ts"
import type { Execution } from "./Model.ts"
import { CUT, continueWith, DIVERGED, isPreemption, type Search, type Strategy } from "./Strategy.ts"
import { type Sleeper, type Touched, wakeDependent } from "./sleepSet.ts"
import { VisitedStates } from "./VisitedStates.ts"

export interface ExhaustiveOptions {
  /** At most so many turns taken from an agent that could have gone on; no limit when absent. */
  readonly preemptions?: number | undefined
  /** For models that say what steps touch only if they are asked to. */
  readonly reduces?: boolean | undefined
}

export const exhaustive = ({ preemptions, reduces = false }: ExhaustiveOptions = {}): Strategy => {
  const bound = preemptions === undefined ? "" : `, at most ${preemptions} preemptions`
  return {
    name: `exhaustive${reduces ? ", reduced" : ""}${bound}`,
    reduces,
    search: () => new DepthFirst(preemptions ?? Number.POSITIVE_INFINITY)
  }
}

/** A point of the current run where more than one agent was enabled. */
class ChoicePoint {
  readonly enabled: Array<number> = []
  /** Those that are to be tried, in order. */
  readonly candidates: Array<number> = []
  /** At first only one is a candidate; each of the others when a race is seen that its turn here would reverse. */
  byRaces = false
  /** What the step of each candidate that was tried touched. */
  readonly touched: Array<Touched> = []
  /** Which candidate the current run takes; those before it are done. */
  taken = 0
  readonly asleep: Array<Sleeper> = []
  /** Preemptions before this point. */
  preemptions = 0
}

class DepthFirst implements Search {
  readonly #limit: number
  #bound: number
  /** The first `#depth` are the path of the current run; those after are kept for later paths. */
  readonly #path: Array<ChoicePoint> = []
  #depth = 0
  /** So many points of the path were there before the current run. */
  #repeated = 0
  #position = 0
  #preemptions = 0
  readonly #asleep: Array<Sleeper> = []
  readonly #order = new HappensBefore()
  /** The point at which each step of the current run was chosen, if there was a choice. */
  readonly #pointOf: Array<ChoicePoint | undefined> = []
  /** Where the step under way was chosen, if there was a choice. */
  #chosenAt: ChoicePoint | undefined = undefined
  /** The step under way is this search's, and not one of the fair turns at the end of a long run. */
  #asked = false
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

  order(): HappensBefore | undefined {
    return this.#order.length === 0 ? undefined : this.#order
  }

  begin(run: number): boolean {
    this.#position = 0
    this.#preemptions = 0
    this.#asleep.length = 0
    this.#order.clear()
    this.#pointOf.length = 0
    const goesOn = run === 0 || this.#backtrack() || this.#nextRound()
    this.#repeated = this.#depth
    return goesOn
  }

  choose(enabled: ReadonlyArray<number>, last: number, execution: Execution): number {
    const repeats = this.#position < this.#depth
    this.#asked = true
    this.#chosenAt = undefined
    if (enabled.length === 1) return repeats ? enabled[0]! : this.#goOn(enabled[0]!)
    const point = repeats ? this.#path[this.#position]! : this.#newPoint(enabled, last, execution)
    if (point === undefined) return CUT
    if (repeats && !same(point.enabled, enabled)) return DIVERGED
    this.#position++
    this.#chosenAt = point
    const agent = point.candidates[point.taken]!
    this.#preemptions = point.preemptions + (isPreemption(enabled, last, agent) ? 1 : 0)
    return agent
  }

  stepped(agent: number, execution: Execution): void {
    if (execution.touched === undefined) return
    const touched = execution.touched()
    const isFairTurn = !this.#asked
    const point = isFairTurn ? undefined : this.#chosenAt
    this.#asked = false
    this.#pointOf.push(point)
    const races = this.#order.append(agent, identityOf(execution, agent), touched, execution.time?.() ?? 0)
    // What comes before the last point that is repeated was looked at when it was new.
    if (this.#position < this.#repeated || this.#bound !== Number.POSITIVE_INFINITY) return
    for (const earlier of races) this.#reverse(earlier, agent, execution)
    if (point?.byRaces) this.#disturb(point, agent, touched, execution)
    if (this.#position === this.#depth && !isFairTurn) this.#sleep(point, touched)
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
    const turn = last === -1 ? last : identityOf(execution, last)
    if (this.#visited.covers(this.#stateOf(execution), turn, this.#preemptions, this.#asleep)) return undefined
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
    point.byRaces =
      this.#bound === Number.POSITIVE_INFINITY &&
      execution.touched !== undefined &&
      execution.judgesEndsOnly?.() === true
    if (point.byRaces) point.candidates.length = 1
    this.#depth++
    return point
  }

  /** What was seen before under the same name need not be seen again. Source sets can't be joined with that. */
  #stateOf(execution: Execution): string | undefined {
    const state = execution.state?.()
    if (state !== undefined || this.#bound === Number.POSITIVE_INFINITY || execution.touched === undefined) return state
    return String(this.#order.fingerprint)
  }

  #listCandidates({ asleep, candidates, enabled, preemptions }: ChoicePoint, last: number): void {
    candidates.length = 0
    const sleeps = (agent: number) => asleep.some((sleeper) => sleeper.agent === agent)
    const usual = continueWith(enabled, last)
    if (!sleeps(usual)) candidates.push(usual)
    if (usual === last && preemptions === this.#bound) {
      this.#bounded = true
      return
    }
    for (const agent of enabled) if (agent !== usual && !sleeps(agent)) candidates.push(agent)
  }

  /** Sees to it that a run is tried in which the step just taken comes before one that it races with. */
  #reverse(earlier: number, agent: number, execution: Execution): void {
    const point = this.#pointOf[earlier]
    if (!point?.byRaces) return
    const identity = identityOf(execution, agent)
    // Who can go on only since that step can't have done so before.
    if (!point.enabled.includes(agent) && isWritten(identity, this.#order.touched[earlier]) === true) return
    tryAt(point, this.#order.initials(earlier, this.#order.length - 1))
  }

  /** Who could have gone on, and was touched, may now do something else or nothing: it has to be seen going on before. */
  #disturb(point: ChoicePoint, agent: number, touched: Touched, execution: Execution): void {
    for (const other of point.enabled) {
      const isTouched = isWritten(identityOf(execution, other), touched) ?? true
      if (other !== agent && isTouched) tryAt(point, [other])
    }
  }

  /** After the last known choice, those sleep who were tried in its place; after each step those wake that depend on it. */
  #sleep(point: ChoicePoint | undefined, touched: Touched): void {
    if (point !== undefined) {
      point.touched[point.taken] = touched
      copy(point.asleep, this.#asleep)
      for (let i = 0; i < point.taken; i++) {
        this.#asleep.push({ agent: point.candidates[i]!, touched: point.touched[i] })
      }
    }
    wakeDependent(this.#asleep, touched)
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

/** One of these has to be tried there, unless one is, or was in an equivalent run. */
const tryAt = ({ asleep, candidates, enabled }: ChoicePoint, agents: ReadonlyArray<number>): void => {
  if (agents.some((agent) => candidates.includes(agent) || asleep.some((sleeper) => sleeper.agent === agent))) return
  const agent = agents.find((one) => enabled.includes(one))
  if (agent !== undefined) candidates.push(agent)
}

/** `undefined`: nobody knows. */
const isWritten = (identity: number, touched: Touched): boolean | undefined =>
  touched?.some(({ object, writes }) => writes && object === identity)

const identityOf = (execution: Execution, agent: number): number => execution.identity?.(agent) ?? agent

const same = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): boolean =>
  one.length === other.length && one.every((agent, index) => agent === other[index])

const copy = <A>(from: ReadonlyArray<A>, to: Array<A>): void => {
  to.length = from.length
  for (let i = 0; i < from.length; i++) to[i] = from[i]!
}
