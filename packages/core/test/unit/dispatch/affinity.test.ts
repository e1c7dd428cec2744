import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { laneOf } from "../../../src/internal/dispatch/affinity.ts"

const upTo = (lanes: number): Array<number> => Array.from({ length: lanes }, (_, lane) => lane)

/** Keys as people have them: they differ by little, and mostly at their ends. */
const keys = {
  "user names": Array.from({ length: 20_000 }, (_, index) => `user-${index}`),
  "small numbers": Array.from({ length: 20_000 }, (_, index) => index),
  "paths with one end": Array.from({ length: 20_000 }, (_, index) => `/data/${index}/index.json`),
  fractions: Array.from({ length: 20_000 }, (_, index) => index / 7 - 1000)
}

const Lanes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 63 }))).pipe(
  Schema.check(Schema.isMinLength(1))
)

const Key = Schema.Union([Schema.String, Schema.Number])

describe("where a key goes", () => {
  it.effect.prop("one of the lanes, the same in whatever order they are listed", [Key, Lanes], ([key, lanes]) =>
    Effect.sync(() => {
      const lane = laneOf(key, lanes)
      expect(lanes).toContain(lane)
      expect(laneOf(key, lanes.toReversed())).toBe(lane)
      expect(
        laneOf(
          key,
          lanes.toSorted((a, b) => a - b)
        )
      ).toBe(lane)
    })
  )

  it.effect.prop(
    "a lane that comes or goes moves no key between the others",
    [Key, Lanes, Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 63 })))],
    ([key, lanes, changed]) =>
      Effect.sync(() => {
        const without = lanes.filter((lane) => lane !== changed)
        if (without.length === 0) return
        const lane = laneOf(key, [...without, changed])
        if (lane !== changed) expect(laneOf(key, without)).toBe(lane)
      })
  )

  it("is the same in every program, on every machine", () => {
    expect(
      ["", "a", "user-1", "é", "🪢", 0, 1, -1.5, Number.NaN].map((key) => laneOf(key, upTo(8)))
    ).toMatchInlineSnapshot(`
      [
        3,
        0,
        7,
        0,
        7,
        1,
        1,
        4,
        2,
      ]
    `)
  })

  it("0 and -0 are one key, and so are a number and its text", () => {
    for (const lanes of [2, 7, 64]) {
      expect(laneOf(-0, upTo(lanes))).toBe(laneOf(0, upTo(lanes)))
      expect(laneOf(12.5, upTo(lanes))).toBe(laneOf("12.5", upTo(lanes)))
    }
  })

  it("of one lane there is no choice", () => {
    for (const key of keys["user names"].slice(0, 100)) expect(laneOf(key, [3])).toBe(3)
  })
})

describe("how keys spread", () => {
  for (const [title, sample] of Object.entries(keys)) {
    for (const lanes of [2, 3, 8, 64]) {
      it(`${title} over ${lanes} lanes: evenly`, () => {
        const counts = new Array<number>(lanes).fill(0)
        for (const key of sample) counts[laneOf(key, upTo(lanes))]!++
        const share = sample.length / lanes
        const chiSquare = counts.reduce((sum, count) => sum + (count - share) ** 2 / share, 0)
        // Of even keys its mean is lanes - 1, and its deviation sqrt(2 (lanes - 1)). The keys are fixed: so is the answer.
        expect(chiSquare).toBeLessThan(lanes - 1 + 5 * Math.sqrt(2 * (lanes - 1)))
      })
    }

    it(`${title}: a lane that is added takes its share, and it alone`, () => {
      for (const lanes of [1, 3, 8]) {
        const moved = sample.filter((key) => laneOf(key, upTo(lanes)) !== laneOf(key, upTo(lanes + 1)))
        expect(moved.every((key) => laneOf(key, upTo(lanes + 1)) === lanes)).toBe(true)
        const share = sample.length / (lanes + 1)
        expect(Math.abs(moved.length - share)).toBeLessThan(5 * Math.sqrt(share))
      }
    })
  }

  it("the keys of a lane that goes spread over all that are left", () => {
    const gone = keys["user names"].filter((key) => laneOf(key, upTo(8)) === 3)
    const left = upTo(8).filter((lane) => lane !== 3)
    const counts = new Map(left.map((lane) => [lane, 0]))
    for (const key of gone) counts.set(laneOf(key, left), counts.get(laneOf(key, left))! + 1)
    const share = gone.length / left.length
    for (const count of counts.values()) expect(Math.abs(count - share)).toBeLessThan(5 * Math.sqrt(share))
  })
})
