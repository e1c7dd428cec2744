/** The ledger, for people. */
import { outcomeKinds } from "./outcome.ts"
import type { Summary } from "./Tally.ts"

const columns = ["answered", "crashed", "timed out", "interrupted", "closed", "wrong"]

export const table = (seed: number, summary: Summary): string => {
  const { accepted, deaths, heap, kinds, outcomes, problems, settled, struck } = summary
  const rows = Object.entries(kinds).map(([name, counts]) => [
    name,
    ...outcomeKinds.map((kind) => number(counts[kind]))
  ])
  const lines = [
    ...aligned([["task", ...columns], ...rows, ["all", ...outcomeKinds.map((kind) => number(outcomes[kind]))]]),
    "",
    ...pairs([
      ["seed", String(seed)],
      ["tasks", `${number(accepted)} accepted, ${number(settled)} settled, ${number(accepted - settled)} lost`],
      [
        "workers that died",
        Object.entries(deaths)
          .map(([reason, count]) => `${reason} ${number(count)}`)
          .join(", ") || "none"
      ],
      [
        "in the midst of it",
        `${number(struck.kill)} killed, ${number(struck.stop)} stopped and continued, ${number(struck.resize)} pools resized`
      ],
      ["restarts", number(summary.restarts)],
      [
        "time",
        `${summary.seconds.toFixed(1)} s, ${number(summary.episodes)} pools, ${number(Math.round(summary.tasksPerSecond))} tasks a second`
      ],
      [
        "heap",
        `${heap.first.toFixed(1)} MiB at first, ${heap.last.toFixed(1)} at last, ${(heap.perEpisode * 1024).toFixed(1)} KiB more a pool`
      ],
      ["memory", `${number(Math.round(summary.peakMemory))} MiB at the most`]
    ]),
    "",
    ...(problems.length === 0
      ? ["Nothing was lost."]
      : ["What went wrong:", ...problems.map((problem) => `  ${problem}`)])
  ]
  return `${lines.join("\n")}\n`
}

const number = (value: number): string => value.toLocaleString("en-US")

const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): Array<string> => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
  )
}

const pairs = (rows: ReadonlyArray<readonly [string, string]>): Array<string> => {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}
