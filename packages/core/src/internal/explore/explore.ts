/**
 * Runs a model again and again, each time by another schedule, until something is found, nothing is left, or the budget
 * is spent. Synchronous: the caller's thread does nothing else meanwhile.
 *
 * @internal
 */
import type { Finding, Model } from "./Model.ts"
import { Prng } from "./Prng.ts"
import { random } from "./random.ts"
import { type Difference, reorder } from "./reorder.ts"
import { defaultMaxSteps, Replay } from "./replay.ts"
import { Run, runOnce } from "./run.ts"
import type { Schedule } from "./Schedule.ts"
import type { Strategy } from "./Strategy.ts"
import { shrink } from "./shrink.ts"

export interface Options {
  /** `random` when absent. */
  readonly strategy?: Strategy | undefined
  /** Runs at most; 10,000 when absent. Cut ones count. */
  readonly schedules?: number | undefined
  /** 0 when absent. */
  readonly seed?: number | undefined
  /** A run of so many steps is a livelock; 10,000 when absent. From half of them on the schedule is fair. */
  readonly maxSteps?: number | undefined
  /** Milliseconds, looked at between runs; no limit when absent. Shrinking may take as long again. */
  readonly timeBudget?: number | undefined
  /** Runs at most that are spent on a simpler schedule; 1,000 when absent, 0: none. */
  readonly shrinkAttempts?: number | undefined
  /** Milliseconds on a clock that does not go back; `performance.now` when absent. */
  readonly now?: (() => number) | undefined
}

export interface Report {
  readonly strategy: string
  readonly seed: number
  readonly finding: Finding | undefined
  /** By which it was found. */
  readonly schedule: Schedule | undefined
  /** The simplest that was found to show a finding of the same kind. */
  readonly shrunk: Schedule | undefined
  /** One that shows nothing and parts from `shrunk` as late as can be. */
  readonly passing: Schedule | undefined
  /** Runs that came to an end, each by another schedule if the strategy is exhaustive. */
  readonly runs: number
  /** Runs that ended early, or don't count, since they would only repeat others. */
  readonly pruned: number
  /** Of all runs, those of pruned ones included. */
  readonly steps: number
  /** Distinct schedules among the runs; with reduction, distinct partial orders of dependent steps. */
  readonly traces: number
  /** Runs in another order that should make no difference, to see whether it does. */
  readonly reordered: number
  /** Distinct states that were seen, for a model that fingerprints them. */
  readonly states: number | undefined
  /** Nothing is left to run within the bounds of the strategy. */
  readonly complete: boolean
  /** Of an exhaustive search: every schedule with up to so many preemptions was run; Infinity: every schedule. */
  readonly exhausted: number | undefined
}

const settle = (options: Options) => ({
  strategy: options.strategy ?? random,
  schedules: options.schedules ?? 10_000,
  seed: options.seed ?? 0,
  maxSteps: options.maxSteps ?? defaultMaxSteps,
  timeBudget: options.timeBudget ?? Number.POSITIVE_INFINITY,
  // Without a budget nobody reads the clock.
  now: options.timeBudget === undefined ? () => 0 : (options.now ?? (() => performance.now())),
  attempts: options.shrinkAttempts ?? 1_000
})

export const explore = (model: Model, options: Options = {}): Report => {
  const { maxSteps, now, schedules, seed, strategy, timeBudget } = settle(options)
  const deadline = now() + timeBudget
  const search = strategy.search(seed)
  const run = new Run()
  const traces = new Set<number>()
  let runs = 0
  let pruned = 0
  let steps = 0
  let complete = false
  let overran = false
  let reordered = 0
  let difference: Difference | undefined
  const prng = new Prng()
  while (runs + pruned < schedules && now() < deadline) {
    if (!search.begin(runs + pruned)) {
      complete = !overran
      break
    }
    runOnce(model, search, maxSteps, run)
    const counts = search.end(run.overran)
    overran ||= run.overran
    steps += run.steps
    if (counts && !run.cut) {
      runs++
      const order = search.order?.()
      traces.add(order?.fingerprint ?? run.trace)
      if (strategy.reduces && order !== undefined && run.finding === undefined && !run.overran) {
        prng.reset(seed, runs)
        const tried = reorder(model, order, ordersOf(runs), prng, maxSteps)
        reordered += tried.runs
        difference = tried.difference
      }
    } else pruned++
    if (run.finding !== undefined || difference !== undefined) break
  }
  const schedule = run.finding === undefined ? undefined : run.schedule()
  const finding = schedule && run.finding && confirmed(model, schedule, run.finding, maxSteps)
  const shrunk = schedule && finding && shrinkWithin(model, schedule, finding.kind, options)
  const report = {
    strategy: strategy.name,
    seed,
    // Said of the shortest schedule, if there is one: what is shown beside it has to match.
    finding: shrunk?.finding ?? finding,
    schedule,
    shrunk: shrunk?.schedule,
    passing: shrunk?.passing,
    runs,
    pruned,
    steps,
    traces: traces.size,
    states: run.states.size === 0 ? undefined : run.states.size,
    complete,
    exhausted: search.exhausted?.(),
    reordered
  }
  // Two runs belong to it. Neither shows it alone, so there is nothing to confirm and to shrink.
  return difference === undefined ? report : { ...report, ...difference }
}

/** In how many other orders a run is taken: each by one, the first by more, and fewer when there are many. */
const ordersOf = (run: number): number => (run === 1 ? 20 : run <= 100 || run % 10 === 0 ? 1 : 0)

/** A finding that its own schedule does not show again is one of another kind, whatever it was. */
const confirmed = (model: Model, schedule: Schedule, finding: Finding, maxSteps: number): Finding => {
  if (finding.kind === "escape") return finding
  const again = new Run()
  runOnce(model, new Replay(schedule), maxSteps, again)
  if (again.finding?.kind === finding.kind) return finding
  const shown = again.finding === undefined ? "nothing" : `a ${again.finding.kind}`
  return {
    kind: "escape",
    message: `the same schedule, run again, shows ${shown}: something outside the control of the explorer takes part. At first it showed a ${finding.kind}: ${finding.message}`,
    detail: finding
  }
}

const shrinkWithin = (model: Model, schedule: Schedule, kind: Finding["kind"], options: Options) => {
  const { attempts, maxSteps, now, timeBudget } = settle(options)
  const deadline = now() + timeBudget
  return shrink(model, schedule, kind, { maxSteps, attempts, goOn: () => now() < deadline })
}
