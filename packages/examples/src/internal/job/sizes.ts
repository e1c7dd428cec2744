/**
 * How much work each job may be given.
 *
 * @internal
 */
export interface SizeBounds {
  /** What is counted. */
  readonly of: string
  readonly least: number
  readonly most: number
  readonly default: number
  /** Done in a moment. */
  readonly small: number
}

const bounds = (of: string, bounds: Omit<SizeBounds, "of">): SizeBounds => ({ of, ...bounds })

/** @internal */
export const sizes = {
  wordCount: bounds("megabytes of text to make", { least: 1, most: 10_000, default: 64, small: 4 }),
  mandelbrot: bounds("pixels of the picture's width", { least: 16, most: 16_384, default: 1920, small: 480 }),
  crawl: bounds("pages of the site", { least: 1, most: 5000, default: 2000, small: 60 })
}
