/**
 * From a program and what was asked to a report.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Engine from "../explore.ts"
import type { Finding } from "../Model.ts"
import { defaultMaxSteps, replay } from "../replay.ts"
import * as Schedule from "../Schedule.ts"
import type { Strategy } from "../Strategy.ts"
import { twice } from "../twice.ts"
import * as Investigate from "./investigate.ts"
import { model, type Program } from "./Program.ts"
import * as Places from "./places.ts"
import type { Report } from "./Report.ts"
import { watching } from "./watchEffect.ts"

/** One run, by a schedule that an earlier report gave. */
export interface Replay {
  readonly name: "replay"
  readonly schedule: string
}

export const replayOf = (schedule: string): Replay => ({ name: "replay", schedule })

export interface Bounds {
  readonly strategy: Strategy | Replay
  readonly schedules: number | undefined
  readonly seed: number
  readonly maxSteps: number | undefined
  /** Each schedule twice, and the traces compared. */
  readonly twice: boolean
  /** Milliseconds. */
  readonly timeBudget: number | undefined
}

export const exploreProgram = (
  program: Program<any, any>,
  bounds: Bounds
): Effect.Effect<Report, Schedule.ScheduleInvalid> => {
  const { strategy } = bounds
  return "schedule" in strategy
    ? Effect.map(Effect.fromResult(Schedule.parse(strategy.schedule)), (schedule) => again(program, schedule, bounds))
    : Effect.sync(() => search(program, strategy, bounds))
}

const search = (program: Program<any, any>, strategy: Strategy, bounds: Bounds): Report => {
  const options = bounds.twice
    ? { ...bounds, strategy: twice(strategy), schedules: bounds.schedules && 2 * bounds.schedules }
    : { ...bounds, strategy }
  const found = strategy.reduces
    ? watching(() => Engine.explore(model(program, { records: true }), options))
    : Engine.explore(model(program), options)
  const report: Report = {
    strategy: found.strategy,
    seed: found.seed,
    runs: found.runs,
    pruned: found.pruned,
    distinct: found.traces,
    steps: found.steps,
    complete: found.complete,
    ...(strategy.reduces ? { reordered: found.reordered } : {}),
    ...(found.exhausted === undefined ? {} : { preemptions: found.exhausted })
  }
  const { finding, passing, schedule } = found
  if (finding === undefined || schedule === undefined) return report
  return {
    ...report,
    foundBy: Schedule.format(schedule),
    ...investigated(program, finding, found.shrunk ?? schedule, passing, bounds)
  }
}

const again = (program: Program<any, any>, schedule: Schedule.Schedule, bounds: Bounds): Report => {
  const trace = replay(model(program), schedule, maxStepsOf(bounds))
  const report: Report = {
    strategy: `replay ${Schedule.format(schedule)}`,
    seed: bounds.seed,
    runs: 1,
    pruned: 0,
    distinct: 1,
    steps: trace.steps.length,
    complete: true
  }
  const finding = trace.finding ?? (trace.divergedAt === undefined ? undefined : strayed(trace.divergedAt))
  return finding === undefined ? report : { ...report, ...investigated(program, finding, schedule, undefined, bounds) }
}

const strayed = (at: number): Finding => ({
  kind: "escape",
  message: `the schedule does not fit: its choice number ${at + 1} can't be made. The program has changed since, or what it does depends on something outside`
})

const investigated = (
  program: Program<any, any>,
  finding: Finding,
  schedule: Schedule.Schedule,
  passing: Schedule.Schedule | undefined,
  bounds: Bounds
) => {
  const { maxSteps } = maxStepsOf(bounds)
  const settled = Investigate.orEscape(finding, model(program), schedule, maxSteps)
  return Places.locate(() => ({
    finding: { kind: settled.kind, message: settled.message },
    schedule: Schedule.format(schedule),
    ...(passing === undefined ? {} : { passing: Schedule.format(passing) }),
    timeline: Investigate.timeline(program, schedule, passing, maxSteps, headsOf[settled.kind])
  }))
}

const headsOf: Partial<Record<Finding["kind"], readonly [string, string]>> = {
  undeclared: ["the two steps in this order", "and in this one"]
}

const maxStepsOf = (bounds: Bounds) => ({ maxSteps: bounds.maxSteps ?? defaultMaxSteps })
