import { describe, expect, it } from "@effect/vitest"
import { bar, formatCount, formatMillis, formatRate, formatShare } from "../../../src/internal/progress/format.ts"

const cases = <A>(title: string, format: (value: A) => string, table: ReadonlyArray<readonly [A, string]>) =>
  describe(title, () => {
    for (const [value, text] of table) it(`${value}: ${text}`, () => expect(format(value)).toBe(text))
  })

cases("counts", formatCount, [
  [0, "0"],
  [999, "999"],
  [1234, "1,234"],
  [99_999, "99,999"],
  [100_000, "100k"],
  [999_499, "999k"],
  [999_500, "1M"],
  [1_234_567, "1.23M"],
  [999_499_999, "999M"],
  [999_500_000, "1G"],
  [12_345_678_901, "12.3G"]
])

cases("rates", formatRate, [
  [0, "0/s"],
  [0.25, "0.25/s"],
  [9.5, "9.5/s"],
  [12.7, "12/s"],
  [1234, "1,234/s"],
  [250_000, "250k/s"]
])

cases("times", formatMillis, [
  [0, "0 µs"],
  [0.0156, "16 µs"],
  [0.9994, "999 µs"],
  [0.9996, "1 ms"],
  [1.234, "1.23 ms"],
  [12.34, "12.3 ms"],
  [999.4, "999 ms"],
  [999.6, "1 s"],
  [12_340, "12.3 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min"],
  [192_000, "3 min 12 s"],
  [3_599_600, "1 h"],
  [7_500_000, "2 h 5 min"],
  [86_399_000, "1 d"],
  [273_600_000, "3 d 4 h"]
])

cases("shares", formatShare, [
  [0, "0 %"],
  [0.994, "99 %"],
  [1, "100 %"]
])

describe("a bar", () => {
  it("is full to an eighth of a column", () => {
    expect(bar(0, 4)).toBe("░░░░")
    expect(bar(0.5, 4)).toBe("██░░")
    expect(bar(0.53125, 4)).toBe("██▏░")
    expect(bar(1, 4)).toBe("████")
  })

  it("is as wide whatever it is told", () => {
    for (const share of [-1, 0.001, 0.999, 2]) expect(bar(share, 7)).toHaveLength(7)
  })
})
