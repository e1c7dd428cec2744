/** A case's result as rows to show, and what became of its goals. Won or lost: all of them. */
import type { Against, Goal, Metric } from "../Case.ts"
import type { CaseResult, ContenderResult } from "../Result.ts"
import { pairedRatio, type Spread, spreadOf } from "./statistics.ts"

export interface Row {
  readonly contender: ContenderResult
  readonly spread: Spread | undefined
  /** Ours divided by this one, round by round: below 1, ours takes less. */
  readonly ratio: number | undefined
}

/** Rows by what they take, the least first; those that were not measured last. */
export const rowsOf = (result: CaseResult, metric: string): ReadonlyArray<Row> => {
  const ours = oursOf(result, metric)
  const rows = result.contenders.flatMap((contender): ReadonlyArray<Row> => {
    const spread = spreadOf(contender, metric)
    if (spread === undefined && contender.problem === undefined) return []
    const ratio = ours === undefined || ours === contender ? undefined : pairedRatio(ours, contender, metric)
    return [{ contender, spread, ratio }]
  })
  return rows.toSorted((a, b) => (a.spread?.median ?? Infinity) - (b.spread?.median ?? Infinity))
}

/** The one of ours that the goals of a metric are about; the first of ours when there are none. */
export const oursOf = ({ contenders, goals }: CaseResult, metric: string): ContenderResult | undefined => {
  const name = goals.find((goal) => goal.metric === metric)?.ours
  return contenders.find((contender) => (name === undefined ? contender.role === "ours" : contender.name === name))
}

export interface Verdict {
  /** Whose goal it is. */
  readonly ours: string
  /** "≤ 0.25 × best peer" */
  readonly goal: string
  /** Which one was the best peer. */
  readonly rival: string | undefined
  readonly value: number | undefined
  readonly isMet: boolean
}

/** A goal of one that was not asked to take part is nobody's. */
export const verdictsOf = (result: CaseResult, metric: Metric): ReadonlyArray<Verdict> =>
  result.goals
    .filter((goal) => goal.metric === metric.name && result.contenders.some(({ name }) => name === goal.ours))
    .map((goal) => verdict(result, goal, metric.unit))

const verdict = (result: CaseResult, goal: Goal, unit: string): Verdict => {
  const ours = result.contenders.find(({ name }) => name === goal.ours)
  if (goal.against === undefined) {
    const value = ours && spreadOf(ours, goal.metric)?.median
    return { ours: goal.ours, goal: `${bound(goal)} ${unit}`, rival: undefined, value, isMet: isWithin(goal, value) }
  }
  const rival = bestOf(result, goal.against, goal.metric)
  const value =
    ours === undefined || rival === undefined
      ? undefined
      : goal.atLeast === undefined
        ? pairedRatio(ours, rival, goal.metric)
        : pairedRatio(rival, ours, goal.metric)
  return {
    ours: goal.ours,
    goal: `${bound(goal)} × ${goal.against.label}`,
    rival: rival?.name,
    value,
    isMet: isWithin(goal, value)
  }
}

const bound = ({ atLeast, atMost }: Goal): string => (atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`)

/** A goal that could not be measured is not met. */
const isWithin = ({ atLeast, atMost }: Goal, value: number | undefined): boolean =>
  value !== undefined && value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity)

const bestOf = ({ contenders }: CaseResult, { names, role }: Against, metric: string): ContenderResult | undefined =>
  contenders
    .filter((contender) => (names === undefined ? contender.role === role : names.includes(contender.name)))
    .flatMap((contender) => {
      const spread = spreadOf(contender, metric)
      return spread === undefined ? [] : [{ contender, median: spread.median }]
    })
    .toSorted((a, b) => a.median - b.median)[0]?.contender
