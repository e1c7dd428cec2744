/**
 * A case as a picture: a bar for each contender, on a logarithmic scale, with a line from its least to its most. Made by
 * hand as SVG; the colours follow the reader's light or dark page.
 */
import type { Metric, Role } from "../Case.ts"
import type { CaseResult } from "../Result.ts"
import type { Row } from "./summary.ts"
import { digits, heading, shown } from "./table.ts"

const width = 880
const labelWidth = 340
const right = 70
const barHeight = 14
const rowHeight = 21
const headHeight = 34
const axisHeight = 26
const panelGap = 18
const plotWidth = width - labelWidth - right

const styles = `
  text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 13px; }
  .axis { fill: #656d76; font-size: 11px; }
  .grid { stroke: #d0d7de; }
  .spread { stroke: #1f2328; stroke-width: 1.5; }
  .mine { font-weight: 600; }
  .ours { fill: #1f6feb; } .peer { fill: #8c959f; } .python { fill: #bf8700; } .limit { fill: #2da44e; } .note { fill: #a475f9; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .axis { fill: #8d96a0; }
    .grid { stroke: #3d444d; }
    .spread { stroke: #e6edf3; }
    .ours { fill: #4493f8; } .peer { fill: #656d76; } .python { fill: #d29922; } .limit { fill: #3fb950; } .note { fill: #ab7df8; }
  }`

const legend: Readonly<Record<Role, string>> = {
  ours: "Ropewalk",
  peer: "peers",
  python: "Python",
  limit: "the raw mechanism",
  note: "for comparison"
}

/** One panel for each metric and number of workers. */
export const plot = (results: ReadonlyArray<CaseResult>): string => {
  const panels = results.flatMap((result) =>
    shown(result).map(({ metric, rows }) => ({
      result,
      metric,
      rows: rows.filter(({ spread }) => spread !== undefined)
    }))
  )
  let y = 30
  const drawn = panels.map(({ metric, result, rows }) => {
    const top = y
    y += headHeight + rows.length * rowHeight + axisHeight + panelGap
    return panel(result, metric, rows, top)
  })
  const present = new Set(panels.flatMap(({ rows }) => rows.map(({ contender }) => contender.role)))
  const roles = (Object.keys(legend) as ReadonlyArray<Role>).filter((role) => present.has(role))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img">`,
    `<title>${escapeXml(results[0]?.title ?? "")}</title>`,
    `<style>${styles}\n</style>`,
    ...roles.map(key),
    ...drawn,
    "</svg>\n"
  ].join("\n")
}

const key = (role: Role, index: number): string =>
  `<rect class="${role}" x="${16 + index * 150}" y="8" width="12" height="12" rx="2"/><text x="${34 + index * 150}" y="18">${legend[role]}</text>`

const panel = (result: CaseResult, metric: Metric, rows: ReadonlyArray<Row>, top: number): string => {
  const { powers, x } = scaleOf(rows)
  const first = top + headHeight
  const last = first + rows.length * rowHeight
  const grid = powers.map(
    (power) =>
      `<line class="grid" x1="${at(x(power))}" x2="${at(x(power))}" y1="${first - 4}" y2="${last}"/><text class="axis" x="${at(x(power))}" y="${last + 14}" text-anchor="middle">${plain(power)}</text>`
  )
  return [
    `<text class="title" x="16" y="${top + 20}">${escapeXml(heading(result, metric))}</text>`,
    ...grid,
    ...rows.map((row, index) => bar(row, x, first + index * rowHeight))
  ].join("\n")
}

const bar = ({ contender, spread }: Row, x: (value: number) => number, y: number): string => {
  if (spread === undefined) return ""
  const { least, median, most } = spread
  const middle = y + barHeight / 2
  const label = `<text class="${contender.role === "ours" ? "mine" : ""}" x="${labelWidth - 8}" y="${y + 11}" text-anchor="end">${escapeXml(contender.name)}</text>`
  const box = `<rect class="${contender.role}" x="${labelWidth}" y="${y}" width="${at(x(median) - labelWidth)}" height="${barHeight}" rx="2"/>`
  const line = `<line class="spread" x1="${at(x(least))}" x2="${at(x(most))}" y1="${middle}" y2="${middle}"/>`
  const figure = `<text x="${at(Math.max(x(most), x(median)) + 6)}" y="${y + 11}">${digits(median)}</text>`
  return [label, box, line, figure].join("")
}

/** Whole powers of ten around all that is drawn: bars begin at the lowest. Zero has no logarithm and sits there too. */
const scaleOf = (rows: ReadonlyArray<Row>) => {
  const values = rows.flatMap(({ spread }) => (spread === undefined ? [] : [spread.least, spread.median, spread.most]))
  const positive = values.filter((value) => value > 0)
  const lowest = Math.floor(Math.log10(Math.min(...positive, Infinity)) - 0.05)
  const low = Number.isFinite(lowest) ? lowest : 0
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive, 10 ** low))))
  const x = (value: number) => {
    const logarithm = value > 0 ? Math.max(Math.log10(value), low) : low
    return labelWidth + ((logarithm - low) / (high - low)) * plotWidth
  }
  return { x, powers: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)) }
}

const at = (coordinate: number): string => coordinate.toFixed(1)

const plain = (power: number): string => (power >= 1 ? power.toLocaleString("en-US") : String(power))

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
