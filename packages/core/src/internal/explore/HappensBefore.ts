/**
 * Which steps of a run happened before which, by what they touched: the partial order that all runs have in common which
 * differ only in the order of independent steps (Mazurkiewicz, "Trace theory", 1987). Vector clocks say at once whether
 * one step happened before another (Mattern, 1989); a race is a pair of dependent steps with nothing between them
 * (Flanagan and Godefroid, "Dynamic partial-order reduction for model checking software", 2005); a fingerprint of the
 * order tells runs, and beginnings of runs, apart that are not equivalent.
 *
 * @internal
 */
import type { Access } from "./Model.ts"
import type { Touched } from "./sleepSet.ts"

/** Of each agent, by id: one more than the number of the last of its steps that happened before. */
type Clock = Array<number>

interface LastSteps {
  write: number
  /** Since that write. */
  readonly reads: Array<number>
}

const none = -1

export class HappensBefore {
  /** Of each step: who took it, by id and by the name that is the same in equivalent runs, and what it touched. */
  readonly agents: Array<number> = []
  readonly identities: Array<number> = []
  readonly touched: Array<Touched> = []
  #high = 0
  #low = 0
  readonly #clocks: Array<Clock> = []
  readonly #highs: Array<number> = []
  readonly #lows: Array<number> = []
  readonly #lastOf: Array<number | undefined> = []
  readonly #lastOn = new Map<unknown, LastSteps>()
  /** The last step that depends on everything. */
  #lastOpaque = none
  #time = 0
  /** What happened before all that comes at this time. */
  #base: Clock = []
  #baseLength = 0
  #baseHash = 0

  get length(): number {
    return this.agents.length
  }

  /** The same for runs, and beginnings of runs, that are equivalent. 53 bits: all that a number holds exactly. */
  get fingerprint(): number {
    return (this.#high >>> 0) * 0x200000 + (this.#low >>> 11)
  }

  clear(): void {
    this.#high = 0
    this.#low = 0
    this.agents.length = 0
    this.identities.length = 0
    this.touched.length = 0
    this.#clocks.length = 0
    this.#highs.length = 0
    this.#lows.length = 0
    this.#lastOf.length = 0
    this.#lastOn.clear()
    this.#lastOpaque = none
    this.#time = 0
    this.#base = []
    this.#baseLength = 0
    this.#baseHash = 0
  }

  /**
   * Takes note of the next step. `identity` names its agent alike in equivalent runs. Returns the numbers of the steps
   * it races with, the latest first.
   */
  append(agent: number, identity: number, accesses: Touched, time: number): ReadonlyArray<number> {
    if (time !== this.#time) this.#startTime(time)
    const step = this.agents.length
    const own = this.#lastOf[agent] ?? none
    const isFirst = own < this.#baseLength
    const clock = isFirst ? [...this.#base] : [...this.#clocks[own]!]
    const before = accesses === undefined ? this.#lastOfAll() : this.#conflicting(step, accesses)
    if (!isFirst) before.push(own)
    before.sort((one, other) => other - one)
    const races: Array<number> = []
    let high = mix(identity, this.#baseHash)
    let low = mix(this.#baseHash, identity)
    let previous = none
    for (const earlier of before) {
      if (earlier === previous) continue
      previous = earlier
      high = (high + mix(this.#highs[earlier]!, this.#lows[earlier]!)) | 0
      low = (low + mix(this.#lows[earlier]!, this.#highs[earlier]!)) | 0
      if (this.#isIn(clock, earlier)) continue
      races.push(earlier)
      join(clock, this.#clocks[earlier]!)
    }
    clock[agent] = step + 1
    this.agents.push(agent)
    this.identities.push(identity)
    this.touched.push(accesses)
    this.#clocks.push(clock)
    this.#highs.push(high)
    this.#lows.push(low)
    this.#lastOf[agent] = step
    if (accesses === undefined) this.#lastOpaque = step
    this.#high = (this.#high + mix(high, low)) | 0
    this.#low = (this.#low + mix(low, high)) | 0
    return races
  }

  /** Whether the earlier of two steps happened before the later one. */
  ordered(earlier: number, later: number): boolean {
    return this.#isIn(this.#clocks[later]!, earlier)
  }

  /**
   * Who could take the first step of a run in which `later` comes before `earlier`, with which it races: the agents of
   * the steps from there on that need neither `earlier` nor each other.
   */
  initials(earlier: number, later: number): ReadonlyArray<number> {
    const moved: Array<number> = []
    const initials: Array<number> = []
    for (let step = earlier + 1; step <= later; step++) {
      if (step !== later && this.ordered(earlier, step)) continue
      if (!moved.some((other) => this.ordered(other, step))) initials.push(this.agents[step]!)
      moved.push(step)
    }
    return initials
  }

  #isIn(clock: Clock, step: number): boolean {
    return (clock[this.agents[step]!] ?? 0) > step
  }

  /** Time goes on when nothing can run: all that was before happened before all that comes. */
  #startTime(time: number): void {
    this.#time = time
    this.#base = this.#lastOf.map((last) => (last ?? none) + 1)
    this.#baseLength = this.agents.length
    this.#baseHash = mix(this.#high, this.#low)
    this.#lastOn.clear()
    this.#lastOpaque = none
  }

  #lastOfAll(): Array<number> {
    return this.#lastOf.filter((last): last is number => last !== undefined && last >= this.#baseLength)
  }

  #conflicting(step: number, accesses: ReadonlyArray<Access>): Array<number> {
    const steps = this.#lastOpaque === none ? [] : [this.#lastOpaque]
    for (const { object, writes } of accesses) {
      const last = this.#lastOn.get(object)
      if (last === undefined) {
        this.#lastOn.set(object, writes ? { write: step, reads: [] } : { write: none, reads: [step] })
        continue
      }
      if (last.write !== none && last.write !== step) steps.push(last.write)
      if (writes) {
        for (const read of last.reads) if (read !== step) steps.push(read)
        last.reads.length = 0
        last.write = step
      } else last.reads.push(step)
    }
    return steps
  }
}

/** The later of two clocks, agent by agent, into the first. */
const join = (clock: Clock, other: Clock): void => {
  for (let agent = 0; agent < other.length; agent++) {
    const steps = other[agent] ?? 0
    if (steps > (clock[agent] ?? 0)) clock[agent] = steps
  }
}

/** A number of 32 bits from two (the finalizer of MurmurHash3). */
export const mix = (one: number, other: number): number => {
  let hash = Math.imul(one ^ 0x9e3779b9, 0x85ebca6b) ^ (other + 0x7f4a7c15)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
