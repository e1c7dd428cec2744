/**
 * A random walk: at each choice every enabled agent is as likely as the next. Fair with probability one, and the best
 * that is known when nothing is known of the bug (Thomson, Donaldson and Betts, "Concurrency testing using controlled
 * schedulers", 2016).
 *
 * @internal
 */
import { Prng } from "./Prng.ts"
import type { Search, Strategy } from "./Strategy.ts"

export const random: Strategy = { name: "random", search: (seed) => new RandomWalk(seed) }

class RandomWalk implements Search {
  readonly #seed: number
  readonly #prng = new Prng()

  constructor(seed: number) {
    this.#seed = seed
  }

  begin(run: number): boolean {
    this.#prng.reset(this.#seed, run)
    return true
  }

  choose(enabled: ReadonlyArray<number>): number {
    return enabled.length === 1 ? enabled[0]! : enabled[this.#prng.below(enabled.length)]!
  }

  end(): boolean {
    return true
  }
}
