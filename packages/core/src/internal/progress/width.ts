/**
 * How many columns of a terminal a text takes, and texts made to take so many.
 *
 * What a person sees as one sign may be many code points: a letter with its accents, a family of emoji. Signs of East Asia and
 * emoji are two columns wide. Terminals don't agree about all of them; here a doubtful one counts as wide, so that a line is
 * rather too short than too long.
 *
 * @internal
 */
import { stripVTControlCharacters } from "node:util"

const signs = new Intl.Segmenter("en", { granularity: "grapheme" })

/** The blocks that Unicode's `EastAsianWidth` lists as wide or full-width. */
const eastAsian =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u

/** U+FE0F asks for the picture of a sign that is text otherwise; two letters of a flag are one picture. */
const pictures = /\p{Emoji_Presentation}|\ufe0f|\p{Regional_Indicator}/u

const invisible = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u2028\u2029]*$/u

const printable = /^[ -~]*$/

/** Of a text without control codes. */
export const widthOf = (text: string): number => {
  if (printable.test(text)) return text.length
  let width = 0
  for (const { segment } of signs.segment(text)) width += widthOfSign(segment)
  return width
}

const widthOfSign = (sign: string): number => {
  if (invisible.test(sign)) return 0
  return eastAsian.test(sign) || pictures.test(sign) ? 2 : 1
}

/**
 * A text that a terminal shows as it is, on one line: without codes that move the cursor or change the direction of what
 * follows.
 */
export const printed = (text: string): string =>
  stripVTControlCharacters(text.toWellFormed()).replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu,
    " "
  )

/** The text, or as much of its beginning as fits, with `…` for the rest. */
export const clip = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let clipped = ""
  let left = width - 1
  for (const { segment } of signs.segment(text)) {
    left -= widthOfSign(segment)
    if (left < 0) break
    clipped += segment
  }
  return width < 1 ? "" : `${clipped}…`
}

export const padEnd = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)))

export const padStart = (text: string, width: number): string => " ".repeat(Math.max(0, width - widthOf(text))) + text
