/** What each worker of `mandelbrot` runs: a plain module, which loads no Effect. */
import * as Transfer from "@ropewalk/core/Transfer"
import type { PaintedBand } from "../internal/fractal/canvas.ts"
import { type Band, renderBand } from "../internal/fractal/render.ts"

/** Draws a band. Its pixels move to the program where memory can, and are copied to it where not. */
export const render = (band: Band): PaintedBand => {
  const pixels = renderBand(band)
  return Transfer.move({ band, pixels }, [pixels.buffer])
}
