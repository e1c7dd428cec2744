/**
 * What can go wrong with a supervisor. Public through `Supervisor`.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { describeValue } from "../errors.ts"

/** Why a child ended. */
const cause = Schema.Cause(Schema.Defect(), Schema.Defect())

const supervisor = Schema.String
const child = Schema.String

/** Where a child is in its life; see `Supervisor.whichChildren`. */
export const ChildStatus = Schema.Literals([
  /** `start` is at work. */
  "starting",
  "running",
  /** Waits for its next start, after it or one that it depends on has failed. */
  "restarting",
  "stopping",
  /** It was stopped, and only `restartChild`, or the restart of the group that it is in, starts it again. */
  "stopped",
  /** It ended by itself, and its kind says that this is all. */
  "ended",
  /** It did not end in time and can't be killed: it is still at work. */
  "stuck"
])
export type ChildStatus = typeof ChildStatus.Type

/** A child did not start. Nothing of it is left: a supervisor that was being made has stopped those before it. */
export class ChildStartFailed extends Schema.TaggedError<ChildStartFailed>()("ChildStartFailed", {
  supervisor,
  child,
  cause
}) {
  override get message(): string {
    return `Child "${this.child}" of ${this.supervisor} did not start: ${inWords(this.cause)}`
  }
}

/**
 * The supervisor has escalated: a child had to be restarted more often than allowed, or its back-off has ended. All
 * children were stopped.
 */
export class RestartIntensityReached extends Schema.TaggedError<RestartIntensityReached>()("RestartIntensityReached", {
  supervisor,
  /** The child that ended last. */
  child,
  /** `intensity`: too many restarts within the period; `backoff`: the schedule said that it is enough. */
  reason: Schema.Literals(["intensity", "backoff"]),
  /** How many restarts there were within the period. The one that was refused is not among them. */
  restarts: Schema.Number,
  /** The period. */
  millis: Schema.Number,
  /** How that child ended; empty if it ended with a result. */
  cause
}) {
  override get message(): string {
    const last = `the last to end was "${this.child}": ${inWords(this.cause)}`
    return this.reason === "backoff"
      ? `${this.supervisor} gave up, since the back-off schedule has ended; ${last}`
      : `${this.supervisor} gave up after ${this.restarts} restarts within ${this.millis} ms; ${last}`
  }
}

/**
 * A child was told to end, did not within its time, and can't be killed: it runs on. Only a fiber that is uninterruptible or
 * spins comes to that, and a worker that the system holds. It is never started a second time beside itself.
 */
export class ChildStuck extends Schema.TaggedError<ChildStuck>()("ChildStuck", {
  supervisor,
  child,
  /** How long it was waited for. */
  millis: Schema.Number
}) {
  override get message(): string {
    return `Child "${this.child}" of ${this.supervisor} did not end within ${this.millis} ms and can't be killed: give it a longer shutdown, let it be interrupted where it waits, or run it on a thread`
  }
}

/** The health checks of a child failed so often in a row that it was stopped, as if it had failed with this. */
export class HealthCheckFailed extends Schema.TaggedError<HealthCheckFailed>()("HealthCheckFailed", {
  supervisor,
  child,
  failures: Schema.Number,
  /** Of the last check. */
  cause
}) {
  override get message(): string {
    return `Child "${this.child}" of ${this.supervisor} failed ${this.failures} health checks in a row: ${inWords(this.cause)}`
  }
}

/** The supervisor has no child of that id; a temporary one is forgotten when it has ended. */
export class ChildNotFound extends Schema.TaggedError<ChildNotFound>()("ChildNotFound", { supervisor, child }) {
  override get message(): string {
    return `${this.supervisor} has no child "${this.child}"`
  }
}

/** The supervisor has a child of that id already. One that is not running: `restartChild` starts it, `deleteChild` removes it. */
export class ChildExists extends Schema.TaggedError<ChildExists>()("ChildExists", {
  supervisor,
  child,
  status: ChildStatus
}) {
  override get message(): string {
    return `${this.supervisor} has a child "${this.child}" already, and it is ${this.status}`
  }
}

/** The child is at work, or about to be: `terminateChild` first. */
export class ChildActive extends Schema.TaggedError<ChildActive>()("ChildActive", {
  supervisor,
  child,
  status: ChildStatus
}) {
  override get message(): string {
    return `Child "${this.child}" of ${this.supervisor} is ${this.status}: terminate it first`
  }
}

/** The supervisor has as many children as it may have. */
export class TooManyChildren extends Schema.TaggedError<TooManyChildren>()("TooManyChildren", {
  supervisor,
  max: Schema.Number
}) {
  override get message(): string {
    return `${this.supervisor} has ${this.max} children and may have no more: try again when one has ended`
  }
}

/**
 * The `start` of a child asked the supervisor that waits for it to be ready: it would wait for itself. A defect, of the child: do
 * that in what `start` answers with.
 */
export class AskedWhileStarting extends Schema.TaggedError<AskedWhileStarting>()("AskedWhileStarting", {
  supervisor,
  child
}) {
  override get message(): string {
    return `Child "${this.child}" asked ${this.supervisor} for something while it started, and would wait for itself: ask in what start answers with`
  }
}

/** The supervisor has ended, or is about to: `join` says how. What was asked was not done. */
export class SupervisorStopped extends Schema.TaggedError<SupervisorStopped>()("SupervisorStopped", { supervisor }) {
  override get message(): string {
    return `${this.supervisor} has ended`
  }
}

const inWords = (cause: Cause.Cause<unknown>): string =>
  cause.reasons.length === 0 ? "it ended with a result" : describeValue(Cause.squash(cause))
