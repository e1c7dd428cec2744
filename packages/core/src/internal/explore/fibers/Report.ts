/**
 * What an exploration has to say, as data and as text.
 *
 * @internal
 */
import * as Schema from "effect/Schema"

export const Report = Schema.Struct({
  strategy: Schema.String,
  seed: Schema.Number,
  /** What is wrong with the program; absent if nothing was found. */
  finding: Schema.optionalKey(
    Schema.Struct({
      kind: Schema.Literals([
        "failure",
        "defect",
        "deadlock",
        "livelock",
        "invariant",
        "leak",
        "finalizer",
        "difference",
        "escape",
        "undeclared"
      ]),
      message: Schema.String
    })
  ),
  /** The simplest schedule that shows the finding: `Explore.replay` takes it. */
  schedule: Schema.optionalKey(Schema.String),
  /** The schedule by which it was found. */
  foundBy: Schema.optionalKey(Schema.String),
  /** A schedule that shows nothing and parts from `schedule` as late as can be. */
  passing: Schema.optionalKey(Schema.String),
  /** The two of them, drawn. */
  timeline: Schema.optionalKey(Schema.String),
  /** Runs that came to an end. */
  runs: Schema.Number,
  /** Runs that were cut short, since what followed had been seen. */
  pruned: Schema.Number,
  /** Different schedules among the runs; of a reduced search, different in more than the order of independent steps. */
  distinct: Schema.Number,
  /** Of a reduced search: runs that were taken again in another order, to see that it makes no difference. */
  reordered: Schema.optionalKey(Schema.Number),
  /** Of all runs together. */
  steps: Schema.Number,
  /** Nothing is left to run within the bounds of the strategy. */
  complete: Schema.Boolean,
  /** Of an exhaustive strategy: every schedule with up to so many preemptions was run; `Infinity`: every schedule. */
  preemptions: Schema.optionalKey(Schema.Number)
})

export interface Report extends Schema.Schema.Type<typeof Report> {}

/** A schedule was found under which the program is wrong. The message is the whole report. */
export class ExploreFailed extends Schema.TaggedError<ExploreFailed>()("ExploreFailed", { report: Report }) {
  override get message(): string {
    return format(this.report)
  }
}

export const format = (report: Report): string => {
  const { finding, foundBy, schedule, timeline } = report
  if (finding === undefined) return `nothing found in ${extent(report)}`
  const lines = [`${finding.kind} found in ${extent(report)}`, "", finding.message]
  if (schedule !== undefined) {
    const shorter = foundBy === undefined || foundBy === schedule ? "" : `, shrunk from ${foundBy}`
    lines.push(
      "",
      `schedule  ${schedule}${shorter}`,
      `replay    EXPLORE_REPLAY=${schedule} before the command that ran this`
    )
    lines.push(`          or { strategy: Explore.replay("${schedule}") }`)
  }
  if (timeline !== undefined) lines.push("", timeline)
  return lines.join("\n")
}

const extent = (report: Report): string => {
  const { complete, distinct, preemptions, pruned, reordered, runs, seed, steps, strategy } = report
  const counts = [
    `${counted(runs, "run")} (${distinct} different, ${counted(steps, "step")}${pruned === 0 ? "" : `, ${pruned} cut short`})`,
    `strategy ${strategy}`,
    `seed ${seed}`
  ]
  if (reordered !== undefined) counts.push(`${counted(reordered, "other order")} tried`)
  if (preemptions === Number.POSITIVE_INFINITY) counts.push("every schedule was run")
  else if (preemptions !== undefined && preemptions >= 0)
    counts.push(`every schedule with up to ${counted(preemptions, "preemption")} was run`)
  else if (complete) counts.push("nothing is left to run")
  return counts.join(", ")
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`
