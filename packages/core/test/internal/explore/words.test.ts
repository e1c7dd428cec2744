import { describe, expect, it } from "@effect/vitest"
import { exhaustive } from "../../../src/internal/explore/exhaustive.ts"
import { explore } from "../../../src/internal/explore/explore.ts"
import type { Model } from "../../../src/internal/explore/Model.ts"
import { pct } from "../../../src/internal/explore/pct.ts"
import { replay } from "../../../src/internal/explore/replay.ts"
import { add, cas, exchange, load, type Protocol, store, wait, wake } from "../../../src/internal/explore/wordSteps.ts"
import { type Words, words } from "../../../src/internal/explore/words.ts"
import { noLock, ownedLock, reaper, threeStateLock, thriftyReaper, twoStateLock } from "./locks.ts"

type One = Words<"word">

const sleep = function* ({ word }: One): Protocol {
  yield wait(word, 0)
  yield load(word)
}

const wakeOne = function* ({ word }: One): Protocol {
  yield wake(word, 1)
}

const wakeAll = function* ({ word }: One): Protocol {
  yield wake(word)
}

const all = { strategy: exhaustive(), schedules: 2_000_000 }

/** The steps of a schedule in text. */
const story = (model: Model, schedule: ReadonlyArray<number>) =>
  replay(model, schedule).steps.map(({ description, name }) => `${name}: ${description}`)

describe("a two-state lock", () => {
  const lock = words(twoStateLock(2))

  it("loses a wake-up", () => {
    const report = explore(lock, all)
    expect(report.finding).toEqual({
      kind: "deadlock",
      message: "nobody is left to wake them: agent 1 sleeps on lock, which is 0"
    })
  })

  it.each([
    ["random walks", undefined],
    ["pct", pct({ depth: 2 })],
    ["one preemption", exhaustive({ preemptions: 1 })]
  ])("found by %s, with the same shortest schedule", (_name, strategy) => {
    const report = explore(lock, { strategy })
    expect(story(lock, report.shrunk!)).toEqual([
      "agent 0: cas lock 0 -> 1: done",
      "agent 0: store inside = 0",
      "agent 0: load inside: 0",
      "agent 0: load waiting: 0",
      "agent 1: cas lock 0 -> 1: is 1",
      "agent 1: store waiting = 1",
      "agent 1: wait on lock while 1: asleep",
      "agent 0: store lock = 0"
    ])
  })

  it("needs a preemption: without any it is clean", () => {
    const report = explore(lock, { strategy: exhaustive({ preemptions: 0 }) })
    expect(report).toMatchObject({ finding: undefined, complete: true, exhausted: 0 })
  })
})

describe("its three-state twin", () => {
  it.each([2, 3])("is clean on every schedule of %i agents", (agents) => {
    const report = explore(words(threeStateLock(agents)), all)
    expect(report).toMatchObject({ finding: undefined, complete: true, exhausted: Number.POSITIVE_INFINITY })
    expect(report.runs).toBeGreaterThan(agents === 2 ? 10 : 1_000)
  })

  it("keeps the lock when its holder dies", () => {
    const lock = words({ ...threeStateLock(2), deaths: 1 })
    const report = explore(lock, all)
    expect(report.finding).toMatchObject({
      kind: "deadlock",
      message: "nobody is left to wake them: agent 0 is dead; agent 1 sleeps on lock, which is 2"
    })
    expect(story(lock, report.shrunk!)).toEqual([
      "agent 0: cas lock 0 -> 1: done",
      "death of agent 0: dies",
      "agent 1: cas lock 0 -> 1: is 1",
      "agent 1: exchange lock = 2: was 1",
      "agent 1: wait on lock while 2: asleep"
    ])
  })
})

describe("a lock that knows its holder", () => {
  it.each([
    [2, 0],
    [3, 0],
    [2, 1],
    [2, 2],
    [3, 1]
  ])("and a reaper that wakes all: clean on every schedule of %i agents with %i deaths", (agents, deaths) => {
    const report = explore(words({ ...ownedLock(agents), deaths, reaper }), all)
    expect(report).toMatchObject({ finding: undefined, complete: true, exhausted: Number.POSITIVE_INFINITY })
  })

  it("without a reaper, the lock dies with its holder", () => {
    expect(explore(words({ ...ownedLock(2), deaths: 1 }), all).finding?.kind).toBe("deadlock")
  })

  it("a reaper that wakes only when the lock was held loses the wake-up that a waiter died with", () => {
    const lock = words({ ...ownedLock(3), deaths: 1, reaper: thriftyReaper })
    const report = explore(lock, all)
    expect(report.finding).toMatchObject({ kind: "deadlock", message: expect.stringContaining("lock, which is 0") })
    expect(story(lock, report.shrunk!).slice(-4)).toEqual([
      "agent 0: exchange lock = 0: was 3",
      "agent 0: wake 1 on lock: 1 woken",
      "death of agent 1: dies",
      "reaper of agent 1: load lock: 0"
    ])
  })
})

describe("the model of words", () => {
  it("no lock at all: two are inside", () => {
    const report = explore(words(noLock(2)), all)
    expect(report.finding).toEqual({ kind: "invariant", message: "agent 0: another was inside as well" })
    expect(report.shrunk).toEqual([0, 1])
  })

  it("asks for the invariant in every state", () => {
    const program = {
      words: { a: 0, b: 0 },
      agents: [
        function* ({ a }: Words<"a" | "b">) {
          yield store(a, 1)
          yield store(a, 0)
        },
        function* ({ b }: Words<"a" | "b">) {
          yield store(b, 1)
          yield store(b, 0)
        }
      ],
      invariant: ({ a, b }: Words<"a" | "b">) => (a.value + b.value > 1 ? "both" : undefined)
    }
    // The stores are independent, so that one run would do for the end; both are 1 only halfway.
    expect(explore(words(program), all).finding).toEqual({ kind: "invariant", message: "both" })
  })

  it("does what Atomics do", () => {
    const results: Array<number> = []
    const program = {
      words: { word: 2 ** 31 - 1 },
      agents: [
        function* ({ word }: One) {
          for (const step of [add(word, 1), load(word), exchange(word, 5), cas(word, 4, 6), cas(word, 5, 7)]) {
            results.push(yield step)
          }
          for (const step of [wait(word, 8), wake(word), store(word, 2 ** 32 + 3), load(word)]) results.push(yield step)
        }
      ]
    }
    expect(explore(words(program), all)).toMatchObject({ runs: 1, finding: undefined })
    expect(results).toEqual([2 ** 31 - 1, -(2 ** 31), -(2 ** 31), 5, 5, 0, 0, 7, 3])
  })

  it("wakes in the order in which they fell asleep, so many as it is told", () => {
    const order: Array<string> = []
    const sleeper = function* ({ word }: One, self: number): Protocol {
      order.push(`${self} slept ${yield wait(word, 0)}`)
    }
    const waker = function* ({ word }: One): Protocol {
      for (const count of [2, 5]) order.push(`woke ${yield wake(word, count)}`)
    }
    const program = words({ words: { word: 0 }, agents: [sleeper, sleeper, sleeper, waker] })
    expect(replay(program, [2, 0, 1]).finding).toBeUndefined()
    expect(order).toEqual(["2 slept 1", "0 slept 1", "woke 2", "1 slept 1", "woke 1"])
  })

  it("who dies asleep is off its word, and takes no wake-up", () => {
    const results: Array<string> = []
    const sleeper = function* ({ word }: One, self: number): Protocol {
      results.push(`${self} slept ${yield wait(word, 0)}`)
    }
    const waker = function* ({ word }: One): Protocol {
      results.push(`woke ${yield wake(word, 1)}`)
    }
    const program = words({ words: { word: 0 }, agents: [sleeper, sleeper, waker], deaths: 1 })
    // Both sleep, agent 0 first; agent 3 is its death.
    expect(replay(program, [0, 1, 3, 2]).finding).toBeUndefined()
    expect(results).toEqual(["1 slept 1", "woke 1"])
    // Died after it was woken, it has taken the wake-up with it.
    results.length = 0
    const dying = words({ words: { word: 0 }, agents: [sleep, sleeper, waker], deaths: 1 })
    expect(replay(dying, [0, 1, 2, 3]).finding).toMatchObject({ kind: "deadlock" })
    expect(results).toEqual(["woke 1"])
  })

  it("what is left out loses no state: with and without sleep sets and known states", () => {
    const wakers = {
      words: { word: 0 },
      agents: [sleep, sleep, wakeOne, wakeAll],
      deaths: 1
    }
    expect(statesOf(words(wakers), true, true)).toEqual(statesOf(words(wakers), false, true))
    expect(statesOf(words(wakers), true, false)).toEqual(statesOf(words(wakers), false, true))
    for (const program of [
      twoStateLock(2),
      threeStateLock(2),
      { ...ownedLock(2), deaths: 1, reaper },
      { ...threeStateLock(2), deaths: 1 }
    ]) {
      expect(statesOf(words(program), true, true)).toEqual(statesOf(words(program), false, true))
      expect(statesOf(words(program), true, false)).toEqual(statesOf(words(program), false, true))
    }
    expect(statesOf(words(threeStateLock(2)), false, false)).toEqual(statesOf(words(threeStateLock(2)), true, true))
  })
})

/** Every state that an exhaustive search comes through, findings or not. */
const statesOf = (model: Model, touches: boolean, states: boolean) => {
  const seen = new Set<string>()
  const findings = new Set<string>()
  const watched: Model = {
    start: () => {
      const execution = model.start()
      return {
        enabled: () => execution.enabled(),
        step: (agent) => execution.step(agent),
        finding: () => {
          const finding = execution.finding()
          if (finding !== undefined) findings.add(finding.message)
          seen.add(execution.state!()!)
          return undefined
        },
        dispose: () => {},
        nameOf: (agent) => execution.nameOf(agent),
        describeStep: () => undefined,
        ...(touches && { touched: () => execution.touched!() }),
        ...(states && { state: () => execution.state!() })
      }
    }
  }
  expect(explore(watched, all).complete).toBe(true)
  return { seen: [...seen].toSorted(), findings: [...findings].toSorted() }
}
