import { describe, expect, it } from "@effect/vitest"
import { explore } from "../../../src/internal/explore/explore.ts"
import type { Model } from "../../../src/internal/explore/Model.ts"
import { replay } from "../../../src/internal/explore/replay.ts"
import { shrink } from "../../../src/internal/explore/shrink.ts"
import { words } from "../../../src/internal/explore/words.ts"
import { ownedLock, thriftyReaper } from "./locks.ts"
import { abba, listed, lostUpdate, straight } from "./models.ts"

const options = { maxSteps: 1_000, attempts: 1_000, goOn: () => true }

/** What was found by random walks from many seeds, made simpler. */
const shrunkFrom = (model: () => Model, seeds = 30) =>
  Array.from({ length: seeds }, (_, seed) => explore(model(), { seed }).shrunk)

/** Preemptions, switches and steps, so that texts compare as the numbers do. */
const measureOf = (model: Model, schedule: ReadonlyArray<number>) => {
  const { preemptions, steps } = replay(model, schedule)
  const switches = steps.filter(({ agent }, index) => agent !== steps[index - 1]?.agent).length
  return [preemptions, switches, steps.length].map((number) => String(number).padStart(4, "0")).join()
}

describe("shrinking", () => {
  it("two agents, wherever it was found: load, preempt, load and store, store", () => {
    for (const shrunk of shrunkFrom(() => lostUpdate(2))) expect(shrunk).toEqual([0, 1])
    // Six steps before that matter to nobody: the preemption is the least that shows it.
    for (const shrunk of shrunkFrom(() => lostUpdate(2, 6))) {
      const trace = replay(lostUpdate(2, 6), shrunk!)
      expect(trace).toMatchObject({ preemptions: 1, finding: { kind: "failure" } })
      expect(shrunk).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
    }
  })

  it("agents that have no part in it are left out", () => {
    for (const shrunk of shrunkFrom(() => lostUpdate(5))) expect(shrunk).toEqual([0, 1])
  })

  it("ABBA", () => {
    for (const shrunk of shrunkFrom(abba)) expect(shrunk).toEqual([0, 1])
  })

  it("no single choice taken otherwise makes it simpler", () => {
    const model = words({ ...ownedLock(3), deaths: 1, reaper: thriftyReaper })
    for (let seed = 0; seed < 12; seed++) {
      const { finding, shrunk } = explore(model, { seed, schedules: 100_000 })
      const measure = measureOf(model, shrunk!)
      for (const [at, agent] of shrunk!.entries()) {
        for (const smaller of new Set(shrunk!.filter((other) => other < agent))) {
          const changed = shrunk!.with(at, smaller)
          const trace = replay(model, changed)
          if (trace.divergedAt !== undefined || trace.finding?.kind !== finding!.kind) continue
          expect(measureOf(model, changed) > measure, `${changed} is simpler than ${shrunk}`).toBe(true)
        }
      }
    }
  })

  it("keeps the kind, though another finding has a simpler schedule", () => {
    // A deadlock without any preemption lies beside the lost update.
    const model = () =>
      listed({
        state: () => ({ first: -1, loaded: -1, counter: 0 }),
        agents: [
          [
            {
              does: (state: { first: number }) => {
                state.first = state.first === -1 ? 0 : state.first
              }
            },
            {
              does: (state: { loaded: number; counter: number }) => {
                state.loaded = state.counter
              }
            },
            {
              does: (state: { loaded: number; counter: number }) => {
                state.counter = state.loaded + 1
              }
            }
          ],
          [
            {
              does: (state: { first: number }) => {
                state.first = state.first === -1 ? 1 : state.first
              }
            },
            {
              does: (state: { counter: number }) => {
                state.counter += 1
              }
            },
            { does: () => {}, when: (state: { first: number }) => state.first === 0 }
          ]
        ],
        check: ({ counter }, over) => (over && counter < 2 ? { kind: "failure", message: "lost" } : undefined)
      })
    const kinds = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const report = explore(model(), { seed })
      kinds.add(report.finding!.kind)
      expect(replay(model(), report.shrunk!).finding?.kind).toBe(report.finding!.kind)
      expect(replay(model(), report.shrunk!).preemptions).toBe(report.finding!.kind === "deadlock" ? 0 : 1)
    }
    expect([...kinds].toSorted()).toEqual(["deadlock", "failure"])
  })

  it("shows beside it a schedule that passes and parts from it late", () => {
    const report = explore(lostUpdate(2, 3), { seed: 5 })
    expect(report.shrunk).toEqual([0, 0, 0, 0, 1])
    // The store comes before the turn goes to agent 1.
    expect(report.passing).toEqual([])
    expect(replay(lostUpdate(2, 3), report.passing!).finding).toBeUndefined()
  })

  it("gives up on a schedule that does not show the finding again", () => {
    expect(shrink(straight([2, 2]), [0, 1], "failure", options)).toBeUndefined()
    expect(shrink(lostUpdate(2), [0, 1], "deadlock", options)).toBeUndefined()
  })

  it("runs no more often than it may", () => {
    let runs = 0
    const inner = lostUpdate(4, 6)
    const counting: Model = {
      start: () => {
        runs++
        return inner.start()
      }
    }
    const { schedule } = explore(inner, { shrinkAttempts: 0 })
    expect(shrink(counting, schedule!, "failure", { ...options, attempts: 10 })?.finding.kind).toBe("failure")
    expect(runs).toBe(10)
  })

  it("takes the long way home in few runs", () => {
    let runs = 0
    const inner = lostUpdate(3, 40)
    const counting: Model = {
      start: () => {
        runs++
        return inner.start()
      }
    }
    const { schedule } = explore(inner, { shrinkAttempts: 0, seed: 9 })
    const shrunk = shrink(counting, schedule!, "failure", options)
    expect(replay(inner, shrunk!.schedule)).toMatchObject({ preemptions: 1, finding: { kind: "failure" } })
    expect(runs).toBeLessThan(1_000)
  })
})
