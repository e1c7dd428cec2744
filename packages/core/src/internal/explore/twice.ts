/**
 * Each schedule of another strategy, run twice. The second run has to offer the same choices as the first: if it doesn't,
 * something takes part that the schedule doesn't decide, and no schedule of the program can be trusted to be replayed.
 *
 * @internal
 */
import type { HappensBefore } from "./HappensBefore.ts"
import type { Execution } from "./Model.ts"
import { DIVERGED, type Search, type Strategy } from "./Strategy.ts"

export const twice = (strategy: Strategy): Strategy => ({
  name: `${strategy.name}, each run twice`,
  reduces: strategy.reduces === true,
  search: (seed) => new Twice(strategy.search(seed))
})

class Twice implements Search {
  readonly exhausted?: () => number
  readonly #search: Search
  /** What the first run was offered at each step, and what it took. */
  readonly #offered: Array<ReadonlyArray<number>> = []
  readonly #taken: Array<number> = []
  #isSecond = true
  #position = 0
  #runs = 0
  /** A second run ended before the first one had. */
  #endedEarly = false

  constructor(search: Search) {
    this.#search = search
    const { exhausted } = search
    if (exhausted !== undefined) this.exhausted = () => exhausted.call(search)
  }

  stepped(agent: number, execution: Execution): void {
    if (!this.#isSecond) this.#search.stepped?.(agent, execution)
  }

  order(): HappensBefore | undefined {
    return this.#search.order?.()
  }

  begin(): boolean {
    this.#isSecond = !this.#isSecond
    this.#position = 0
    if (this.#isSecond) return true
    this.#offered.length = 0
    this.#taken.length = 0
    return this.#search.begin(this.#runs++)
  }

  choose: Search["choose"] = (enabled, last, execution) => {
    const at = this.#position++
    if (this.#endedEarly) return DIVERGED
    if (!this.#isSecond) {
      const agent = this.#search.choose(enabled, last, execution)
      this.#offered.push([...enabled])
      this.#taken.push(agent)
      return agent
    }
    const offered = this.#offered[at]
    const isSame = offered?.length === enabled.length && offered.every((agent, index) => agent === enabled[index])
    return isSame ? this.#taken[at]! : DIVERGED
  }

  end(overran: boolean): boolean {
    if (!this.#isSecond) return this.#search.end(overran)
    this.#endedEarly = this.#position < this.#taken.length
    return false
  }
}
