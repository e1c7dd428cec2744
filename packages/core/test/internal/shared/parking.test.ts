import { describe, expect, it } from "@effect/vitest"
import { explore } from "../../../src/internal/explore/explore.ts"
import { pct } from "../../../src/internal/explore/pct.ts"
import { words } from "../../../src/internal/explore/words.ts"
import { Parking, parkingSize } from "../../../src/internal/shared/parking.ts"
import { ChecksBeforeItAnnounces, WakesWithoutExchange } from "./naive.ts"
import { parkingProgram, type Setting } from "./parkingModel.ts"
import { clean, everySchedule, story } from "./reports.ts"

const both = "blocks, then sleeps"

describe("parking", () => {
  const make = () => {
    const memory = new SharedArrayBuffer(2 * parkingSize)
    return { parking: new Parking(memory, parkingSize), word: new Int32Array(memory, parkingSize, 1) }
  }

  it("a consumer that is awake is not woken", () => {
    const { parking } = make()
    expect(parking.wake()).toBe(false)
  })

  it("one that is asleep gets one message", () => {
    const { parking, word } = make()
    expect(parking.sleep(() => false)).toBe(true)
    expect(word[0]).toBe(2)
    expect([parking.wake(), parking.wake()]).toEqual([true, false])
    expect(word[0]).toBe(0)
  })

  it("does not sleep while there is work, and looks for it only when it has said that it sleeps", () => {
    const { parking, word } = make()
    const seen: Array<number> = []
    const look = () => seen.push(word[0]!) > 0
    expect(parking.sleep(look)).toBe(false)
    expect([word[0], parking.wake()]).toEqual([0, false])
    expect(parking.block(look, Number.POSITIVE_INFINITY)).toBe(true)
    expect(seen.slice(0, 2)).toEqual([2, 1])
    expect(word[0]).toBe(0)
    expect(parking.wake()).toBe(false)
  })

  it("one that wakes by itself is awake", () => {
    const { parking } = make()
    parking.sleep(() => false)
    parking.awake()
    expect(parking.wake()).toBe(false)
  })

  it("blocks no longer than it was told, and is awake then", () => {
    const { parking, word } = make()
    expect(parking.block(() => false, 0)).toBe(false)
    expect(word[0]).toBe(0)
  })

  it("one that was woken before it blocks does not block", () => {
    const { parking } = make()
    // Its look for work finds nothing, and then a producer comes: the state is another by the time it would wait.
    let looks = 0
    const published = () => {
      if (looks++ > 0) return true
      expect(parking.wake()).toBe(false)
      return false
    }
    expect(parking.block(published, Number.POSITIVE_INFINITY)).toBe(true)
  })
})

// Some search for a second or two, and longer where other tests run beside them.
describe("parking, on every schedule", { timeout: 120_000 }, () => {
  it.each<[string, Setting]>([
    ["a producer and a consumer that sleeps", { pieces: [2], how: "sleeps" }],
    ["a producer and a consumer that blocks", { pieces: [2], how: "blocks" }],
    ["a producer and a consumer that blocks, then sleeps", { pieces: [2], how: both }],
    ["and one whose block may time out", { pieces: [2], how: both, timeout: true }],
    ["two producers and a consumer that sleeps", { pieces: [1, 1], how: "sleeps" }],
    ["two producers and a consumer that blocks", { pieces: [1, 1], how: "blocks" }],
    ["two producers and a consumer that blocks, then sleeps", { pieces: [1, 1], how: both, timeout: true }],
    ["a producer that dies anywhere", { pieces: [2], how: "sleeps", deaths: 1 }],
    ["two producers, one of whom dies anywhere", { pieces: [1, 1], how: "sleeps", deaths: 1 }]
  ])("no wake-up is lost: %s", (_name, setting) => {
    expect(everySchedule(parkingProgram(setting))).toMatchObject(clean)
  })

  it.each<[string, Setting]>([
    ["two producers, one of whom comes twice", { pieces: [2, 1], how: both, timeout: true }],
    ["two producers who both may die", { pieces: [2, 1], how: "sleeps", deaths: 2 }]
  ])("no wake-up is lost with a preemption: %s", (_name, setting) => {
    expect(everySchedule(parkingProgram(setting), 1)).toMatchObject(clean)
  })

  it("no wake-up is lost on schedules that are too many to try all", () => {
    const program = parkingProgram({ pieces: [2, 2], how: both, timeout: true })
    expect(explore(words(program), { strategy: pct({ depth: 4 }), schedules: 3_000 }).finding).toBeUndefined()
    const deadly = parkingProgram({ pieces: [2, 2], how: "sleeps", deaths: 2 })
    expect(explore(words(deadly), { schedules: 3_000 }).finding).toBeUndefined()
  })
})

describe("what is found in parking", () => {
  const lost = (setting: Setting, where: string, lastSteps: ReadonlyArray<string>) => {
    const program = parkingProgram(setting)
    const report = everySchedule(program)
    expect(report.finding).toMatchObject({ kind: "deadlock", message: expect.stringContaining(`sleeps on ${where}`) })
    expect(story(program, report.shrunk!).slice(-lastSteps.length)).toEqual(lastSteps)
  }

  it("who looks for work before it says that it sleeps, sleeps for ever", () => {
    lost({ pieces: [1], how: "sleeps", parking: ChecksBeforeItAnnounces }, "messages, which is 0", [
      "agent 1: load work0: 0",
      "agent 0: add 1 to work0: was 0",
      "agent 0: load parking: 0",
      "agent 1: store parking = 2",
      "agent 1: wait on messages while 0: asleep"
    ])
    lost({ pieces: [1], how: "blocks", parking: ChecksBeforeItAnnounces }, "parking, which is 1", [
      "agent 1: load work0: 0",
      "agent 0: add 1 to work0: was 0",
      "agent 0: load parking: 0",
      "agent 1: store parking = 1",
      "agent 1: wait on parking while 1: asleep"
    ])
  })

  it("two producers that replace what they have read, without an exchange, both post a message", () => {
    const program = parkingProgram({ pieces: [1, 1], how: "sleeps", parking: WakesWithoutExchange })
    expect(everySchedule(program).finding).toEqual({ kind: "invariant", message: "two messages for one sleep" })
  })

  it("one of them alone takes a consumer that sleeps by now for one that blocks", () => {
    lost({ pieces: [2], how: both, parking: WakesWithoutExchange }, "messages, which is 0", [
      "agent 0: store parking = 0",
      "agent 0: wake all on parking: 0 woken",
      "agent 0: add 1 to work0: was 1",
      "agent 0: load parking: 0"
    ])
  })

  it("a producer dies with the wake-up in hand: to look for its work alone is not enough", () => {
    lost({ pieces: [1, 1], how: "sleeps", deaths: 1, thrifty: true }, "messages, which is 1", [
      "agent 2: load work0: 65",
      "agent 2: load work0: 65",
      "agent 2: wait on messages while 1: asleep"
    ])
  })
})
