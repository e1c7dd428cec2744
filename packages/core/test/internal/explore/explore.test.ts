import { describe, expect, it } from "@effect/vitest"
import { explore } from "../../../src/internal/explore/explore.ts"
import { replay, replaying } from "../../../src/internal/explore/replay.ts"
import { format } from "../../../src/internal/explore/Schedule.ts"
import { abba, listed, lostUpdate, spinning, straight } from "./models.ts"

const schedulesOf = (seed: number, count: number) => {
  const orders: Array<string> = []
  explore(
    straight([4, 4, 2], undefined, (order) => orders.push(order.join(""))),
    { seed, schedules: count }
  )
  return orders
}

describe("random walks", () => {
  it("the same seed gives the same schedules, on every machine", () => {
    expect(schedulesOf(42, 4)).toMatchInlineSnapshot(`
      [
        "0022011011",
        "0111021200",
        "2210110100",
        "1111202000",
      ]
    `)
    expect(schedulesOf(42, 50)).toEqual(schedulesOf(42, 50))
  })

  it("another seed gives others, also where only its upper bits differ", () => {
    expect(schedulesOf(1, 8)).not.toEqual(schedulesOf(2, 8))
    expect(schedulesOf(1, 8)).not.toEqual(schedulesOf(1 + 2 ** 40, 8))
  })

  it("a run depends on its number, not on the runs before it", () => {
    expect(schedulesOf(7, 20).slice(0, 5)).toEqual(schedulesOf(7, 5))
  })

  it("comes to every schedule of a small model", () => {
    const report = explore(straight([2, 2, 1]), { schedules: 2_000 })
    expect(report.traces).toBe(30)
    expect(report.runs).toBe(2_000)
    expect(report.complete).toBe(false)
  })
})

describe("a finding", () => {
  it("is reported with its schedule, and replayed from it", () => {
    const report = explore(lostUpdate(2, 3), { seed: 1 })
    expect(report.finding).toMatchObject({ kind: "failure", message: "1 lost" })
    for (const schedule of [report.schedule!, report.shrunk!]) {
      const trace = replay(lostUpdate(2, 3), schedule)
      expect(trace.finding).toMatchObject({ kind: "failure", message: "1 lost" })
      expect(trace.divergedAt).toBeUndefined()
      expect(replay(lostUpdate(2, 3), trace.schedule)).toEqual(trace)
    }
    expect(explore(lostUpdate(2, 3), { strategy: replaying(report.schedule!) })).toMatchObject({ runs: 1 })
  })

  it("is not made up: a model without a bug shows none", () => {
    expect(explore(straight([3, 3]), { schedules: 200 })).toMatchObject({ finding: undefined, schedule: undefined })
  })

  it("a deadlock", () => {
    const report = explore(abba())
    expect(report.finding).toEqual({ kind: "deadlock", message: "stuck: 0,1" })
    expect(format(report.shrunk!)).toBe("x1-0-1")
  })
})

describe("replay", () => {
  it("says of each step who took it, what it was, who else could, and whether it preempts", () => {
    const trace = replay(lostUpdate(2), [0, 1, 1])
    expect(trace.steps.map(({ agent, description, preempts }) => [agent, description, preempts])).toEqual([
      [0, "load", false],
      [1, "load", true],
      [1, "store", false],
      [0, "store", false]
    ])
    expect(trace.steps.map(({ enabled }) => enabled)).toEqual([[0, 1], [0, 1], [0, 1], [0]])
    expect(trace.steps[1]!.name).toBe("agent 1")
    expect(trace.preemptions).toBe(1)
  })

  it("goes on without preemptions where the schedule ends", () => {
    expect(replay(straight([2, 3]), [1]).steps.map(({ agent }) => agent)).toEqual([1, 1, 1, 0, 0])
  })

  it("says where a schedule can't be followed, and follows the rest", () => {
    const trace = replay(straight([2, 2, 2]), [0, 7, 2])
    expect(trace.divergedAt).toBe(1)
    expect(trace.steps.map(({ agent }) => agent).slice(0, 3)).toEqual([0, 0, 2])
  })
})

describe("budgets", () => {
  it("stops after the given number of schedules", () => {
    expect(explore(straight([3, 3]), { schedules: 7 }).runs).toBe(7)
    expect(explore(straight([3, 3]), { schedules: 0 })).toMatchObject({ runs: 0, complete: false })
  })

  it("stops when the time is over, by the clock it is given", () => {
    let time = 0
    const report = explore(straight([3, 3]), { timeBudget: 100, now: () => time++ })
    // Read once to start, then before each run.
    expect(report.runs).toBe(99)
    expect(report.complete).toBe(false)
  })

  it("shrinking stops when as much time again is over", () => {
    let time = 0
    let clock = () => time++
    const options = { timeBudget: 1_000, now: () => clock() }
    const found = explore(lostUpdate(3, 8), { ...options, shrinkAttempts: 0 })
    expect(found.shrunk).toBeUndefined()
    time = 0
    clock = () => (time += 200)
    expect(explore(lostUpdate(3, 8), options).shrunk!.length).toBeGreaterThan(2)
  })
})

describe("livelock", () => {
  it("is what still runs after maxSteps, although all had their turn", () => {
    const report = explore(spinning(true), { maxSteps: 100, schedules: 1 })
    expect(report.finding).toMatchObject({ kind: "livelock", message: expect.stringContaining("spinner") })
    expect(report.steps).toBe(100)
    expect(report.shrunk).toEqual([])
  })

  it("is not what an unfair schedule starves", () => {
    // Without preemptions the spinner goes on and on: only the fair half lets the other agent set the flag.
    const trace = replay(spinning(), [], { maxSteps: 100 })
    expect(trace.finding).toBeUndefined()
    expect(trace.steps.length).toBeGreaterThanOrEqual(51)
    expect(explore(spinning(), { maxSteps: 100, schedules: 200 }).finding).toBeUndefined()
  })

  it("a run of exactly maxSteps is none", () => {
    expect(explore(straight([5, 5]), { maxSteps: 10, schedules: 10 }).finding).toBeUndefined()
    expect(explore(straight([5, 5]), { maxSteps: 9, schedules: 1 }).finding?.kind).toBe("livelock")
  })
})

describe("the model", () => {
  it("that shows something once only, and not by the same schedule, is named for that", () => {
    let runs = 0
    const moody = { start: () => (runs++ === 3 ? listed(broken) : straight([1, 1])).start() }
    const broken = {
      state: () => undefined,
      agents: [[{ does: () => {} }], [{ does: () => {} }]],
      check: (_state: undefined, over: boolean) =>
        over ? ({ kind: "failure", message: "a bad day" } as const) : undefined
    }
    const { finding, schedule, shrunk } = explore(moody)
    expect(finding).toMatchObject({ kind: "escape", detail: { kind: "failure", message: "a bad day" } })
    expect(finding!.message).toContain("shows nothing")
    expect(finding!.message).toContain("a bad day")
    expect(schedule).toHaveLength(1)
    expect(shrunk).toBeUndefined()
  })

  it("is disposed of once a run, also when it throws", () => {
    let started = 0
    let disposed = 0
    const model = lostUpdate(2)
    const counting = (fails: boolean) => ({
      start: () => {
        started++
        const execution = model.start()
        const step = (agent: number) => {
          if (fails) throw new Error("broken model")
          execution.step(agent)
        }
        return { ...execution, step, dispose: () => void disposed++ }
      }
    })
    explore(counting(false))
    expect(disposed).toBe(started)
    expect(() => explore(counting(true))).toThrow("broken model")
    expect(disposed).toBe(started)
  })

  it("is checked after every step, not only in the end", () => {
    const model = listed({
      state: () => ({ inside: 0 }),
      agents: [0, 1].map(() => [
        { does: (state: { inside: number }) => void state.inside++ },
        { does: (state: { inside: number }) => void state.inside-- }
      ]),
      check: ({ inside }) => (inside > 1 ? { kind: "invariant", message: "two inside" } : undefined)
    })
    expect(explore(model)).toMatchObject({ finding: { kind: "invariant" }, shrunk: [0, 1] })
  })
})
