import { describe, expect, it } from "@effect/vitest"
import { exhaustive } from "../../../src/internal/explore/exhaustive.ts"
import { explore } from "../../../src/internal/explore/explore.ts"
import type { Access, Model } from "../../../src/internal/explore/Model.ts"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { abba, listed, lostUpdate, type Op, spinning, straight } from "./models.ts"

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

/** (m + n + ...)! / (m! n! ...) */
const interleavings = (lengths: ReadonlyArray<number>) =>
  factorial(lengths.reduce((sum, length) => sum + length, 0)) /
  lengths.map(factorial).reduce((product, factor) => product * factor, 1)

/** How many of them have at most so many preemptions: every order is written down, and its preemptions counted. */
const bounded = (lengths: ReadonlyArray<number>, preemptions: number): number => {
  const count = (left: ReadonlyArray<number>, last: number, used: number): number => {
    if (used > preemptions) return 0
    if (left.every((steps) => steps === 0)) return 1
    return left
      .map((steps, agent) => {
        if (steps === 0) return 0
        const preempts = last !== -1 && agent !== last && left[last]! > 0
        return count(left.with(agent, steps - 1), agent, used + (preempts ? 1 : 0))
      })
      .reduce((sum, orders) => sum + orders, 0)
  }
  return count(lengths, -1, 0)
}

const everything = { schedules: 1_000_000 }
const all = { ...everything, strategy: exhaustive() }

describe("every schedule", () => {
  it.each([
    [[1, 1], 2],
    [[2, 2], 6],
    [[3, 2], 10],
    [[5, 5], 252],
    [[2, 2, 2], 90],
    [[3, 2, 1], 60],
    [[1, 1, 1, 1], 24],
    [[4], 1],
    [[], 1]
  ])("of agents with %j steps: %i", (lengths, count) => {
    expect(interleavings(lengths)).toBe(count)
    const orders = new Set<string>()
    const report = explore(
      straight(lengths, undefined, (order) => orders.add(order.join())),
      all
    )
    expect(report).toMatchObject({ runs: count, traces: count, pruned: 0, complete: true })
    expect(report.exhausted).toBe(Number.POSITIVE_INFINITY)
    expect(orders.size).toBe(count)
  })

  it.each([
    [[3, 3], 0],
    [[3, 3], 1],
    [[3, 3], 2],
    [[5, 5], 3],
    [[2, 3, 2], 0],
    [[2, 3, 2], 1],
    [[2, 3, 2], 2],
    [[2, 2, 2, 2], 1]
  ])("of agents with %j steps with at most %i preemptions", (lengths, preemptions) => {
    const report = explore(straight(lengths), { ...everything, strategy: exhaustive({ preemptions }) })
    const count = bounded(lengths, preemptions)
    expect(report).toMatchObject({ runs: count, traces: count, complete: true, exhausted: preemptions })
  })

  it("two agents of n steps: 2 without preemptions, and 2 (n - 1) more with one", () => {
    for (const n of [2, 5, 9]) {
      expect(bounded([n, n], 0)).toBe(2)
      const report = explore(straight([n, n]), { ...everything, strategy: exhaustive({ preemptions: 1 }) })
      expect(report.runs).toBe(2 + 2 * (n - 1))
    }
  })

  it("a bound that is never reached is no bound", () => {
    const report = explore(straight([2, 2]), { ...everything, strategy: exhaustive({ preemptions: 9 }) })
    expect(report).toMatchObject({ runs: 6, complete: true, exhausted: Number.POSITIVE_INFINITY })
  })
})

describe("complete", () => {
  it("is not said when the budget ended first, but how far it came is", () => {
    const report = explore(straight([3, 3]), { schedules: 4, strategy: exhaustive({ preemptions: 2 }) })
    expect(report).toMatchObject({ complete: false, exhausted: 0 })
    expect(explore(straight([3, 3]), { ...all, schedules: 19 })).toMatchObject({ complete: false, exhausted: -1 })
  })

  it("is said when the budget was just enough to see that nothing is left", () => {
    expect(explore(straight([3, 3]), { ...all, schedules: 21 })).toMatchObject({ runs: 20, complete: true })
  })

  it("is not said when something was found", () => {
    expect(explore(lostUpdate(2), all).complete).toBe(false)
  })

  it("is not said when a run was so long that the engine chose for itself", () => {
    const report = explore(spinning(), { ...all, maxSteps: 20 })
    expect(report.finding).toBeUndefined()
    expect(report).toMatchObject({ complete: false, exhausted: -1 })
  })
})

describe("what is found first", () => {
  it("has the fewest preemptions", () => {
    const { finding, schedule } = explore(lostUpdate(2, 4), { strategy: exhaustive({ preemptions: 3 }) })
    expect(finding?.kind).toBe("failure")
    // One preemption, between the load and the store.
    expect(schedule!.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 1])
    expect(explore(abba(), { strategy: exhaustive({ preemptions: 0 }) })).toMatchObject({
      finding: undefined,
      complete: true,
      exhausted: 0
    })
  })

  it("a model that does something else after the same choices is named, not believed", () => {
    let runs = 0
    const moody: Model = { start: () => straight(runs++ % 2 === 0 ? [3, 3] : [3, 3, 1]).start() }
    expect(explore(moody, all).finding?.kind).toBe("escape")
  })
})

describe("independent steps", () => {
  const own = (agent: number): ReadonlyArray<Access> => [{ object: `own ${agent}`, writes: true }]
  const shared = (writes: boolean) => () => [{ object: "shared", writes }]

  it("run in one order only", () => {
    expect(explore(straight([4, 4], own), all)).toMatchObject({ runs: 1, traces: 1, complete: true })
    expect(explore(straight([3, 3, 3], own), all)).toMatchObject({ runs: 1, complete: true })
    expect(explore(straight([3, 3, 3], shared(false)), all)).toMatchObject({ runs: 1, complete: true })
  })

  it("dependent ones in all", () => {
    expect(explore(straight([3, 3], shared(true)), all)).toMatchObject({ runs: 20, pruned: 0, complete: true })
  })

  it("with a bound on preemptions, in all that it allows", () => {
    const report = explore(straight([3, 3], own), { ...everything, strategy: exhaustive({ preemptions: 1 }) })
    expect(report.runs).toBe(bounded([3, 3], 1))
  })
})

describe("what is left out loses nothing: on random programs", () => {
  const variables = 3

  /** Loads, stores, sums and waits over three variables; each agent has one register. */
  /** `kinds`: 4 with waits, 3 without. */
  const randomProgram = (prng: Prng, kinds = 4): ReadonlyArray<ReadonlyArray<Op<State>>> =>
    Array.from({ length: 2 + prng.below(2) }, (_, agent) =>
      Array.from({ length: 1 + prng.below(4) }, (): Op<State> => {
        const at = prng.below(variables)
        const touches = (writes: boolean) => [{ object: at, writes }]
        switch (prng.below(kinds)) {
          case 0:
            return {
              touches: touches(false),
              does: (state) => {
                state.registers[agent] = state.memory[at]!
              }
            }
          case 1:
            return {
              touches: touches(true),
              does: (state) => {
                state.memory[at] = state.registers[agent]! + 1
              }
            }
          case 2:
            return {
              touches: touches(true),
              does: (state) => {
                state.memory[at] = state.memory[at]! * 2 + agent
              }
            }
          default:
            return { touches: touches(false), does: () => {}, when: (state) => state.memory[at] !== 1 }
        }
      })
    )

  interface State {
    readonly memory: Array<number>
    readonly registers: Array<number>
  }

  /** Every state that some schedule comes through, and those it ends in. */
  const outcomes = (agents: ReadonlyArray<ReadonlyArray<Op<State>>>, options: Leave) => {
    const seen = new Set<string>()
    const ends = new Set<string>()
    const show = (state: State, positions: ReadonlyArray<number>) => JSON.stringify([state, positions])
    let runs = 0
    let traces = 0
    let ended = 0
    const model = (): Model => {
      const inner = listed<State>({
        state: () => ({ memory: new Array<number>(variables).fill(0), registers: agents.map(() => 0) }),
        agents,
        fingerprint: show
      })
      return {
        start: () => {
          const { finding, state, touched, ...execution } = inner.start()
          seen.add(state!()!)
          return {
            ...execution,
            ...(options.touches && { touched: touched! }),
            ...(options.states && { state: state! }),
            ...(options.endsOnly && { judgesEndsOnly: () => true }),
            finding: () => {
              seen.add(state!()!)
              if (execution.enabled().length === 0) ends.add(state!()!)
              return undefined
            }
          }
        }
      }
    }
    for (const preemptions of options.preemptions ?? [undefined]) {
      const report = explore(model(), { ...everything, strategy: exhaustive({ preemptions }) })
      expect(report.complete).toBe(true)
      runs += report.runs + report.pruned
      traces += report.traces
      ended += report.runs
    }
    return { traces, ended, seen: [...seen].toSorted(), ends: [...ends].toSorted(), runs }
  }

  interface Leave {
    readonly touches?: boolean
    readonly states?: boolean
    readonly endsOnly?: boolean
    readonly preemptions?: ReadonlyArray<number>
  }

  it("sleep sets, states seen before, and both come to every state and every end; so does a bound that is high enough", () => {
    const prng = new Prng()
    let full = 0
    let reduced = 0
    for (let sample = 0; sample < 60; sample++) {
      prng.reset(2026, sample)
      const program = randomProgram(prng)
      const { runs, traces: _t, ended: _e, ...expected } = outcomes(program, {})
      full += runs
      for (const leave of [
        { touches: true },
        { states: true },
        { touches: true, states: true },
        { touches: true, states: true, preemptions: [12] }
      ]) {
        const { runs: fewer, traces: _f, ended: _g, ...found } = outcomes(program, leave)
        expect(found, `program ${sample}, ${JSON.stringify(leave)}`).toEqual(expected)
        if (leave.touches && leave.states && leave.preemptions === undefined) reduced += fewer
      }
    }
    expect(reduced).toBeLessThan(full / 4)
  })

  it("source sets come to every end, each by one run for each trace, and few are cut short", () => {
    const prng = new Prng()
    let full = 0
    let reduced = 0
    for (let sample = 0; sample < 150; sample++) {
      prng.reset(2028, sample)
      const program = randomProgram(prng, 3)
      const all = outcomes(program, {})
      const slept = outcomes(program, { touches: true })
      const sourced = outcomes(program, { touches: true, endsOnly: true })
      expect(sourced.ends, `program ${sample}`).toEqual(all.ends)
      expect(sourced.traces).toBe(slept.traces)
      expect(sourced.ended).toBe(sourced.traces)
      expect(slept.traces).toBeLessThanOrEqual(all.traces)
      full += slept.runs
      reduced += sourced.runs
    }
    expect(reduced).toBeLessThan(0.6 * full)
  })

  it("with a bound, beginnings that are equivalent to one seen before lose nothing that the bound allows", () => {
    const prng = new Prng()
    for (let sample = 0; sample < 100; sample++) {
      prng.reset(2029, sample)
      const program = randomProgram(prng)
      for (const bound of [0, 1, 2]) {
        const { runs, traces: _t, ended: _e, ...expected } = outcomes(program, { preemptions: [bound] })
        const {
          runs: fewer,
          traces: _f,
          ended: _g,
          ...found
        } = outcomes(program, { touches: true, preemptions: [bound] })
        expect(found, `program ${sample} within ${bound}`).toEqual(expected)
        expect(fewer).toBeLessThanOrEqual(runs)
      }
    }
  })

  it("with a bound, states seen before lose nothing that the bound allows", () => {
    const prng = new Prng()
    for (let sample = 0; sample < 60; sample++) {
      prng.reset(2027, sample)
      const program = randomProgram(prng)
      const { runs: _all, traces: _t, ended: _e, ...expected } = outcomes(program, { preemptions: [1] })
      const {
        runs: _fewer,
        traces: _f,
        ended: _g,
        ...found
      } = outcomes(program, { touches: true, states: true, preemptions: [1] })
      expect(found, `program ${sample}`).toEqual(expected)
    }
  })
})
