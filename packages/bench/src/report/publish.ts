/** Writes what is in git: all samples as JSON, and the page with the plots that are made of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import type { CaseResult, Report } from "../Result.ts"
import { page } from "./page.ts"
import { plot } from "./plot.ts"

const root = new URL("../../../../", import.meta.url)
const latest = new URL("packages/bench/results/latest.json", root)
const plots = new URL("docs/benchmarks/", root)

export const publish = (report: Report): void => {
  const all = merged(existsSync(latest) ? (JSON.parse(readFileSync(latest, "utf8")) as Report) : undefined, report)
  mkdirSync(new URL(".", latest), { recursive: true })
  mkdirSync(plots, { recursive: true })
  writeFileSync(latest, linesOf(all))
  for (const [name, results] of Map.groupBy(all.cases, (result) => result.name))
    writeFileSync(new URL(`${name}.svg`, plots), plot(results))
  writeFileSync(new URL("docs/benchmarks.md", root), page(all))
}

/** JSON with a line for each case: a case that ran again is one line of a diff. */
const linesOf = ({ cases, ...rest }: Report): string => {
  const head = JSON.stringify(rest).slice(0, -1)
  return `${head},"cases":[\n${cases.map((result) => JSON.stringify(result)).join(",\n")}\n]}\n`
}

/** A run of some cases replaces those, and keeps the others, unless they come from another machine or other versions. */
export const merged = (before: Report | undefined, now: Report): Report => {
  const isSame =
    before !== undefined &&
    isDeepStrictEqual(before.machine, now.machine) &&
    isDeepStrictEqual(before.versions, now.versions)
  if (!isSame) return now
  const key = ({ name, workers }: CaseResult) => `${name} ${workers}`
  const renewed = new Map(now.cases.map((result) => [key(result), result]))
  const kept = before.cases.map((result) => {
    const again = renewed.get(key(result))
    renewed.delete(key(result))
    return again ?? result
  })
  return { ...now, cases: [...kept, ...renewed.values()] }
}
