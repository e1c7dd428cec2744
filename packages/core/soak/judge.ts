/**
 * Whether an episode went as a pool promises: from what the callers heard, what the workers wrote down, and what was done to
 * them. It knows the pool only from these.
 */
import { kindOf } from "./kinds.ts"
import type { Outcome } from "./outcome.ts"
import type { Episode, PlannedCall } from "./Plan.ts"
import type { RunRecord } from "./runLog.ts"

export interface CallRecord {
  readonly planned: PlannedCall
  /** How often it was answered. */
  readonly answers: number
  readonly outcome: Outcome | undefined
  /** Whether it may be told that its pool is closed: that had begun to close by then, or was being drained when the call began. */
  readonly closing: boolean
  /** How long the run log was by then. */
  readonly heardAt: number
}

export interface Trial {
  readonly episode: Episode
  readonly calls: ReadonlyArray<CallRecord>
  readonly runs: ReadonlyArray<RunRecord>
  /** The workers that were killed from outside. */
  readonly killed: ReadonlySet<number>
  /** What the pool said of itself after the last answer; not when it was closed with work in flight. */
  readonly stats: { readonly queued: number; readonly running: number; readonly crashed: number } | undefined
}

/** What went wrong, a sentence each; nothing, when nothing did. */
export const judge = (trial: Trial): Array<string> => {
  const evidence = gather(trial)
  const problems = trial.calls.flatMap((call) => {
    const name = `${call.planned.kind} ${call.planned.token}`
    return judgeCall(call, evidence).map((problem) => `${name} ${problem}`)
  })
  return [...problems, ...judgeRuns(trial, evidence), ...judgeWorkers(evidence), ...judgeStats(trial)]
}

/** Something that may have ended a worker. `unknown`: a caller left, and nobody saw on which worker its task was. */
interface Cause {
  readonly reason: string
  readonly when: "running" | "later" | "outside" | "beside"
  readonly token: number | undefined
}

interface Evidence {
  readonly concurrency: number
  readonly startsOf: ReadonlyMap<number, ReadonlyArray<RunRecord>>
  readonly lastRunOf: ReadonlyMap<number, number>
  readonly causesOf: ReadonlyMap<number, ReadonlyArray<Cause>>
  readonly crashesOf: ReadonlyMap<number, ReadonlyArray<string>>
  /** Whether a caller left whose task was never seen to start: it may have been on any worker. */
  readonly someoneLeftUnseen: boolean
}

const terminated = "Terminated"

const gather = ({ calls, episode, killed, runs }: Trial): Evidence => {
  const startsOf = new Map<number, Array<RunRecord>>()
  const lastRunOf = new Map<number, number>()
  for (const run of runs) {
    if (run.mark === "started") append(startsOf, run.token, run)
    lastRunOf.set(run.token, run.at)
  }
  const causesOf = new Map<number, Array<Cause>>()
  for (const worker of killed) append(causesOf, worker, { reason: "Killed SIGKILL", when: "outside", token: undefined })
  const crashesOf = new Map<number, Array<string>>()
  let someoneLeftUnseen = false
  for (const { outcome, planned } of calls) {
    const starts = startsOf.get(planned.token) ?? []
    const { ends } = kindOf(planned.kind)
    for (const { worker } of starts) {
      if (ends === undefined) continue
      append(causesOf, worker, { reason: ends.reason(planned.token, planned.n), when: ends.when, token: planned.token })
    }
    if (outcome?.kind === "crashed") append(crashesOf, outcome.worker, outcome.reason)
    if (!hasLeft(outcome)) continue
    for (const { worker } of starts)
      append(causesOf, worker, { reason: terminated, when: "beside", token: planned.token })
    someoneLeftUnseen ||= starts.length === 0
  }
  return { concurrency: episode.concurrency, startsOf, lastRunOf, causesOf, crashesOf, someoneLeftUnseen }
}

const hasLeft = (outcome: Outcome | undefined): boolean =>
  outcome?.kind === "interrupted" || outcome?.kind === "timedOut"

const append = <K, V>(lists: Map<K, Array<V>>, key: K, value: V): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

const judgeCall = (call: CallRecord, evidence: Evidence): Array<string> => {
  const { answers, heardAt, outcome, planned } = call
  if (outcome === undefined) return ["was never answered"]
  const problems: Array<string> = []
  if (answers > 1) problems.push(`was answered ${answers} times`)
  const unfair = unfairness(call, outcome, evidence)
  if (unfair !== undefined) problems.push(unfair)
  const starts = evidence.startsOf.get(planned.token)?.length ?? 0
  const [least, most] = startsAllowed(call, outcome)
  if (starts < least || starts > most) problems.push(`was started ${starts} times, and then ${inWords(outcome)}`)
  if ((evidence.lastRunOf.get(planned.token) ?? -1) >= heardAt)
    problems.push(`ran on after its caller had heard that it ${inWords(outcome)}`)
  return problems
}

/** Why this call may not end so. */
const unfairness = ({ closing, planned }: CallRecord, outcome: Outcome, evidence: Evidence): string | undefined => {
  const { leave } = planned
  switch (outcome.kind) {
    case "answered":
      return leave.kind === "before" ? "was answered, though its caller had left before it began" : undefined
    case "wrong":
      return `got what it can't be answered with: ${outcome.what}`
    case "interrupted":
      return leave.kind === "interrupt" || leave.kind === "before"
        ? undefined
        : "was interrupted, and nobody had asked for that"
    case "timedOut":
      return leave.kind === "timeout" && leave.millis === outcome.millis
        ? undefined
        : `timed out after ${outcome.millis} ms, which it had not been given`
    case "closed":
      return closing ? undefined : "was told that its pool is closed while that was open"
    case "crashed":
      return explains(planned.token, outcome, evidence)
        ? undefined
        : `${inWords(outcome)}, and nothing on that worker explains it`
  }
}

/**
 * A worker may end by what ran on it, by what an earlier task had left there, or by a kill from outside. Beside other tasks
 * (`concurrency` above 1) also by what another task did, or because another task that its caller left did not stop.
 */
const explains = (
  token: number,
  crash: Extract<Outcome, { readonly kind: "crashed" }>,
  evidence: Evidence
): boolean => {
  const alone = evidence.concurrency === 1
  const causes = evidence.causesOf.get(crash.worker) ?? []
  const known = causes.some(({ reason, token: culprit, when }) => {
    if (reason !== crash.reason) return false
    if (when === "outside" || when === "later") return true
    return when === "running" && culprit === token ? true : !alone
  })
  return known || (crash.reason === terminated && !alone && evidence.someoneLeftUnseen)
}

/** How often a task may have started that ended so: the least and the most. */
const startsAllowed = ({ planned }: CallRecord, outcome: Outcome): readonly [least: number, most: number] => {
  if (kindOf(planned.kind).refused === true || planned.leave.kind === "before") return [0, 0]
  if (outcome.kind === "answered") return [1, 1]
  if (outcome.kind === "timedOut" && outcome.phase === "queued") return [0, 0]
  return [0, 1]
}

const inWords = (outcome: Outcome): string => {
  switch (outcome.kind) {
    case "crashed":
      return `crashed with worker ${outcome.worker} (${outcome.reason})`
    case "timedOut":
      return `timed out (${outcome.phase})`
    case "closed":
      return "was told that its pool is closed"
    case "wrong":
      return "was answered with something else"
    default:
      return `was ${outcome.kind}`
  }
}

const judgeRuns = ({ calls }: Trial, { startsOf }: Evidence): Array<string> => {
  const known = new Set(calls.map(({ planned }) => planned.token))
  return [...startsOf.keys()]
    .filter((token) => !known.has(token))
    .map((token) => `a task ran that nobody had called: ${token}`)
}

/** A worker dies once, for one reason, and takes no more tasks with it than it may run at the same time. */
const judgeWorkers = ({ concurrency, crashesOf }: Evidence): Array<string> =>
  [...crashesOf].flatMap(([worker, reasons]) => {
    const distinct = new Set(reasons)
    const problems: Array<string> = []
    if (distinct.size > 1)
      problems.push(`worker ${worker} died for ${distinct.size} reasons: ${[...distinct].join(", ")}`)
    if (reasons.length > concurrency) {
      problems.push(
        `worker ${worker} ran ${concurrency} at a time, and ${reasons.length} calls failed with it (${reasons[0]})`
      )
    }
    return problems
  })

const judgeStats = ({ calls, stats }: Trial): Array<string> => {
  if (stats === undefined) return []
  const problems: Array<string> = []
  if (stats.queued + stats.running > 0) {
    problems.push(`every call was answered, and the pool says ${stats.queued} queued and ${stats.running} running`)
  }
  const crashed = calls.filter(({ outcome }) => outcome?.kind === "crashed").length
  // A caller that left in the moment of the crash did not hear of it.
  const left = calls.filter(({ outcome }) => hasLeft(outcome)).length
  if (stats.crashed < crashed || stats.crashed > crashed + left) {
    problems.push(`${crashed} calls failed with their worker, and the pool says ${stats.crashed}`)
  }
  return problems
}
