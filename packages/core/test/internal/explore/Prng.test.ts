import { describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"

const stream = (seed: number, number: number, count: number) => {
  const prng = new Prng()
  prng.reset(seed, number)
  return Array.from({ length: count }, () => prng.next())
}

describe("random numbers", () => {
  it("are the same on every machine", () => {
    expect(stream(0, 0, 3)).toMatchInlineSnapshot(`
      [
        3374865041,
        134788222,
        2601206468,
      ]
    `)
    expect(stream(2 ** 40 + 1, 7, 3)).toMatchInlineSnapshot(`
      [
        3024485158,
        652686157,
        3544569771,
      ]
    `)
    expect(stream(-1, 0, 3)).toMatchInlineSnapshot(`
      [
        3850972820,
        1218266576,
        3212885734,
      ]
    `)
  })

  it("do not depend on what was drawn before", () => {
    const prng = new Prng()
    prng.reset(1, 1)
    for (let i = 0; i < 10; i++) prng.next()
    prng.reset(5, 3)
    expect(prng.next()).toBe(stream(5, 3, 1)[0])
  })

  it("are others for each seed and each stream", () => {
    const first = new Set<number>()
    for (const seed of [0, 1, -1, 2 ** 32, 2 ** 40])
      for (let run = 0; run < 200; run++) first.add(stream(seed, run, 1)[0]!)
    expect(first.size).toBe(1_000)
  })

  it("are even: of 60,000 throws of a die, and of the first throws of 60,000 streams", () => {
    const prng = new Prng()
    const within = new Array<number>(6).fill(0)
    prng.reset(1, 0)
    for (let i = 0; i < 60_000; i++) within[prng.below(6)]!++
    const across = new Array<number>(6).fill(0)
    for (let run = 0; run < 60_000; run++) {
      prng.reset(1, run)
      across[prng.below(6)]!++
    }
    // Chi-squared with 5 degrees of freedom: 20.5 is passed once in a thousand.
    for (const counts of [within, across]) {
      const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
      expect(chiSquared).toBeLessThan(20.5)
    }
  })
})
