import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { clip, padEnd, padStart, printed, widthOf } from "../../../src/internal/progress/width.ts"

const widths: ReadonlyArray<readonly [text: string, width: number]> = [
  ["", 0],
  ["plain text", 10],
  ["größer", 6],
  ["e\u0301", 1],
  ["速い", 4],
  ["한글", 4],
  ["ｆｕｌｌ", 8],
  ["ﾊﾝｶｸ", 4],
  ["🚀", 2],
  ["👩‍👩‍👧", 2],
  ["👍🏽", 2],
  ["🇩🇪", 2],
  ["❤\ufe0f", 2],
  ["█▏░▶…×", 6],
  ["a\u200bb", 2],
  ["𝒳", 1]
]

describe("how wide a text is", () => {
  for (const [text, width] of widths) it(`${JSON.stringify(text)}: ${width}`, () => expect(widthOf(text)).toBe(width))
})

describe("a text that is made to fit", () => {
  it("is clipped between signs, and says so", () => {
    expect(clip("parse", 5)).toBe("parse")
    expect(clip("parse it", 5)).toBe("pars…")
    expect(clip("速い速い", 5)).toBe("速い…")
    expect(clip("速い速い", 4)).toBe("速…")
    expect(clip("👩‍👩‍👧 family", 3)).toBe("👩‍👩‍👧…")
    expect(clip("abc", 1)).toBe("…")
    expect(clip("abc", 0)).toBe("")
    expect(clip("abc", -1)).toBe("")
  })

  it("is padded by its width", () => {
    expect(padEnd("速い", 6)).toBe("速い  ")
    expect(padStart("速い", 6)).toBe("  速い")
    expect(padEnd("long", 2)).toBe("long")
  })

  it("loses what would move the cursor, change colours, end lines or turn the direction", () => {
    expect(printed("\u001b[31mred\u001b[0m\u001b[2J")).toBe("red")
    expect(printed("two\r\nlines\u0007")).toBe("two lines ")
    expect(printed("abc\u202edef")).toBe("abc def")
    expect(printed("\ud800x")).toBe("\ufffdx")
  })

  it.effect.prop(
    "is never too wide",
    [
      Arbitrary.schema(Schema.String),
      Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 })))
    ],
    ([text, width]) => Effect.sync(() => expect(widthOf(clip(text, width))).toBeLessThanOrEqual(width)),
    { arbitrary: { runs: 500 } }
  )
})
