import { describe, expect, it } from "@effect/vitest"
import { Patience } from "../../../src/internal/transport/Patience.ts"

const soon = 0.1
const late = 10

/** How many have to come soon until it is tried again. */
const triesUntilOn = (patience: Patience): number => {
  let count = 0
  while (patience.millis === 0) {
    patience.missed(soon)
    count++
  }
  return count
}

describe("looking before going to sleep", () => {
  it("is tried first, and given up after two times in vain", () => {
    const patience = new Patience(0.2)
    expect(patience.millis).toBe(0.2)
    patience.disappointed()
    expect(patience.millis).toBe(0.2)
    patience.disappointed()
    expect(patience.millis).toBe(0)
  })

  it("goes on as long as it pays every other time", () => {
    const patience = new Patience(0.2)
    for (let round = 0; round < 100; round++) {
      patience.disappointed()
      patience.rewarded()
    }
    expect(patience.millis).toBe(0.2)
  })

  it("is tried again after twice as many each time that it fails, up to a limit", () => {
    const patience = new Patience(0.2)
    patience.disappointed()
    const counts = Array.from({ length: 10 }, () => {
      patience.disappointed()
      return triesUntilOn(patience)
    })
    expect(counts).toEqual([8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024])
  })

  it("is tried soon again once it has paid", () => {
    const patience = new Patience(0.2)
    patience.disappointed()
    for (let round = 0; round < 5; round++) {
      patience.disappointed()
      triesUntilOn(patience)
    }
    patience.rewarded()
    patience.disappointed()
    patience.disappointed()
    expect(triesUntilOn(patience)).toBe(8)
  })

  it("is not tried for what takes long", () => {
    const patience = new Patience(0.2)
    patience.disappointed()
    patience.disappointed()
    for (let round = 0; round < 10_000; round++) patience.missed(late)
    expect(patience.millis).toBe(0)
  })
})
