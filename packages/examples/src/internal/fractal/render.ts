/**
 * The Mandelbrot set, in bands of rows: each band can be made by itself.
 *
 * A point c belongs to the set if z → z² + c, from 0 on, stays near 0 for ever. The others are coloured by how soon they
 * leave.
 *
 * @internal
 */
import { addColour, toByte } from "./palette.ts"
import type { View } from "./views.ts"

/** What to draw of a picture: `rows` rows from `top` on. */
export interface Band {
  readonly view: View
  /** Of the whole picture, in pixels. */
  readonly width: number
  readonly height: number
  readonly top: number
  readonly rows: number
}

/** The bands of a picture, from the top down. */
export const bandsOf = (view: View, width: number, height: number, rows: number): ReadonlyArray<Band> =>
  Array.from({ length: Math.ceil(height / rows) }, (_, i) => ({
    view,
    width,
    height,
    top: i * rows,
    rows: Math.min(rows, height - i * rows)
  }))

/** Each pixel is the mean of so many points in each direction: edges are smooth, and dust is dust. */
const samples = 2

/** The pixels of a band: red, green, blue, row by row. */
export const renderBand = ({ height, rows, top, view, width }: Band): Uint8Array<ArrayBuffer> => {
  const pixels = new Uint8Array(3 * width * rows)
  const step = view.width / width
  const light = new Float64Array(3)
  for (let row = 0, pixel = 0; row < rows; row++) {
    for (let column = 0; column < width; column++, pixel += 3) {
      light.fill(0)
      for (let i = 0; i < samples * samples; i++) {
        const x = view.x + step * (column - width / 2 + ((i % samples) + 0.5) / samples)
        const y = view.y - step * (top + row - height / 2 + (Math.floor(i / samples) + 0.5) / samples)
        const escape = escapeOf(x, y, view.iterations)
        if (escape < view.iterations) addColour(light, escape)
      }
      for (let c = 0; c < 3; c++) pixels[pixel + c] = toByte(light[c]! / samples ** 2)
    }
  }
  return pixels
}

/** How many iterations a point takes to leave, with a fraction so that neighbours differ smoothly; `limit` if it stays. */
const escapeOf = (x: number, y: number, limit: number): number => {
  if (isInLargestParts(x, y)) return limit
  let re = 0
  let im = 0
  let squares = 0
  for (let i = 0; i < limit; i++) {
    const product = re * im
    const difference = re * re - im * im
    re = difference + x
    im = 2 * product + y
    squares = re * re + im * im
    if (squares > farAway) return Math.max(0, i + 2 - Math.log2(Math.log2(squares)))
  }
  return limit
}

/** Twice would do to know that a point leaves; from farther off the fraction is exact. */
const farAway = 2 ** 16

/** The heart and the disc left of it, whose points would all take as long as is allowed. */
const isInLargestParts = (x: number, y: number): boolean => {
  const q = (x - 0.25) ** 2 + y * y
  return q * (q + x - 0.25) <= 0.25 * y * y || (x + 1) ** 2 + y * y <= 0.0625
}
