/** @internal */
import * as Schema from "effect/Schema"

/** The defect that a task dies with when its fault was `fail`. */
export class InjectedFailure extends Schema.TaggedError<InjectedFailure>()("InjectedFailure", {
  /** The task's number, from 1. */
  task: Schema.Number,
  tag: Schema.String
}) {
  override get message(): string {
    return `Chaos failed task ${this.task} ("${this.tag}"), as its plan says`
  }
}

/** The plan has a fault that this pool can't suffer. Nothing was wrapped. */
export class ChaosUnsupported extends Schema.TaggedError<ChaosUnsupported>()("ChaosUnsupported", {
  /** As the plan's text has it. */
  fault: Schema.String,
  place: Schema.Literals(["fiber", "thread", "process"]),
  /** Why, and what to do. */
  reason: Schema.String
}) {
  override get message(): string {
    return `A ${this.place} pool can't suffer "${this.fault}": ${this.reason}`
  }
}

const Task = Schema.Struct({
  /** Its number, from 1. */
  task: Schema.Number,
  tag: Schema.String,
  /** The fault that struck it, as the plan's text has it. */
  fault: Schema.optionalKey(Schema.String)
})

/** The books of a wrapped pool don't balance: a task that it accepted was not settled exactly once. */
export class LedgerUnbalanced extends Schema.TaggedError<LedgerUnbalanced>()("LedgerUnbalanced", {
  /** Accepted, never settled, and not in the pool any more. */
  lost: Schema.Array(Task),
  /** Accepted, and still in the pool: the check came too early, or the pool never lets go of them. */
  unfinished: Schema.Array(Task),
  /** Settled more than once. */
  repeated: Schema.Array(Task),
  /** The faults that struck, as a plan that `Chaos.parse` reads. */
  struck: Schema.String
}) {
  override get message(): string {
    const parts = [
      tally(this.lost, "lost"),
      tally(this.unfinished, "not settled (wait for all tasks before the check)"),
      tally(this.repeated, "settled more than once")
    ]
    return `${parts.filter((part) => part !== "").join("; ")}. Replay: Chaos.parse("${this.struck}")`
  }
}

const tally = (tasks: ReadonlyArray<typeof Task.Type>, what: string): string => {
  if (tasks.length === 0) return ""
  const named = tasks.map(({ fault, tag, task }) => `${task} "${tag}"${fault === undefined ? "" : ` (${fault})`}`)
  return `${tasks.length === 1 ? "1 task is" : `${tasks.length} tasks are`} ${what}: ${named.join(", ")}`
}
