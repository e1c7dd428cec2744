/**
 * A pipeline's stats as lines for a terminal: what has been done of the whole, and a table of the stages.
 *
 * ```text
 * import  41 %  ████████▏░░░░░░░░░░░  12,336 of 30,000  9 under way  1,233/s  10 s, 14.3 s left
 *   stage    done     rate  in flight  queued     p50    p99  busy
 *   lines  12,345  1,234/s          0       0    2 µs   5 µs   1 %  ░░░░░░░░
 * ▶ parse  12,334  1,233/s          8       0  5.1 ms  12 ms  98 %  ███████▊  bottleneck, 3 failed, 3 skipped
 *   write  12,333  1,233/s          1       0  200 µs   1 ms  12 %  █░░░░░░░
 * ```
 *
 * Where it is too narrow the least telling columns are left out, and names are clipped last.
 *
 * @internal
 */
import { styleText } from "node:util"
import type { RenderOptions } from "../../Progress.ts"
import type { PipelineStats, StageStats } from "../pipeline/stats.ts"
import { bar, formatCount, formatMillis, formatRate, formatShare } from "./format.ts"
import { clip, padEnd, padStart, printed, widthOf } from "./width.ts"

export const render = (stats: PipelineStats, options: RenderOptions): ReadonlyArray<string> => {
  const columns = Math.max(1, Math.floor(options.columns))
  const paint: Paint =
    options.color === true ? (format, text) => styleText(format, text, { validateStream: false }) : plain
  return [renderTitle(stats, options, columns, paint), ...renderStages(stats, options, columns, paint)]
}

/** How much of the whole is done, and how long the rest takes at the pace so far. */
export const progressOf = (
  { done, elapsed, isDone }: PipelineStats,
  total: number | undefined
): { readonly share: number | undefined; readonly left: number | undefined } => {
  if (total === undefined || total <= 0) return { share: undefined, left: undefined }
  const share = Math.min(1, done / total)
  return { share, left: isDone || done === 0 ? undefined : (elapsed / share) * (1 - share) }
}

/** Elements that the sources have given, and that are not done with. */
const underWay = ({ done, stages }: PipelineStats): number =>
  Math.ceil(stages.reduce((sum, { kind, out }) => (kind === "source" ? sum + out : sum), 0) - done)

/** Elements a second that a stage has given, since an earlier snapshot or the start. */
export const rateOf = (stage: StageStats, stats: PipelineStats, since: PipelineStats | undefined): number =>
  perSecond(stage.out - (since?.stages[stage.id]?.out ?? 0), stats, since)

const perSecond = (count: number, { elapsed }: PipelineStats, since: PipelineStats | undefined): number => {
  const millis = elapsed - (since?.elapsed ?? 0)
  return millis <= 0 ? 0 : (count * 1000) / millis
}

/** What went wrong, in words; empty when nothing did. */
export const troublesOf = ({ failed, retried, skipped }: StageStats): ReadonlyArray<string> =>
  Object.entries({ failed, retried, skipped })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${formatCount(count)} ${what}`)

type Format = Parameters<typeof styleText>[0]

type Paint = (format: Format, text: string) => string

const plain: Paint = (_format, text) => text

const gap = "  "

const longestBar = 30

const shortestBar = 8

const renderTitle = (stats: PipelineStats, options: RenderOptions, columns: number, paint: Paint): string => {
  const { done } = stats
  const { left, share } = progressOf(stats, options.total)
  const going = stats.isDone ? 0 : underWay(stats)
  const time = `${stats.isDone ? "ended after " : ""}${formatMillis(stats.elapsed)}`
  // In the order in which they are left out, the last first.
  const name = printed(options.title ?? "")
  const parts = {
    time: left === undefined ? time : `${time}, ${formatMillis(left)} left`,
    share: share === undefined ? "" : formatShare(share),
    count: share === undefined ? formatCount(done) : `${formatCount(done)} of ${formatCount(options.total ?? 0)}`,
    name: clip(name, Math.max(8, Math.floor(columns / 3))),
    rate: formatRate(perSecond(done - (options.since?.done ?? 0), stats, options.since)),
    underWay: going > 0 ? `${formatCount(going)} under way` : ""
  }
  const shown = fitting(Object.keys(parts) as Array<keyof typeof parts>, columns, (keys) => {
    const widths = keys.map((key) => widthOf(parts[key])).filter((width) => width > 0)
    return widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1))
  })
  const textOf = (...keys: ReadonlyArray<keyof typeof parts>) =>
    keys.filter((key) => shown.includes(key) && parts[key] !== "").map((key) => parts[key])
  const before = textOf("name", "share")
  const after = textOf("count", "underWay", "rate", "time")
  const taken = widthOf([...before, ...after].join(gap)) + gap.length
  const room = Math.min(longestBar, columns - taken)
  if (share === undefined || room < shortestBar) {
    return paint("bold", clip([...before, ...after].join(gap), columns))
  }
  return [
    ...before.map((text) => paint("bold", text)),
    paint("cyan", bar(share, room)),
    ...after.map((text) => paint("bold", text))
  ].join(gap)
}

/** As many from the beginning as fit; one at the least. */
const fitting = <A>(items: ReadonlyArray<A>, columns: number, widthOf: (items: ReadonlyArray<A>) => number) => {
  let fit = items
  while (fit.length > 1 && widthOf(fit) > columns) fit = fit.slice(0, -1)
  return fit
}

interface Column {
  readonly title: string
  readonly text: (stage: StageStats) => string
  readonly isNumber: boolean
}

/** A name may be clipped down to this, and further where there is only one column left. */
const shortestName = 16

const markWidth = 2

const renderStages = (
  stats: PipelineStats,
  { rows, since }: RenderOptions,
  columns: number,
  paint: Paint
): ReadonlyArray<string> => {
  const busyOf = (stage: StageStats): number => busyShare(stage, stats, since)
  const isNarrow = (stage: StageStats): boolean => stage.name === stats.bottleneck
  const timed = stats.stages.some((stage) => stage.p99 > 0)
  const time = (millis: number): string => (timed ? formatMillis(millis) : "")
  // From left to right.
  const all = {
    done: number("done", (stage) => formatCount(stage.out)),
    rate: number("rate", (stage) => formatRate(rateOf(stage, stats, since))),
    inFlight: number("in flight", (stage) => formatCount(stage.inFlight)),
    queued: number("queued", (stage) => formatCount(stage.queued)),
    p50: number(timed ? "p50" : "", (stage) => time(stage.p50)),
    p99: number(timed ? "p99" : "", (stage) => time(stage.p99)),
    busy: number("busy", (stage) => (Number.isFinite(stage.concurrency) ? formatShare(busyOf(stage)) : "")),
    bar: text((stage) => (Number.isFinite(stage.concurrency) ? bar(busyOf(stage), shortestBar) : "")),
    troubles: text((stage) => [...(isNarrow(stage) ? ["bottleneck"] : []), ...troublesOf(stage)].join(", "))
  }
  type Key = keyof typeof all
  const leftOutLastFirst: ReadonlyArray<Key> = [
    ...(["done", "busy", "rate", "inFlight", "p99", "troubles", "queued", "p50", "bar"] as const)
  ]
  const names = new Map(stats.stages.map((stage) => [stage, printed(stage.name)]))
  const nameWidth = Math.max(widthOf("stage"), ...Array.from(names.values(), widthOf))
  const widths = new Map(
    Object.values(all).map((column) => [
      column,
      Math.max(widthOf(column.title), ...stats.stages.map((stage) => widthOf(column.text(stage))))
    ])
  )
  const widthWithout = (keys: ReadonlyArray<Key>): number =>
    keys.reduce((sum, key) => {
      const width = widths.get(all[key]) ?? 0
      return sum + (width === 0 ? 0 : width + gap.length)
    }, markWidth)
  const least = Math.min(nameWidth, shortestName)
  const kept = fitting<Key>(leftOutLastFirst, columns, (keys) => widthWithout(keys) + least)
  const shown = (Object.keys(all) as Array<Key>).filter((key) => kept.includes(key) && widths.get(all[key]) !== 0)
  const nameColumns = Math.min(nameWidth, Math.max(0, columns - widthWithout(shown)))

  const line = (mark: string, name: string, cell: (column: Column) => string): string => {
    const cells = shown.map((key) => {
      const column = all[key]
      const pad = column.isNumber ? padStart : padEnd
      return pad(cell(column), widths.get(column) ?? 0)
    })
    return clip([`${mark}${padEnd(clip(name, nameColumns), nameColumns)}`, ...cells].join(gap).trimEnd(), columns)
  }
  const heading = paint(
    "dim",
    line("  ", "stage", (column) => column.title)
  )
  const lines = stats.stages.map((stage) => {
    const format = formatOf(stage, isNarrow(stage))
    const text = line(isNarrow(stage) ? "▶ " : "  ", names.get(stage) ?? "", (column) => column.text(stage))
    return format === undefined ? text : paint(format, text)
  })
  return stats.stages.length === 0 ? [] : [heading, ...limited(lines, rows, columns, paint)]
}

/** The title and the heading take two rows, and what is left out is said in one. */
const limited = (lines: ReadonlyArray<string>, rows: number | undefined, columns: number, paint: Paint) => {
  const room = Math.max(1, Math.floor(rows ?? Number.POSITIVE_INFINITY) - 2)
  if (lines.length <= room) return lines
  const shown = lines.slice(0, room - 1)
  return [...shown, paint("dim", clip(`  … ${lines.length - shown.length} more`, columns))]
}

const number = (title: string, text: Column["text"]): Column => ({ title, text, isNumber: true })

const text = (text: Column["text"]): Column => ({ title: "", text, isNumber: false })

const busyShare = (stage: StageStats, stats: PipelineStats, since: PipelineStats | undefined): number => {
  if (since === undefined) return stage.recent
  const possible = stage.concurrency * (stats.elapsed - since.elapsed)
  const busy = stage.busy - (since.stages[stage.id]?.busy ?? 0)
  return possible <= 0 ? 0 : Math.min(1, Math.max(0, busy / possible))
}

const formatOf = (stage: StageStats, isNarrow: boolean): Format | undefined => {
  if (isNarrow) return "yellow"
  if (stage.failed > 0) return "red"
  return stage.isDone ? "dim" : undefined
}
