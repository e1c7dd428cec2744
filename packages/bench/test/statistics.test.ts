import assert from "node:assert/strict"
import { describe, it } from "vitest"
import type { ContenderResult } from "../src/Result.ts"
import { median, pairedRatio, quantile, spreadOf } from "../src/report/statistics.ts"

const contender = (...samples: ReadonlyArray<number | null>): ContenderResult => ({
  name: "one",
  role: "peer",
  samples: samples.map((sample) => (sample === null ? null : { time: sample }))
})

describe("statistics", () => {
  it("takes the middle of an odd number of values, and between the two middle ones of an even number", () => {
    assert.equal(median([9, 1, 5]), 5)
    assert.equal(median([9, 1, 5, 7]), 6)
    assert.equal(median([]), Number.NaN)
  })

  it("interpolates quantiles between the two nearest values", () => {
    const values = [4, 1, 3, 2, 5]
    assert.equal(quantile(values, 0), 1)
    assert.equal(quantile(values, 0.25), 2)
    assert.equal(quantile(values, 0.9), 4.6)
    assert.equal(quantile(values, 1), 5)
    assert.deepEqual(values, [4, 1, 3, 2, 5])
  })

  it("pairs the figures of each round: a slow minute is in both", () => {
    assert.equal(pairedRatio(contender(1, 10, 3), contender(2, 20, 30), "time"), 0.5)
  })

  it("leaves out rounds where one of the two is missing, and divides by no zero", () => {
    assert.equal(pairedRatio(contender(1, null, 6), contender(2, 5, 2), "time"), 1.75)
    assert.equal(pairedRatio(contender(1, 1), contender(0, 4), "time"), 0.25)
    assert.equal(pairedRatio(contender(1), contender(null), "time"), undefined)
    assert.equal(pairedRatio(contender(1), contender(1), "space"), undefined)
  })

  it("says the median, the least and the most; nothing of one that was never measured", () => {
    assert.deepEqual(spreadOf(contender(3, 1, null, 2), "time"), { median: 2, least: 1, most: 3 })
    assert.equal(spreadOf(contender(null, null), "time"), undefined)
  })
})
