/**
 * Makes the schedule of a finding simpler, as long as the finding stays of the same kind. Simpler is, in this order:
 * fewer preemptions, fewer switches between agents, fewer choices to write down, fewer steps, smaller numbers. What is
 * tried:
 * - leaving out choices, whole halves first (delta debugging: Zeller and Hildebrandt, "Simplifying and isolating
 *   failure-inducing input", 2002);
 * - joining two turns of an agent, by moving the later one forward (Jalbert and Sen, "A trace simplification technique
 *   for effective debugging of concurrent programs", 2010);
 * - at each choice, not to switch, or to take an agent with a smaller number;
 * - two agents in each other's place, so that of schedules that are mirror images the same one is shown.
 *
 * The result is a local minimum: no single one of these makes it simpler.
 *
 * @internal
 */
import type { Finding, Model } from "./Model.ts"
import { Replay } from "./replay.ts"
import { Run, runOnce } from "./run.ts"
import type { Schedule } from "./Schedule.ts"

export interface ShrinkOptions {
  readonly maxSteps: number
  /** Runs at most. */
  readonly attempts: number
  /** Asked before each run: whether time is left. */
  readonly goOn: () => boolean
}

export interface Shrunk {
  readonly schedule: Schedule
  readonly finding: Finding
  /** A schedule without a finding that parts from the result as late as can be. */
  readonly passing: Schedule | undefined
}

/** `undefined`: replayed, the schedule does not show the finding again. */
export const shrink = (
  model: Model,
  schedule: Schedule,
  kind: Finding["kind"],
  options: ShrinkOptions
): Shrunk | undefined => {
  const shrinker = new Shrinker(model, kind, options)
  return shrinker.adopt(schedule) ? shrinker.finish() : undefined
}

/** Steps of all attempts: a livelock takes thousands each time. */
const mostSteps = 1_000_000

/** A run that shows the finding. */
interface Failing {
  readonly choices: Schedule
  readonly measure: ReadonlyArray<number>
  readonly finding: Finding
}

class Shrinker {
  readonly #model: Model
  readonly #kind: Finding["kind"]
  readonly #options: ShrinkOptions
  readonly #run = new Run()
  readonly #tried = new Set<string>()
  #attempts = 0
  #steps = 0
  #best: Failing | undefined = undefined

  constructor(model: Model, kind: Finding["kind"], options: ShrinkOptions) {
    this.#model = model
    this.#kind = kind
    this.#options = options
  }

  finish(): Shrunk {
    while (this.#joinTurns() || this.#leaveOut() || this.#change() || this.#exchange());
    const { choices, finding } = this.#best!
    return { schedule: choices, finding, passing: this.#nearestPassing(choices) }
  }

  /** Runs a candidate; `true` if it is the best so far. */
  adopt(candidate: Schedule): boolean {
    const key = candidate.join()
    if (this.#tried.has(key) || !this.#mayRun()) return false
    this.#tried.add(key)
    const replay = this.#replay(candidate)
    const { finding } = this.#run
    if (finding?.kind !== this.#kind) return false
    const choices = this.#run.choices.slice(0, replay.needed)
    const measure = [replay.preemptions, replay.switches, choices.length, this.#run.steps]
    if (this.#best !== undefined && !simpler(measure, choices, this.#best)) return false
    this.#best = { choices, measure, finding }
    return true
  }

  /** A B A' becomes A A' B. */
  #joinTurns(): boolean {
    const turns = turnsOf(this.#best!.choices)
    for (let later = 2; later < turns.length; later++) {
      for (let earlier = later - 2; earlier >= 0; earlier--) {
        if (turns[earlier]!.agent !== turns[later]!.agent) continue
        const moved = [
          ...turns.slice(0, earlier + 1),
          turns[later]!,
          ...turns.slice(earlier + 1, later),
          ...turns.slice(later + 1)
        ]
        if (this.adopt(choicesOf(moved))) return true
        break
      }
    }
    return false
  }

  #leaveOut(): boolean {
    const { choices } = this.#best!
    for (let size = Math.ceil(choices.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = choices.length - size; from > -size; from -= size) {
        const candidate = [...choices.slice(0, Math.max(0, from)), ...choices.slice(from + size)]
        if (this.adopt(candidate)) return true
      }
    }
    return false
  }

  #change(): boolean {
    const { choices } = this.#best!
    for (let at = 0; at < choices.length; at++) {
      const smaller = new Set(choices.filter((agent) => agent < choices[at]!))
      if (at > 0) smaller.add(choices[at - 1]!)
      for (const agent of smaller) if (this.adopt(choices.with(at, agent))) return true
    }
    return false
  }

  #exchange(): boolean {
    const { choices } = this.#best!
    for (const other of new Set(choices)) {
      for (let one = 0; one < other; one++) {
        const exchanged = choices.map((agent) => (agent === one ? other : agent === other ? one : agent))
        if (this.adopt(exchanged)) return true
      }
    }
    return false
  }

  /** Takes another way at the last choices first, and then goes on without preemptions. */
  #nearestPassing(failing: Schedule): Schedule | undefined {
    const agents = [...new Set(failing)].toSorted((a, b) => a - b)
    for (let at = failing.length - 1; at >= 0; at--) {
      const before = failing.slice(0, at)
      // The choice that is made when none is prescribed may be one that the failing schedule never names.
      for (const candidate of [before, ...agents.map((agent) => [...before, agent])]) {
        if (!this.#mayRun()) return undefined
        const replay = this.#replay(candidate)
        if (this.#run.finding === undefined && replay.divergedAt === undefined) {
          return this.#run.choices.slice(0, replay.needed)
        }
      }
    }
    return undefined
  }

  #mayRun(): boolean {
    return this.#attempts < this.#options.attempts && this.#steps < mostSteps && this.#options.goOn()
  }

  #replay(schedule: Schedule): Replay {
    this.#attempts++
    const replay = new Replay(schedule)
    runOnce(this.#model, replay, this.#options.maxSteps, this.#run)
    this.#steps += this.#run.steps
    return replay
  }
}

const simpler = (measure: ReadonlyArray<number>, choices: Schedule, than: Failing): boolean =>
  (difference(measure, than.measure) || difference(choices, than.choices)) < 0

/** Below zero if the first number that differs is smaller. */
const difference = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number => {
  const at = one.findIndex((number, index) => number !== other[index])
  return at === -1 ? 0 : one[at]! - (other[at] ?? 0)
}

interface Turn {
  readonly agent: number
  readonly length: number
}

const turnsOf = (choices: Schedule): ReadonlyArray<Turn> => {
  const turns: Array<Turn> = []
  for (let from = 0; from < choices.length; ) {
    let until = from + 1
    while (choices[until] === choices[from]) until++
    turns.push({ agent: choices[from]!, length: until - from })
    from = until
  }
  return turns
}

const choicesOf = (turns: ReadonlyArray<Turn>): Schedule =>
  turns.flatMap(({ agent, length }) => new Array<number>(length).fill(agent))
