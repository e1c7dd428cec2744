/**
 * The states that an exhaustive search has been to, for models that fingerprint them. A state need not be explored
 * again if all that would be done there now has been done, or is being done, since it was first seen:
 * - without a bound: if nobody slept then who is awake now (Godefroid's sleep sets with state matching);
 * - with a bound: if the same agent had the turn, and no more preemptions had been spent.
 *
 * @internal
 */
import type { Sleeper } from "./sleepSet.ts"

export class VisitedStates {
  readonly #bounded: boolean
  readonly #asleep = new Map<string, ReadonlyArray<number>>()
  readonly #preemptions = new Map<string, number>()

  constructor(bounded: boolean) {
    this.#bounded = bounded
  }

  /**
   * Whether exploring on from a state would only repeat; takes note of the visit if not. `turn` names who has the turn,
   * alike whenever the state is the same.
   */
  covers(state: string | undefined, turn: number, preemptions: number, asleep: ReadonlyArray<Sleeper>): boolean {
    if (state === undefined) return false
    return this.#bounded ? this.#coversBounded(`${turn}:${state}`, preemptions) : this.#coversAsleep(state, asleep)
  }

  clear(): void {
    this.#asleep.clear()
    this.#preemptions.clear()
  }

  #coversBounded(state: string, preemptions: number): boolean {
    const before = this.#preemptions.get(state)
    if (before !== undefined && before <= preemptions) return true
    this.#preemptions.set(state, preemptions)
    return false
  }

  #coversAsleep(state: string, sleepers: ReadonlyArray<Sleeper>): boolean {
    const asleep = sleepers.map(({ agent }) => agent)
    const before = this.#asleep.get(state)
    if (before?.every((agent) => asleep.includes(agent))) return true
    this.#asleep.set(state, before === undefined ? asleep : before.filter((agent) => asleep.includes(agent)))
    return false
  }
}
