/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with
 * probabilistic guarantees of finding bugs", ASPLOS 2010). Each agent has a random priority, the highest that is enabled
 * goes on, and at `depth - 1` random points the one whose turn it is falls below all others. A bug that needs `depth`
 * orderings between steps is found by each run with a probability of at least 1/(n·k^(depth-1)), for n agents and k
 * choices.
 *
 * k is not known beforehand: it is the most that a run made so far, so that the first run changes no priority. Steps
 * where only one agent is enabled are not counted, as in Shuttle.
 *
 * @internal
 */
import { Prng } from "./Prng.ts"
import type { Search, Strategy } from "./Strategy.ts"

export const pct = (options: { readonly depth: number }): Strategy => ({
  name: `pct, depth ${options.depth}`,
  search: (seed) => new Priorities(seed, options.depth)
})

class Priorities implements Search {
  readonly #seed: number
  readonly #prng = new Prng()
  /** By agent, drawn when it is first seen; the highest goes on. Those that were lowered are negative. */
  readonly #priorities: Array<number | undefined> = []
  /** At which choice of the run; the first lowers least far. */
  readonly #changes: Array<number>
  #choice = 0
  #longest = 0

  constructor(seed: number, depth: number) {
    this.#seed = seed
    this.#changes = new Array<number>(Math.max(0, depth - 1)).fill(-1)
  }

  begin(run: number): boolean {
    this.#prng.reset(this.#seed, run)
    this.#priorities.length = 0
    this.#choice = 0
    if (this.#longest > 0) {
      for (let i = 0; i < this.#changes.length; i++) this.#changes[i] = this.#prng.below(this.#longest)
    }
    return true
  }

  choose(enabled: ReadonlyArray<number>): number {
    if (enabled.length === 1) return enabled[0]!
    let agent = this.#highest(enabled)
    for (let i = 0; i < this.#changes.length; i++) {
      if (this.#changes[i] !== this.#choice) continue
      this.#priorities[agent] = -1 - i
      agent = this.#highest(enabled)
    }
    this.#choice++
    return agent
  }

  end(): boolean {
    if (this.#choice > this.#longest) this.#longest = this.#choice
    return true
  }

  #highest(enabled: ReadonlyArray<number>): number {
    let highest = enabled[0]!
    let priority = Number.NEGATIVE_INFINITY
    for (const agent of enabled) {
      const own = this.#priorities[agent] ?? this.#draw(agent)
      if (own > priority) {
        highest = agent
        priority = own
      }
    }
    return highest
  }

  /** Independent draws order the agents as a random permutation would. */
  #draw(agent: number): number {
    const priority = this.#prng.next()
    this.#priorities[agent] = priority
    return priority
  }
}
