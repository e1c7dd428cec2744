/** Two processes at the ends of a file of rings: the unit tests of the class are in `test/unit/transport/ringFile.test.ts`. */
import { describe, expect, it } from "@effect/vitest"
import { explore } from "../../../src/internal/explore/explore.ts"
import { pct } from "../../../src/internal/explore/pct.ts"
import { words } from "../../../src/internal/explore/words.ts"
import {
  BelievesAllOrNothing,
  BelievesTornWords,
  HeadBeforeData,
  LooksBeforeItSleeps,
  TellsUnflushed,
  WakesEachTime
} from "./naiveRingFile.ts"
import { clean, everySchedule, story } from "./reports.ts"
import { type Order, ringFileProgram, type Setting } from "./ringFileModel.ts"

const small = 4
/** Three of them fill the ring; their positions are longer than sixteen bits. */
const large = 40_000

// Some search for seconds, and longer where other tests run beside them.
describe("a file of rings, on every schedule", { timeout: 120_000 }, () => {
  it.each<[string, Setting]>([
    ["one who writes, one who reads", { program: [small, "flush"] }],
    ["both do", { program: [small, "flush"], worker: [small, "flush"] }]
  ])("no wake-up and no entry is lost: %s", (_name, setting) => {
    expect(everySchedule(ringFileProgram(setting))).toMatchObject(clean)
  })

  it.each<[string, Setting]>([
    ["an entry after another", { program: [small, "flush", small, small, "flush"] }],
    ["who writes goes to sleep between publishing and flushing", { program: [small, "nap", "flush"] }],
    ["who has slept before", { program: [small, "flush"], worker: ["nap"] }],
    ["both write twice", { program: [small, "flush", small, "flush"], worker: [small, "flush"] }],
    ["who writes dies anywhere", { program: [small, "flush"], dies: true }],
    ["who writes sleeps, and dies anywhere", { program: [small, "flush", "nap"], dies: true }]
  ])("nor with two preemptions: %s", (_name, setting) => {
    expect(everySchedule(ringFileProgram(setting), 2)).toMatchObject(clean)
  })

  it.each<[string, Setting]>([
    [
      "a ring that is full, and begins again",
      { program: [large, large, large, "flush", large, "flush", large, "flush"] }
    ],
    ["who writes dies between two flushes", { program: [small, "flush", small, "flush"], dies: true }],
    ["words that are copied in halves", { program: [large, "flush", large, "flush"], halves: true }]
  ])("nor with one: %s", (_name, setting) => {
    expect(everySchedule(ringFileProgram(setting), 1)).toMatchObject(clean)
  })

  const orders: ReadonlyArray<[Order, Order]> = [
    ["ascending", "ascending"],
    ["ascending", "descending"],
    ["descending", "ascending"],
    ["descending", "descending"]
  ]

  it.each(orders)("in whatever order words are copied: written %s, read %s", (writes, reads) => {
    const setting: Setting = { program: [small, "flush", "nap"], worker: ["nap"], writes, reads }
    expect(everySchedule(ringFileProgram(setting), 1)).toMatchObject(clean)
    const deadly: Setting = { program: [small, "flush", small, "flush"], dies: true, writes, reads }
    expect(everySchedule(ringFileProgram(deadly), 1)).toMatchObject(clean)
  })

  it.each(orders)("nor on schedules that are too many to try all: written %s, read %s", (writes, reads) => {
    const program: Setting["program"] = [small, "flush", "nap", small, "nap", small, "flush", small, "flush"]
    const both = ringFileProgram({ program, worker: program, writes, reads })
    expect(explore(words(both), { strategy: pct({ depth: 4 }), schedules: 200 }).finding).toBeUndefined()
    const deadly = ringFileProgram({ program, worker: program, dies: true, writes, reads })
    expect(explore(words(deadly), { schedules: 200 }).finding).toBeUndefined()
  })
})

describe("what is found in a file of rings", { timeout: 120_000 }, () => {
  const found = (setting: Setting) => everySchedule(ringFileProgram(setting), 1).finding

  const lost = (setting: Setting, lastSteps: ReadonlyArray<string>) => {
    const program = ringFileProgram(setting)
    const report = everySchedule(program, 1)
    expect(report.finding).toMatchObject({ kind: "deadlock", message: expect.stringContaining("sleeps on worker.m") })
    const steps = story(program, report.shrunk!)
    const last = steps.findIndex((step) => step.endsWith("asleep"))
    expect(steps.slice(last + 1 - lastSteps.length, last + 1)).toEqual(lastSteps)
  }

  it("who looks for entries before it says that it sleeps, sleeps for ever", () => {
    lost({ program: [small, "flush"], ring: LooksBeforeItSleeps }, [
      "agent 1: store worker.written = 0",
      "agent 1: store worker.~written = -1",
      "agent 1: store worker.naps = 1",
      "agent 1: store worker.~naps = -2",
      "agent 1: wait on worker.messages while 0: asleep"
    ])
  })

  it("so does who takes entries for torn while their writer only says that it sleeps", () => {
    lost({ program: [small, "flush", "nap"], ring: BelievesAllOrNothing }, [
      "agent 1: load program.written: 8",
      "agent 1: load program.~written: -9",
      "agent 1: load program.naps: 1",
      "agent 1: load program.~naps: -1",
      "agent 1: wait on worker.messages while 0: asleep"
    ])
  })

  it("a sleeper that is woken for each flush gets two messages for one sleep", () => {
    const program = [small, "flush", small, "flush"] as const
    expect(found({ program, ring: WakesEachTime })).toEqual({
      kind: "invariant",
      message: "two messages for one sleep"
    })
  })

  const early = { message: "agent 1: Error: entry 0 comes after entry 0" }

  it("a head that is written before the data publishes what is not there", () => {
    expect(found({ program: [small, "flush"], ring: HeadBeforeData })).toMatchObject(early)
  })

  it("so does one that tells of what was not flushed, as its side goes to sleep", () => {
    expect(found({ program: [small, "nap", "flush"], ring: TellsUnflushed })).toMatchObject(early)
  })

  it("a word of which half is new is no position", () => {
    const program = [large, "flush", large, "flush"] as const
    expect(found({ program, halves: true, ring: BelievesTornWords })).toMatchObject({
      message: expect.stringContaining("the ring is broken")
    })
  })
})
