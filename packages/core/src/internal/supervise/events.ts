/**
 * What a supervisor tells of its children. Public through `Supervisor`.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { EventsDropped } from "../EventStream.ts"

/** Milliseconds since the epoch, with fractions. */
const at = Schema.Number

const child = Schema.String

/** How often it has been started again. */
const restarts = Schema.Number

/** `start` of a child begins. */
const ChildStarted = Schema.TaggedStruct("ChildStarted", { at, child, restarts })

/** `start` has succeeded: the next child may start. It took `millis`. */
const ChildReady = Schema.TaggedStruct("ChildReady", { at, child, restarts, millis: Schema.Number })

/** A child, or its `start`, has ended without being asked to. */
const ChildEnded = Schema.TaggedStruct("ChildEnded", {
  at,
  child,
  outcome: Schema.Literals(["succeeded", "failed", "died", "interrupted"]),
  /** Left out when it succeeded. */
  cause: Schema.optionalKey(Schema.Cause(Schema.Defect(), Schema.Defect()))
})

/** These children start again, in this order, after `delay` milliseconds; because of `child`, which is one of them. */
const ChildRestarting = Schema.TaggedStruct("ChildRestarting", {
  at,
  child,
  children: Schema.Array(Schema.String),
  /** How many restarts there were within the period. */
  recent: Schema.Number,
  delay: Schema.Number
})

/** A child that was told to end has ended, after `millis`. */
const ChildStopped = Schema.TaggedStruct("ChildStopped", { at, child, millis: Schema.Number, killed: Schema.Boolean })

/** A child's time to end is up, or it had none: it is being killed. */
const ChildKilled = Schema.TaggedStruct("ChildKilled", { at, child })

/** A child did not end within `millis`, and can't be killed. */
const ChildStuck = Schema.TaggedStruct("ChildStuck", { at, child, millis: Schema.Number })

/** The health checks of a child failed so many times in a row. */
const HealthFailed = Schema.TaggedStruct("HealthFailed", { at, child, failures: Schema.Number })

/** The supervisor gives up, because of `child`, with the error of that tag. Its children are about to be stopped. */
const Escalated = Schema.TaggedStruct("Escalated", { at, child, error: Schema.String })

/** The supervisor has ended, and so have its children. */
const SupervisorEnded = Schema.TaggedStruct("SupervisorEnded", { at })

/** Each begins with when it happened. Plain objects: JSON lines by `Schema.toCodecJson`. */
export const SupervisorEvent = Schema.Union([
  ChildStarted,
  ChildReady,
  ChildEnded,
  ChildRestarting,
  ChildStopped,
  ChildKilled,
  ChildStuck,
  HealthFailed,
  Escalated,
  SupervisorEnded,
  EventsDropped
])
export type SupervisorEvent = typeof SupervisorEvent.Type

export const ended = (child: string, at: number, exit: Exit.Exit<unknown, unknown>): SupervisorEvent =>
  Exit.isSuccess(exit)
    ? { _tag: "ChildEnded", at, child, outcome: "succeeded" }
    : { _tag: "ChildEnded", at, child, outcome: outcomeOf(exit.cause), cause: exit.cause }

const outcomeOf = (cause: Cause.Cause<unknown>) => {
  if (Cause.hasInterruptsOnly(cause)) return "interrupted"
  return cause.reasons.some(Cause.isFailReason) ? "failed" : "died"
}
