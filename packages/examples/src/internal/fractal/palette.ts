/**
 * The colours of a picture: night, sea, foam, sand, ember and night again, as often as the eye goes deeper.
 *
 * @internal
 */

/** As on a screen: three bytes a colour. */
const stops = [
  [0x06, 0x0b, 0x2b],
  [0x0f, 0x3d, 0x91],
  [0x3f, 0xa7, 0xd6],
  [0xf3, 0xfb, 0xf7],
  [0xfc, 0xc8, 0x4a],
  [0xc8, 0x55, 0x14],
  [0x4a, 0x0d, 0x2a]
] as const

/** How many colours there are between the first and its return. */
const size = 4096

/** Light adds up, the bytes of a screen don't: what is mixed is mixed in light, from 0 to 1 (sRGB's curve, near enough). */
const toLight = (byte: number): number => (byte / 255) ** 2.2

/** @internal */
export const toByte = (light: number): number => Math.round(255 * light ** (1 / 2.2))

/** The colours in light, three numbers each. */
const colours: Float64Array = (() => {
  const table = new Float64Array(3 * size)
  for (let i = 0; i < size; i++) {
    const at = (i / size) * stops.length
    const from = stops[Math.floor(at)]!
    const to = stops[(Math.floor(at) + 1) % stops.length]!
    const part = eased(at - Math.floor(at))
    for (let c = 0; c < 3; c++) {
      table[3 * i + c] = toLight(from[c]! + (to[c]! - from[c]!) * part)
    }
  }
  return table
})()

/** Adds the colour of a point that left after `escape` iterations (with a fraction) to a pixel's light. @internal */
export const addColour = (light: Float64Array, escape: number): void => {
  // The logarithm keeps the rings apart near the set, where the counts grow without end.
  const at = 3 * (Math.floor(size * 0.55 * Math.log2(1 + escape / 8)) % size)
  light[0]! += colours[at]!
  light[1]! += colours[at + 1]!
  light[2]! += colours[at + 2]!
}

/** Slow at both ends: no stop of the palette shows as a line. */
function eased(part: number): number {
  return part * part * (3 - 2 * part)
}
