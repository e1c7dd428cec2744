/** The tables: for a terminal, and in Markdown. */
import type { Metric } from "../Case.ts"
import type { CaseResult } from "../Result.ts"
import { oursOf, type Row, rowsOf, type Verdict, verdictsOf } from "./summary.ts"

/** Three significant digits, and no exponent. */
export const digits = (value: number): string => {
  if (value === 0) return "0"
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(places, 6)).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",")
}

const columns = ["contender", "median", "least … most", "ours ÷ it"]

const cells = ({ contender, ratio, spread }: Row): ReadonlyArray<string> => [
  contender.name,
  spread === undefined ? "–" : digits(spread.median),
  spread === undefined ? "" : `${digits(spread.least)} … ${digits(spread.most)}`,
  ratio === undefined ? "" : digits(ratio)
]

/** What happened to those that hung or failed. */
const problemsOf = (rows: ReadonlyArray<Row>): ReadonlyArray<string> =>
  rows.flatMap(({ contender: { name, problem } }) => (problem === undefined ? [] : [`${name}: ${problem}`]))

const verdictText = ({ goal, isMet, ours, rival, value }: Verdict): string => {
  const measured = value === undefined ? "not measured" : digits(value)
  const whom = rival === undefined || goal.endsWith(rival) ? "" : ` (${rival})`
  return `${ours} ${goal}: ${measured}${whom}, ${isMet ? "met" : "not met"}`
}

export const heading = (result: CaseResult, metric: Metric): string =>
  `${metric.name} in ${metric.unit}, ${result.workers} worker${result.workers === 1 ? "" : "s"}`

/** What is shown of a case: its metrics, each with its rows. */
export const shown = (result: CaseResult) =>
  result.metrics.map((metric) => ({ metric, rows: rowsOf(result, metric.name) }))

export const terminalTable = (result: CaseResult): string =>
  [`${result.name}: ${result.title} (the machine's load when it began: ${digits(result.load)})`]
    .concat(
      shown(result).map(({ metric, rows }) => {
        const lines = [columns, ...rows.map(cells)]
        const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)))
        const drawn = lines.map((line, index) => {
          const mark = index > 0 && rows[index - 1]?.contender === oursOf(result, metric.name) ? "▸ " : "  "
          const [name, ...figures] = line.map((cell, column) =>
            column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number)
          )
          return `  ${mark}${[name, ...figures].join("  ").trimEnd()}`
        })
        const verdicts = verdictsOf(result, metric).map((one) => `    ${one.isMet ? "✓" : "✗"} ${verdictText(one)}`)
        const problems = problemsOf(rows).map((problem) => `    ! ${problem}`)
        return [`  ${heading(result, metric)}`, ...drawn, ...problems, ...verdicts].join("\n")
      })
    )
    .join("\n")

export const markdownTable = (result: CaseResult): string =>
  shown(result)
    .map(({ metric, rows }) => {
      const line = (texts: ReadonlyArray<string>) => `| ${texts.join(" | ")} |`
      const body = rows.map((row) => {
        const [name, ...figures] = cells(row).map((cell) => cell.replaceAll("|", "\\|"))
        return line([row.contender.role === "ours" ? `**${name}**` : `${name}`, ...figures])
      })
      const verdicts = verdictsOf(result, metric).map((one) => `- ${one.isMet ? "✓" : "✗"} ${verdictText(one)}`)
      const remarks = [...problemsOf(rows).map((problem) => `- ${problem}`), ...verdicts]
      return [
        `**${heading(result, metric)}**`,
        "",
        line(columns),
        "| --- | ---: | ---: | ---: |",
        ...body,
        ...(remarks.length === 0 ? [] : ["", ...remarks])
      ].join("\n")
    })
    .join("\n\n")
