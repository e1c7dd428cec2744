import { describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { StageMeter } from "../../../src/internal/pipeline/StageMeter.ts"

const node = {
  id: 0,
  name: "work",
  kind: "map",
  place: "fiber",
  concurrency: 1,
  buffer: 1,
  ordered: true
} as const

/** A meter, and a clock in milliseconds that counts how often it is looked at. */
const metered = () => {
  const clock = { millis: 1000, looks: 0 }
  const meter = new StageMeter(node, () => {
    clock.looks++
    return clock.millis
  })
  clock.looks = 0
  const run = (millis: number) => {
    const startedAt = meter.begin()
    clock.millis += millis
    meter.end(startedAt)
  }
  return { clock, meter, run }
}

describe("StageMeter", () => {
  it("times each element that takes long", () => {
    const { clock, meter, run } = metered()
    for (let millis = 1; millis <= 100; millis++) run(millis)
    expect(clock.looks).toBe(200)
    expect(meter.busy(clock.millis)).toBe(5050)
    expect(Math.abs(meter.quantile(0.5) - 50)).toBeLessThanOrEqual(50 / 64)
    expect(Math.abs(meter.quantile(0.99) - 99)).toBeLessThanOrEqual(99 / 64)
    expect([meter.in, meter.inFlight]).toEqual([100, 0])
  })

  it("looks seldom at the clock for elements that are brief, and counts all of them", () => {
    const { clock, meter, run } = metered()
    for (let n = 0; n < 16_000; n++) run(0.005)
    expect(clock.looks).toBeLessThanOrEqual(2 * (16_000 / 16 + 1))
    expect(meter.busy(clock.millis)).toBeCloseTo(80, 0)
    expect(meter.quantile(0.5)).toBeCloseTo(0.005, 3)
  })

  it("weighs a few long ones among many brief ones right, wherever they are", () => {
    const { clock, meter, run } = metered()
    for (let n = 0; n < 100_000; n++) run(0.004)
    for (let n = 0; n < 500; n++) run(50)
    for (let n = 0; n < 100_000; n++) run(0.004)
    // 500 of 200,500 are a quarter of a percent.
    expect(meter.quantile(0.99)).toBeLessThan(0.01)
    expect(meter.quantile(0.999)).toBeGreaterThan(49)
    const worked = 500 * 50 + 200_000 * 0.004
    expect(Math.abs(meter.busy(clock.millis) - worked) / worked).toBeLessThan(0.05)
  })

  it("is right on average about elements that are brief or long at random", () => {
    const { clock, meter, run } = metered()
    const prng = new Prng()
    prng.reset(1, 1)
    let worked = 0
    for (let n = 0; n < 50_000; n++) {
      const millis = prng.next() % 4 === 0 ? 1 : 0.002
      worked += millis
      run(millis)
    }
    expect(Math.abs(meter.busy(clock.millis) - worked) / worked).toBeLessThan(0.05)
  })

  it("counts what is in flight, for as long as it has been", () => {
    const { clock, meter } = metered()
    const first = meter.begin()
    clock.millis += 10
    const second = meter.begin()
    clock.millis += 10
    expect(meter.busy(clock.millis)).toBe(30)
    meter.end(first)
    clock.millis += 5
    expect(meter.busy(clock.millis)).toBe(35)
    meter.end(second)
    clock.millis += 1000
    expect(meter.busy(clock.millis)).toBe(35)
  })

  it("sees an element that hangs although it isn't timed", () => {
    const { clock, meter, run } = metered()
    run(0.001)
    expect(meter.begin()).toBe(-1)
    const before = meter.busy(clock.millis)
    clock.millis += 500
    const after = meter.busy(clock.millis)
    expect(after - before).toBe(500)
  })
})
