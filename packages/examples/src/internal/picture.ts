/**
 * A picture of what ran when: a row a task, a bar where it ran, an axis of seconds below.
 *
 * ```text
 * loop 0  ████████████████
 * loop 1  ████████········
 *         0 s          4 s
 * ```
 *
 * @internal
 */
import type { Lane } from "../DemoEvent.ts"
import type { Paint } from "./paint.ts"

// Wider is no clearer, and a picture pasted elsewhere should still fit.
const maxWidth = 100

/** @internal */
export const drawLanes = (lanes: ReadonlyArray<Lane>, width: number, style: Paint): ReadonlyArray<string> => {
  const endMs = Math.max(0, ...lanes.map((lane) => lane.toMs))
  if (endMs === 0) return []
  const columns = Math.min(width, maxWidth)
  const rows = Map.groupBy(lanes.toSorted(byStart), (lane) => lane.task)
  const nameWidth = Math.min(Math.max(...[...rows.keys()].map((task) => task.length)), Math.floor(columns / 3))
  const barWidth = columns - nameWidth - 2

  const bars = Array.from(rows, ([task, bars]) => {
    const name = task.length > nameWidth ? `${task.slice(0, nameWidth - 1)}…` : task.padEnd(nameWidth)
    return `${name}  ${drawRow(bars, endMs, barWidth, style)}`
  })
  const end = `${(endMs / 1000).toFixed(1)} s`
  const axis = `${" ".repeat(nameWidth + 2)}0 s${end.padStart(barWidth - 3)}`
  return [...bars, style.dim(axis), ...legend(lanes, nameWidth, style)]
}

/** By their start; those that start together, by their names. */
const byStart = (a: Lane, b: Lane): number =>
  a.fromMs - b.fromMs || a.task.localeCompare(b.task, "en", { numeric: true })

const marks = { done: "█", failed: "✗", interrupted: "◌" } as const

const drawRow = (bars: ReadonlyArray<Lane>, endMs: number, width: number, style: Paint): string => {
  const styles = { idle: style.dim, done: style.cyan, failed: style.red, interrupted: style.yellow }
  const cells = Array.from({ length: width }, (): Cell => ({ glyph: "·", kind: "idle" }))
  for (const { end, fromMs, toMs } of bars) {
    // At least one cell each, inside the row: what took no time still happened.
    const from = Math.min(width - 1, Math.floor((fromMs / endMs) * width))
    const to = Math.max(from + 1, Math.round((toMs / endMs) * width))
    for (let i = from; i < to; i++) cells[i] = { glyph: i === to - 1 ? marks[end] : "█", kind: end }
  }
  return runs(cells)
    .map(({ glyph, kind }) => styles[kind](glyph))
    .join("")
}

interface Cell {
  readonly glyph: string
  readonly kind: Lane["end"] | "idle"
}

/** Joins neighbours of one kind: a colour is said once for all of them. */
const runs = (cells: ReadonlyArray<Cell>): ReadonlyArray<Cell> => {
  const joined: Array<Cell> = []
  for (const cell of cells) {
    const last = joined.at(-1)
    if (last?.kind === cell.kind) joined[joined.length - 1] = { kind: cell.kind, glyph: last.glyph + cell.glyph }
    else joined.push(cell)
  }
  return joined
}

const legend = (lanes: ReadonlyArray<Lane>, nameWidth: number, style: Paint): ReadonlyArray<string> => {
  const ends = (["failed", "interrupted"] as const).filter((end) => lanes.some((lane) => lane.end === end))
  return ends.length === 0
    ? []
    : [`${" ".repeat(nameWidth + 2)}${style.dim(ends.map((end) => `${marks[end]} ${end}`).join("   "))}`]
}
