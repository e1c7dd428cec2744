/** The sums over all episodes. Nothing in it grows with the number of tasks. */
import type { Course } from "./episode.ts"
import { type Growth, growthOf } from "./heap.ts"
import { type KindName, kindNames } from "./kinds.ts"
import { type Outcome, outcomeKinds } from "./outcome.ts"

type OutcomeKind = Outcome["kind"]

export interface Summary {
  readonly episodes: number
  readonly accepted: number
  readonly settled: number
  readonly seconds: number
  readonly tasksPerSecond: number
  readonly outcomes: Readonly<Record<OutcomeKind, number>>
  readonly kinds: Readonly<Record<string, Readonly<Record<OutcomeKind, number>>>>
  readonly deaths: Readonly<Record<string, number>>
  readonly struck: Readonly<Course["struck"]>
  readonly restarts: number
  readonly heap: Growth & { readonly first: number; readonly last: number }
  /** MiB: the most that the whole program had of the machine's memory. */
  readonly peakMemory: number
  readonly problems: ReadonlyArray<string>
}

const none = (): Record<OutcomeKind, number> =>
  Object.fromEntries(outcomeKinds.map((kind) => [kind, 0])) as Record<OutcomeKind, number>

export class Tally {
  readonly problems: Array<string> = []
  accepted = 0
  private episodes = 0
  private settled = 0
  private restarts = 0
  private readonly struck = { kill: 0, stop: 0, resize: 0, missed: 0 }
  private readonly kinds = new Map<KindName, Record<OutcomeKind, number>>()
  /** Of workers, by the reason. */
  private readonly deaths = new Map<string, number>()
  private readonly heaps: Array<number> = []
  private readonly startedAt = performance.now()

  add({ restarts, struck, trial }: Course, problems: ReadonlyArray<string>, heap: number): void {
    this.episodes++
    this.restarts += restarts
    for (const what of ["kill", "stop", "resize", "missed"] as const) this.struck[what] += struck[what]
    const died = new Map<number, string>()
    for (const { outcome, planned } of trial.calls) {
      this.accepted++
      if (outcome === undefined) continue
      this.settled++
      const outcomes = this.kinds.get(planned.kind) ?? none()
      outcomes[outcome.kind]++
      this.kinds.set(planned.kind, outcomes)
      if (outcome.kind === "crashed") died.set(outcome.worker, withoutDetail(outcome.reason))
    }
    for (const reason of died.values()) this.deaths.set(reason, (this.deaths.get(reason) ?? 0) + 1)
    this.heaps.push(heap)
    this.problems.push(...problems)
  }

  summary(): Summary {
    const outcomes = none()
    for (const counts of this.kinds.values()) for (const kind of outcomeKinds) outcomes[kind] += counts[kind]
    const seconds = (performance.now() - this.startedAt) / 1000
    return {
      episodes: this.episodes,
      accepted: this.accepted,
      settled: this.settled,
      seconds,
      tasksPerSecond: this.settled / seconds,
      outcomes,
      kinds: Object.fromEntries(
        kindNames.flatMap((name) => {
          const counts = this.kinds.get(name)
          return counts === undefined ? [] : [[name, counts]]
        })
      ),
      deaths: Object.fromEntries([...this.deaths].sort()),
      struck: this.struck,
      restarts: this.restarts,
      heap: { ...growthOf(this.heaps), first: this.heaps[0] ?? 0, last: this.heaps.at(-1) ?? 0 },
      // Node counts in KiB.
      peakMemory: process.resourceUsage().maxRSS / 1024,
      problems: this.problems
    }
  }
}

/** Without the exit code, or the token of the task that threw. */
const withoutDetail = (reason: string): string => reason.replace(/ (?:\d+|outside \d+)$/, "")
