/**
 * A picture that is put together of bands, in any order.
 *
 * @internal
 */
import type { Picture } from "../png.ts"
import type { Band } from "./render.ts"

export interface PaintedBand {
  readonly band: Band
  readonly pixels: Uint8Array
}

/** @internal */
export const blank = (width: number, height: number): Picture => ({
  width,
  height,
  pixels: new Uint8Array(3 * width * height)
})

/** @internal */
export const paste = (picture: Picture, { band, pixels }: PaintedBand): void => {
  picture.pixels.set(pixels, 3 * band.width * band.top)
}
