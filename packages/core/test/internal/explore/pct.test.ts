import { describe, expect, it } from "@effect/vitest"
import { explore } from "../../../src/internal/explore/explore.ts"
import type { Model } from "../../../src/internal/explore/Model.ts"
import { pct } from "../../../src/internal/explore/pct.ts"
import { random } from "../../../src/internal/explore/random.ts"
import type { Strategy } from "../../../src/internal/explore/Strategy.ts"
import { listed, straight } from "./models.ts"

/**
 * Agents of so many steps, and steps that have to come in the given order for the bug to show: [agent, step] before
 * [agent, step]. Chained, they make a bug of depth 1 + their number.
 */
const ordered = (lengths: ReadonlyArray<number>, orders: ReadonlyArray<readonly [Point, Point]>): Model =>
  listed<Seen>({
    state: () => ({ clock: 0, at: new Map() }),
    agents: lengths.map((length, agent) =>
      Array.from({ length }, (_, step) => ({
        does: (state) => {
          state.at.set(`${agent}.${step}`, state.clock++)
        }
      }))
    ),
    check: ({ at }, over) => {
      const holds = orders.every(([before, after]) => at.get(before.join("."))! < at.get(after.join("."))!)
      return over && holds ? { kind: "failure", message: "the order" } : undefined
    }
  })

type Point = readonly [agent: number, step: number]

interface Seen {
  clock: number
  readonly at: Map<string, number>
}

/** Agent 0 is in the middle of its steps when agent 1 does all of its own. */
const depth2 = (length: number) =>
  ordered(
    [length, length],
    [
      [
        [0, length - 2],
        [1, 0]
      ],
      [
        [1, length - 1],
        [0, length - 1]
      ]
    ]
  )

/** The same, and agent 1 is left in the middle as well. */
const depth3 = (length: number) =>
  ordered(
    [length, length],
    [
      [
        [0, length - 2],
        [1, 0]
      ],
      [
        [1, 1],
        [0, length - 1]
      ],
      [
        [0, length - 1],
        [1, 2]
      ]
    ]
  )

/** In how many of so many explorations' last run; each is warmed up by runs that measure the length. */
const hitRate = (model: Model, strategy: Strategy, samples: number) => {
  const quiet: Model = {
    start: () => {
      const execution = model.start()
      return {
        ...execution,
        finding: () => {
          if (execution.finding()) hits++
          return undefined
        }
      }
    }
  }
  let hits = 0
  explore(quiet, { strategy, schedules: samples, seed: 3 })
  return hits / samples
}

describe("pct", () => {
  const samples = 20_000

  it.each([
    ["2, of two agents with 6 steps", depth2(6), 2, 2, 12],
    ["2, of two agents with 12 steps", depth2(12), 2, 2, 24],
    ["3, of two agents with 6 steps", depth3(6), 3, 2, 12],
    ["3, of two agents with 8 steps", depth3(8), 3, 2, 16]
  ])("finds a bug of depth %s, at least as often as 1/(n k^(d-1))", (_name, model, depth, agents, steps) => {
    expect(hitRate(model, pct({ depth }), samples)).toBeGreaterThanOrEqual(1 / (agents * steps ** (depth - 1)))
  })

  it("a bug of depth 1 in one of n runs: all orders of the agents are as likely", () => {
    const orders = new Map<string, number>()
    const model = straight([3, 3, 3], undefined, (order) => {
      const turns = order.filter((agent, index) => agent !== order[index - 1]).join("")
      orders.set(turns, (orders.get(turns) ?? 0) + 1)
    })
    explore(model, { strategy: pct({ depth: 1 }), schedules: 6_000 })
    expect([...orders.keys()].toSorted()).toEqual(["012", "021", "102", "120", "201", "210"])
    for (const count of orders.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  it("finds the long way round where a random walk does not", () => {
    // A random walk has to choose agent 0 thirty times in a row.
    const model = depth2(30)
    expect(hitRate(model, random, samples)).toBe(0)
    expect(explore(model, { strategy: pct({ depth: 2 }) }).finding?.kind).toBe("failure")
  })

  it("makes at most depth - 1 preemptions, and other agents fall below the first", () => {
    for (const depth of [1, 2, 3, 5]) {
      let most = 0
      const model = straight([6, 6, 6], undefined, (order) => {
        const left = [6, 6, 6]
        const preempted = order.filter((agent, index) => {
          left[agent]!--
          const next = order[index + 1]
          return next !== undefined && next !== agent && left[agent]! > 0
        })
        most = Math.max(most, preempted.length)
      })
      explore(model, { strategy: pct({ depth }), schedules: 500 })
      expect(most).toBe(depth - 1)
    }
  })

  it("the same seed gives the same schedules", () => {
    const orders: Array<string> = []
    const model = straight([5, 5, 3], undefined, (order) => orders.push(order.join("")))
    explore(model, { strategy: pct({ depth: 3 }), schedules: 6, seed: 42 })
    expect(orders).toMatchInlineSnapshot(`
      [
        "2221111100000",
        "0111122200001",
        "0000022211111",
        "2221111100000",
        "0000012221111",
        "1122200000111",
      ]
    `)
  })
})
