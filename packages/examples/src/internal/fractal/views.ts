/**
 * Places of the Mandelbrot set that are worth a picture.
 *
 * @internal
 */
export interface View {
  readonly name: string
  /** The centre of the picture. */
  readonly x: number
  readonly y: number
  /** How wide the picture is, in the plane of the set. */
  readonly width: number
  /** A point that has not left by then counts as one of the set. */
  readonly iterations: number
}

/** @internal */
export const views: ReadonlyArray<View> = [
  { name: "the whole set", x: -0.7, y: 0, width: 4.4, iterations: 600 },
  { name: "a spiral of seahorses", x: -0.743643887037151, y: 0.13182590420533, width: 0.000051, iterations: 3000 },
  { name: "seahorse valley", x: -0.7463, y: 0.1102, width: 0.0062, iterations: 1500 },
  { name: "elephant valley", x: 0.2818, y: 0.0095, width: 0.0125, iterations: 1000 },
  { name: "a triple spiral", x: -0.0885, y: 0.6552, width: 0.0075, iterations: 1200 },
  { name: "a small copy of the set", x: -1.7586, y: 0, width: 0.078, iterations: 800 }
]

/** The view of a seed. */
export const viewOf = (seed: number): View => views[((seed % views.length) + views.length) % views.length]!
