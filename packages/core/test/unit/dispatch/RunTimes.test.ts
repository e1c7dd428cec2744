import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { RunTimes } from "../../../src/internal/dispatch/RunTimes.ts"
import { Prng } from "../../../src/internal/explore/Prng.ts"

const promised = 1 / 64

const recorded = (values: Iterable<number>): RunTimes => {
  const times = new RunTimes()
  for (const value of values) times.record(value)
  return times
}

/** Of the nearest rank, from all values, sorted. */
const exactQuantile = (values: ReadonlyArray<number>, q: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
}

const quantiles = [0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1]

const expectQuantiles = (values: ReadonlyArray<number>): void => {
  const times = recorded(values)
  for (const q of quantiles) {
    const exact = exactQuantile(values, q)
    expect(Math.abs(times.quantile(q) - exact), `${q} of ${values.length}`).toBeLessThanOrEqual(exact * promised)
  }
}

const sample = (count: number, draw: (uniform: number) => number): Array<number> => {
  const prng = new Prng()
  prng.reset(1, count)
  return Array.from({ length: count }, () => Math.floor(draw(prng.next() / 2 ** 32)))
}

describe("quantiles are right to 1 in 64", () => {
  const distributions: Record<string, Array<number>> = {
    "short tasks": sample(20_000, (u) => 3 + u * 40),
    exponential: sample(20_000, (u) => -2000 * Math.log(1 - u)),
    "two kinds of tasks, far apart": sample(20_000, (u) => (u < 0.99 ? 10 + u : 20_000 + u * 100)),
    "over all powers of two": sample(20_000, (u) => 2 ** (u * 46)),
    "all the same": sample(1000, () => 123_457),
    one: [987_654_321]
  }
  for (const [title, values] of Object.entries(distributions)) it(title, () => expectQuantiles(values))

  const Micros = Schema.Union([
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 200 })),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 47 - 1 }))
  ])

  it.effect.prop(
    "whatever was recorded",
    [Arbitrary.array(Arbitrary.schema(Micros), { minLength: 1, maxLength: 200 })],
    ([values]) => Effect.sync(() => expectQuantiles(values)),
    { arbitrary: { runs: 200 } }
  )
})

describe("each value alone", () => {
  // With another value on either side: the least and the greatest are known exactly, and would hide a wrong bucket.
  const between = (value: number) => recorded([0, value, 2 ** 47 - 1]).quantile(0.5)

  it("up to 63 microseconds is exact", () => {
    for (let value = 0; value < 64; value++) expect(between(value)).toBe(value)
  })

  it("at and beside each power of two is right to 1 in 64, and never before a smaller one", () => {
    let last = 0
    for (let power = 6; power < 47; power++) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1, 2 ** power * 1.5]) {
        const answer = between(value)
        expect(Math.abs(answer - value), String(value)).toBeLessThanOrEqual(value * promised)
        expect(answer).toBeGreaterThanOrEqual(last)
        last = answer
      }
    }
  })

  it("that is longer than four years is counted as four years", () => {
    for (const value of [2 ** 47, 2 ** 53, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
      expect(recorded([1, value]).summary()).toMatchObject({ count: 2, max: 2 ** 47 - 1 })
    }
  })

  it("loses its fraction of a microsecond", () => {
    expect(recorded([0.9, 1.9, 63.999]).summary()).toMatchObject({ min: 0, max: 63, p50: 1 })
  })

  it("that is no time at all counts as 0, and spoils nothing", () => {
    const times = recorded([-1, Number.NaN, Number.NEGATIVE_INFINITY, -0, 10])
    expect(times.summary()).toEqual({ count: 5, min: 0, max: 10, mean: 2, p50: 0, p90: 10, p99: 10 })
  })
})

describe("summary", () => {
  it("of nothing is 0 in all", () => {
    const times = new RunTimes()
    expect(times.summary()).toEqual({ count: 0, min: 0, max: 0, mean: 0, p50: 0, p90: 0, p99: 0 })
    expect([times.quantile(0), times.quantile(1)]).toEqual([0, 0])
  })

  it("has the least, the greatest and the mean exactly", () => {
    const values = sample(5000, (u) => 1000 + u * 1e6)
    const { count, max, mean, min } = recorded(values).summary()
    expect([count, min, max]).toEqual([5000, Math.min(...values), Math.max(...values)])
    expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 5000, 6)
  })

  it("stays between the least and the greatest", () => {
    const { p50, p99 } = recorded([1_000_003, 1_000_003, 1_000_003]).summary()
    expect([p50, p99]).toEqual([1_000_003, 1_000_003])
  })
})

describe("countUpTo", () => {
  it("counts exactly what takes less than 64 µs", () => {
    const times = recorded([0, 1, 1, 5, 63])
    expect([0, 1, 4, 5, 62, 63].map((micros) => times.countUpTo(micros))).toEqual([1, 3, 3, 4, 4, 5])
  })

  it("is right above, but for what is within 1 in 32 of the limit", () => {
    const values = sample(5000, (u) => 10 ** (u * 9))
    const times = recorded(values)
    for (const limit of [100, 2500, 1e5, 6e7, 3e9]) {
      const counted = times.countUpTo(limit)
      expect(counted).toBeGreaterThanOrEqual(values.filter((value) => value <= limit).length)
      expect(counted).toBeLessThanOrEqual(values.filter((value) => value <= limit * (1 + 1 / 32) + 1).length)
    }
  })

  it("of an endless time is all of them", () => {
    expect(recorded([1, 2 ** 40, 2 ** 53]).countUpTo(Number.POSITIVE_INFINITY)).toBe(3)
  })
})
