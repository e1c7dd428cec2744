import { describe, expect, it } from "@effect/vitest"
import { HappensBefore } from "../../../src/internal/explore/HappensBefore.ts"
import type { Access } from "../../../src/internal/explore/Model.ts"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { independent } from "../../../src/internal/explore/sleepSet.ts"

interface Step {
  readonly agent: number
  /** `undefined`: anything. */
  readonly touched: ReadonlyArray<Access> | undefined
  readonly time?: number
}

const reads = (...objects: ReadonlyArray<string>) => objects.map((object) => ({ object, writes: false }))
const writes = (...objects: ReadonlyArray<string>) => objects.map((object) => ({ object, writes: true }))

const ordered = (steps: ReadonlyArray<Step>) => {
  const order = new HappensBefore()
  const races = steps.map(({ agent, time, touched }) => [...order.append(agent, agent, touched, time ?? 0)])
  return { order, races: races.map((earlier) => earlier.toSorted()) }
}

describe("what happened before", () => {
  it("is what an agent did before, and what wrote what it touches or read what it writes", () => {
    const { order, races } = ordered([
      { agent: 0, touched: writes("x") },
      { agent: 1, touched: reads("x") },
      { agent: 2, touched: reads("x") },
      { agent: 0, touched: writes("y") },
      { agent: 1, touched: writes("x") }
    ])
    expect(races).toEqual([[], [0], [0], [], [2]])
    expect([0, 1, 2, 3].map((step) => order.ordered(step, 4))).toEqual([true, true, true, false])
    expect(order.ordered(0, 3)).toBe(true)
    expect(order.ordered(1, 2)).toBe(false)
  })

  it("is no race where something happened between", () => {
    const { races } = ordered([
      { agent: 0, touched: writes("x") },
      { agent: 1, touched: writes("x", "y") },
      { agent: 2, touched: writes("x", "y") }
    ])
    expect(races).toEqual([[], [0], [1]])
  })

  it("is everything for a step of which nothing is known, and such a step for everything", () => {
    const { order, races } = ordered([
      { agent: 0, touched: reads("x") },
      { agent: 1, touched: reads("x") },
      { agent: 2, touched: undefined },
      { agent: 0, touched: [] },
      { agent: 1, touched: undefined }
    ])
    expect(races).toEqual([[], [], [0, 1], [2], [3]])
    expect(order.ordered(2, 4)).toBe(true)
  })

  it("is all of an earlier time, and no race", () => {
    const { order, races } = ordered([
      { agent: 0, touched: writes("x") },
      { agent: 1, touched: writes("y") },
      { agent: 1, touched: writes("x"), time: 5 },
      { agent: 2, touched: writes("y"), time: 5 }
    ])
    expect(races).toEqual([[], [], [], []])
    expect(order.ordered(1, 3)).toBe(true)
    expect(order.ordered(2, 3)).toBe(false)
  })

  it("names who could go first in a race that is reversed", () => {
    const { order, races } = ordered([
      { agent: 0, touched: writes("x") },
      { agent: 1, touched: writes("y") },
      { agent: 2, touched: writes("z") },
      { agent: 0, touched: writes("w") },
      { agent: 2, touched: writes("x", "y") }
    ])
    expect(races[4]).toEqual([0, 1])
    // Agent 0 is the one that has to wait; its own next step goes with it.
    expect(order.initials(0, 4)).toEqual([1, 2])
    expect(order.initials(1, 4)).toEqual([2, 0])
  })
})

describe("the fingerprint", () => {
  const prng = new Prng()
  const randomSteps = (): ReadonlyArray<Step> =>
    Array.from({ length: 4 + prng.below(8) }, () => {
      const objects = ["x", "y", "z"].filter(() => prng.below(3) === 0)
      return {
        agent: prng.below(3),
        touched: prng.below(12) === 0 ? undefined : prng.below(2) === 0 ? reads(...objects) : writes(...objects)
      }
    })

  const commute = (one: Step, other: Step) => one.agent !== other.agent && independent(one.touched, other.touched)

  it("is the same when neighbours that are independent change places, and another when they are not", () => {
    let same = 0
    for (let sample = 0; sample < 300; sample++) {
      prng.reset(7, sample)
      const steps = randomSteps()
      const fingerprint = ordered(steps).order.fingerprint
      for (let at = 0; at + 1 < steps.length; at++) {
        const [one, other] = [steps[at]!, steps[at + 1]!]
        if (one.agent === other.agent) continue
        const exchanged = ordered(steps.with(at, other).with(at + 1, one)).order.fingerprint
        expect(exchanged === fingerprint, `sample ${sample} at ${at}`).toBe(commute(one, other))
        if (exchanged === fingerprint) same++
      }
    }
    expect(same).toBeGreaterThan(300)
  })

  it("starts anew when it is cleared", () => {
    const { order } = ordered([{ agent: 0, touched: writes("x"), time: 3 }])
    const before = order.fingerprint
    order.clear()
    expect(order.length).toBe(0)
    order.append(0, 0, writes("x"), 3)
    expect(order.fingerprint).toBe(before)
  })
})
