/** The few figures that are made of samples: medians, because a shared machine has outliers, and paired ratios. */
import type { ContenderResult } from "../Result.ts"

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

/** Between the two nearest values, by their distance: type 7 of Hyndman and Fan, as most tools do it. */
export const quantile = (values: ReadonlyArray<number>, at: number): number => {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const place = at * (sorted.length - 1)
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** `undefined` where there is no sample. */
export const spreadOf = (contender: ContenderResult, metric: string): Spread | undefined => {
  const values = valuesOf(contender, metric).filter((value) => value !== undefined)
  if (values.length === 0) return undefined
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) }
}

/**
 * The median of the ratios of each round. Rounds are near in time, so what slows the machine for a while is in both; the
 * ratio of two medians may compare a good minute with a bad one.
 */
export const pairedRatio = (above: ContenderResult, below: ContenderResult, metric: string): number | undefined => {
  const others = valuesOf(below, metric)
  const ratios = valuesOf(above, metric).flatMap((value, round) => {
    const other = others[round]
    return value === undefined || other === undefined || other === 0 ? [] : [value / other]
  })
  return ratios.length === 0 ? undefined : median(ratios)
}

const valuesOf = (contender: ContenderResult, metric: string): ReadonlyArray<number | undefined> =>
  contender.samples.map((figures) => figures?.[metric])
