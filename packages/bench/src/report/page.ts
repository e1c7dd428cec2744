/** `docs/benchmarks.md`, made of the results alone: nothing in it is written by hand, lost rows stand beside won ones. */
import type { CaseResult, Report } from "../Result.ts"
import { verdictsOf } from "./summary.ts"
import { digits, markdownTable } from "./table.ts"

export const page = (report: Report): string => {
  const cases = Map.groupBy(report.cases, ({ name }) => name)
  return `${[
    "# Benchmarks",
    introduction(report),
    "## Goals",
    goals(report.cases),
    ...[...cases.values()].map(section)
  ].join("\n\n")}\n`
}

const introduction = ({ cases, machine, versions }: Report): string => {
  const { cores, cpu, memoryGiB, node, platform, python } = machine
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const dates = cases.map(({ date }) => date.slice(0, 10)).toSorted()
  const span = [...new Set([dates[0], dates.at(-1)])].join(" to ")
  return `<!-- Made by \`pnpm bench --publish\` from packages/bench/results/latest.json. Don't edit. -->

What Ropewalk costs beside its peers, each in the configurations that suit it best, and beside the raw mechanism: what the
platform itself needs for the same messages. \`pnpm bench\` repeats it on your machine; \`pnpm bench --help\` says how.

- **Machine**: ${cores} cores (${cpu}), ${memoryGiB} GiB, ${platform}. Node ${node}, ${python === null ? "no Python" : `Python ${python}`}. ${span}.
- **Versions**: ${names.join(", ")}.
- **How**: all are JavaScript, as published and installed. Each table is one process, in which all contenders are started once
  and measured in turn, in another order each round, after a garbage collection and, where a task takes microseconds, a warm-up.
  So compare inside a table; figures of two tables, or of two machines, don't compare.
- **Ours ÷ it** is Ropewalk's figure divided by that of the row, the median of the rounds' ratios: below 1, Ropewalk takes
  less. Which one of ours it is: that of the goals below the table. *Python* answers for itself, by its own clock.
- Of a row that hung or failed, the lines below the table say so. Goals are checked against the best peer of the same table,
  whichever that is.`
}

const goals = (cases: ReadonlyArray<CaseResult>): string => {
  const rows = cases.flatMap((result) =>
    result.metrics.flatMap((metric) =>
      verdictsOf(result, metric).map(({ goal, isMet, ours, rival, value }) => {
        const name = `[${result.name}](#${result.name})`
        const whom = rival === undefined || goal.endsWith(rival) ? "" : ` (${rival})`
        const measured = value === undefined ? "not measured" : digits(value)
        return `| ${name}, ${metric.name} | ${result.workers} | ${ours} | ${goal}${whom} | ${measured} | ${isMet ? "met" : "**not met**"} |`
      })
    )
  )
  const head = ["| case | workers | whose | goal | measured | |", "| --- | ---: | --- | --- | ---: | --- |"]
  return [...head, ...rows].join("\n")
}

const section = (results: ReadonlyArray<CaseResult>): string => {
  const { name, remark, title } = results[0] as CaseResult
  const loads = results.map(({ load }) => digits(load)).join(" and ")
  const rounds = [...new Set(results.map(({ rounds }) => rounds))].join(" and ")
  return [
    `## ${name}`,
    `${title[0]?.toUpperCase()}${title.slice(1)}. ${rounds} rounds; the machine's load when it began was ${loads}.`,
    `![${name}](benchmarks/${name}.svg)`,
    ...(remark === undefined ? [] : [remark]),
    ...results.map(markdownTable)
  ].join("\n\n")
}
