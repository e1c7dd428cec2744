/**
 * Two runs drawn beside each other, a lane for each fiber and a row for each line of the source that a fiber ran: the run
 * that fails, and the one that passes and parts from it as late as can be.
 *
 * @internal
 */
/** By step. */
export type Run = ReadonlyArray<Step>

interface Step {
  readonly agent: number
  readonly name: string
  readonly lines: ReadonlyArray<Line>
}

export interface Line {
  /** Not always the one whose step it is: others are resumed inline. */
  readonly agent: number
  readonly text: string
}

/** What is said above the two. */
export type Heads = readonly [failing: string, passing: string]

const mostRows = 60
const widestCell = 76

export const draw = (
  failing: Run,
  passing: Run | undefined,
  heads: Heads = ["this run fails", "this one passes"]
): string => {
  const lanes = lanesOf(failing, passing)
  const left = rowsOf(failing, lanes)
  const right = passing === undefined ? [] : rowsOf(passing, lanes)
  const differs = left.findIndex((text, at) => text !== right[at])
  const parting = differs === -1 ? left.length : differs
  const width = Math.max(...left.map((text) => text.length))
  const beside = (first: string, second: string) =>
    (passing === undefined ? first : `${first.padEnd(width)}  │ ${second}`).trimEnd()
  const rows = left.map((text, at) => beside(text, at < parting ? "=" : (right[at] ?? "")))
  if (right.length > left.length) rows.push(beside("", "… and on to its end"))
  const numbers = lanes.map(String).join(" ")
  return [beside(...heads), beside(numbers, numbers), ...shortened(rows)].join("\n")
}

/** Of those that did something, by number. */
const lanesOf = (...runs: ReadonlyArray<Run | undefined>): ReadonlyArray<number> => {
  const agents = new Set<number>()
  for (const run of runs) {
    for (const { agent, lines } of run ?? []) {
      agents.add(agent)
      for (const line of lines) agents.add(line.agent)
    }
  }
  return [...agents].sort((a, b) => a - b)
}

/** Steps in which a fiber got no further make one row. */
const rowsOf = (run: Run, lanes: ReadonlyArray<number>): ReadonlyArray<string> => {
  const rows: Array<string> = []
  let last: number | undefined
  for (const { agent, lines, name } of run) {
    // Where a step touches no line of the program, it is enough that its fiber had a turn.
    const shown = lines.length > 0 || agent === last ? lines : [{ agent, text: name }]
    for (const line of shown) {
      const marks = lanes.map((lane) => (lane === line.agent ? "●" : "·").padEnd(String(lane).length)).join(" ")
      const text = `${marks}  ${line.text}`
      const row = text.length > widestCell ? `${text.slice(0, widestCell - 1)}…` : text
      if (row !== rows.at(-1)) rows.push(row)
    }
    last = agent
  }
  return rows
}

const shortened = (rows: ReadonlyArray<string>): ReadonlyArray<string> =>
  rows.length <= mostRows
    ? rows
    : [...rows.slice(0, mostRows / 2), `… ${rows.length - mostRows} rows left out`, ...rows.slice(-mostRows / 2)]
