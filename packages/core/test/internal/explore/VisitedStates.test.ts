import { describe, expect, it } from "@effect/vitest"
import { VisitedStates } from "../../../src/internal/explore/VisitedStates.ts"

const sleeping = (agents: ReadonlyArray<number>) => agents.map((agent) => ({ agent, touched: [] }))

describe("visited states", () => {
  it("without a bound, cover a visit in which nobody is awake who slept then", () => {
    const visited = new VisitedStates(false)
    const covers = (state: string, asleep: ReadonlyArray<number>) => visited.covers(state, 0, 0, sleeping(asleep))
    expect(covers("s", [1, 2])).toBe(false)
    expect(covers("other", [1, 2])).toBe(false)
    expect(covers("s", [1, 2, 3])).toBe(true)
    expect(covers("s", [1])).toBe(false)
    // Now only 1 has slept in both visits.
    expect(covers("s", [1, 3])).toBe(true)
    expect(covers("s", [2, 3])).toBe(false)
    expect(covers("s", [])).toBe(true)
  })

  it("with a bound, cover a visit of the same agent that has spent as many preemptions or more", () => {
    const visited = new VisitedStates(true)
    const covers = (last: number, preemptions: number) => visited.covers("s", last, preemptions, [])
    expect(covers(0, 2)).toBe(false)
    expect(covers(0, 2)).toBe(true)
    expect(covers(1, 2)).toBe(false)
    expect(covers(0, 1)).toBe(false)
    expect(covers(0, 2)).toBe(true)
    visited.clear()
    expect(covers(0, 2)).toBe(false)
  })

  it("never cover a state without a fingerprint", () => {
    const visited = new VisitedStates(false)
    expect(visited.covers(undefined, 0, 0, [])).toBe(false)
    expect(visited.covers(undefined, 0, 0, [])).toBe(false)
  })
})
