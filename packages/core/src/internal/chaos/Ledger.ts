/**
 * The books of a wrapped pool: one entry for each task that it accepted.
 *
 * An entry is written from two sides that know nothing of each other: the caller's, which sees how the call ended, and the
 * pool's, which tells its probe of each outcome. A pool that forgets a task, or answers it twice, gives itself away by
 * the difference.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import type { Outcome as PoolOutcome } from "../dispatch/Call.ts"
import { WorkerCrashed } from "../poolErrors.ts"
import { LedgerUnbalanced } from "./errors.ts"
import { type Fault, formatFault } from "./Fault.ts"
import { type ExplicitPlan, explicit, formatPlan } from "./Plan.ts"

/**
 * How a call ended for its caller: with its result; with an error of its own, or of the pool's; because its worker died; by a
 * defect; or by an interrupt, a timeout's too.
 */
export type Outcome = "succeeded" | "failed" | "crashed" | "died" | "interrupted"

export interface Entry {
  /** Its number, from 1. */
  readonly task: number
  readonly tag: string
  /** The failed task that this one repeats: the same Effect, run once more, as `Effect.retry` does. */
  readonly retryOf: number | undefined
  /** The fault that struck it. */
  readonly fault: Fault | undefined
  /** The task whose fault ended the worker: this one itself, or one beside it. */
  readonly crashedBy: number | undefined
  /** On how many workers it was started. */
  readonly starts: number
  readonly outcome: Outcome | undefined
}

export interface Report {
  readonly accepted: number
  readonly settled: number
  readonly retried: number
  /** Accepted, never settled, and not in the pool any more. */
  readonly lost: ReadonlyArray<Entry>
  /** Accepted and not settled, while the pool has work. */
  readonly unfinished: ReadonlyArray<Entry>
  /** Settled more than once. */
  readonly repeated: ReadonlyArray<Entry>
  /** How many calls ended how. */
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** The faults that struck, as a plan of its own. Those that missed, because their task had ended before, are not in it. */
  readonly struck: ExplicitPlan
  readonly entries: ReadonlyArray<Entry>
}

/** An entry while it is written. */
export class Booking implements Entry {
  readonly task: number
  readonly tag: string
  readonly retryOf: number | undefined
  fault: Fault | undefined
  crashedBy: number | undefined
  starts = 0
  outcome: Outcome | undefined
  /** How often the caller was answered, and how often the pool had an answer. */
  private ends = 0
  private answers = 0

  constructor(task: number, tag: string, retryOf: number | undefined) {
    this.task = task
    this.tag = tag
    this.retryOf = retryOf
  }

  /** The pool has an outcome. That the caller took the call back is none: one answer may still be on its way. */
  answered(kind: PoolOutcome["kind"]): void {
    if (kind !== "withdrawn") this.answers++
  }

  /** The caller's call has ended. */
  ended(outcome: Outcome): void {
    this.outcome = outcome
    this.ends++
  }

  get isAnswered(): boolean {
    return this.answers > 0
  }

  get isRepeated(): boolean {
    return this.answers > 1 || this.ends > 1
  }
}

export class Ledger {
  private readonly bookings: Array<Booking> = []
  /** By its thread id or process id: the task whose fault ended a worker. */
  private readonly ended = new Map<number, number>()

  accept(tag: string, retryOf: number | undefined): Booking {
    const booking = new Booking(this.bookings.length + 1, tag, retryOf)
    this.bookings.push(booking)
    return booking
  }

  struck(booking: Booking, fault: Fault, worker: number | undefined): void {
    booking.fault = fault
    if (worker !== undefined && endsWorker(fault)) this.ended.set(worker, booking.task)
  }

  settle(booking: Booking, exit: Exit.Exit<unknown, unknown>): void {
    const outcome = outcomeOf(exit)
    booking.ended(outcome)
    if (outcome === "crashed") booking.crashedBy = this.ended.get(crashOf(exit)?.worker ?? -1)
  }

  /** `poolIsIdle`: no task waits in the pool, and none runs there. */
  report(poolIsIdle: boolean): Report {
    const entries = this.bookings.map(entryOf)
    const open = (booking: Booking) => booking.outcome === undefined
    // An answer that the caller has not heard yet is not lost.
    const isLost = (booking: Booking) => open(booking) && !booking.isAnswered && poolIsIdle
    const those = (holds: (booking: Booking) => boolean) => this.bookings.filter(holds).map(entryOf)
    const count = (outcome: Outcome) => this.bookings.filter((booking) => booking.outcome === outcome).length
    return {
      accepted: entries.length,
      settled: this.bookings.filter((booking) => !open(booking)).length,
      retried: this.bookings.filter((booking) => booking.retryOf !== undefined || booking.starts > 1).length,
      lost: those(isLost),
      unfinished: those((booking) => open(booking) && !isLost(booking)),
      repeated: those((booking) => booking.isRepeated),
      outcomes: {
        succeeded: count("succeeded"),
        failed: count("failed"),
        crashed: count("crashed"),
        died: count("died"),
        interrupted: count("interrupted")
      },
      struck: explicit(entries.flatMap(({ fault, task }) => (fault === undefined ? [] : [{ task, fault }]))),
      entries
    }
  }
}

/** Nothing, when the books of this report balance. */
export const unbalanced = (report: Report): LedgerUnbalanced | undefined => {
  const { lost, repeated, struck, unfinished } = report
  if (lost.length + unfinished.length + repeated.length === 0) return undefined
  const named = (entries: ReadonlyArray<Entry>) =>
    entries.map(({ fault, tag, task }) => ({ task, tag, ...(fault && { fault: formatFault(fault) }) }))
  return new LedgerUnbalanced({
    lost: named(lost),
    unfinished: named(unfinished),
    repeated: named(repeated),
    struck: formatPlan(struck)
  })
}

const entryOf = ({ crashedBy, fault, outcome, retryOf, starts, tag, task }: Booking): Entry => ({
  task,
  tag,
  retryOf,
  fault,
  crashedBy,
  starts,
  outcome
})

const endsWorker = ({ kind }: Fault): boolean => kind === "kill" || kind === "exit" || kind === "memory"

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome => {
  if (Exit.isSuccess(exit)) return "succeeded"
  if (crashOf(exit) !== undefined) return "crashed"
  if (exit.cause.reasons.some(Cause.isDieReason)) return "died"
  return Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "failed"
}

const crashOf = (exit: Exit.Exit<unknown, unknown>): WorkerCrashed | undefined =>
  Exit.isSuccess(exit)
    ? undefined
    : exit.cause.reasons
        .filter(Cause.isFailReason)
        .map((reason) => reason.error)
        .find((error) => error instanceof WorkerCrashed)
