/**
 * A pipeline's stats as one line, for a log or a pipe.
 *
 * @internal
 */
import type { RenderOptions } from "../../Progress.ts"
import type { PipelineStats } from "../pipeline/stats.ts"
import { formatCount, formatMillis, formatRate, formatShare } from "./format.ts"
import { progressOf, rateOf, troublesOf } from "./render.ts"
import { printed } from "./width.ts"

/** `import: 41 %, 12.3 s, 18 s left; lines 12,345 (1,234/s); parse 12,334 (8 in flight, bottleneck, 3 failed)`. */
export const renderLine = (stats: PipelineStats, { since, title, total }: Omit<RenderOptions, "columns">): string => {
  const { left, share } = progressOf(stats, total)
  const whole = [
    ...(share === undefined ? [] : [formatShare(share)]),
    stats.isDone ? `ended after ${formatMillis(stats.elapsed)}` : formatMillis(stats.elapsed),
    ...(left === undefined ? [] : [`${formatMillis(left)} left`])
  ].join(", ")
  const stages = stats.stages.map((stage) => {
    const details = [
      formatRate(rateOf(stage, stats, since)),
      ...(stage.inFlight === 0 ? [] : [`${formatCount(stage.inFlight)} in flight`]),
      ...(stage.name === stats.bottleneck ? ["bottleneck"] : []),
      ...troublesOf(stage)
    ]
    return `${printed(stage.name)} ${formatCount(stage.out)} (${details.join(", ")})`
  })
  const name = title === undefined ? "" : `${printed(title)}: `
  return `${name}${[whole, ...stages].join("; ")}`
}
