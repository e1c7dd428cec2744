/** How a call ended, in the few words that its judge needs. */
import * as Pool from "@ropewalk/core/Pool"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { type KindName, kindOf, reasonOf } from "./kinds.ts"

export type Outcome =
  /** As its kind has to be: its own result, its own error, its own defect. */
  | { readonly kind: "answered" }
  | { readonly kind: "crashed"; readonly worker: number; readonly reason: string }
  | { readonly kind: "timedOut"; readonly phase: "queued" | "running"; readonly millis: number }
  | { readonly kind: "interrupted" }
  | { readonly kind: "closed" }
  /** Anything else: another caller's answer, another task's error, a result that is not right. */
  | { readonly kind: "wrong"; readonly what: string }

export const outcomeKinds = ["answered", "crashed", "timedOut", "interrupted", "closed", "wrong"] as const

const answered: Outcome = { kind: "answered" }
const interrupted: Outcome = { kind: "interrupted" }
const closed: Outcome = { kind: "closed" }

export const outcomeOf = (name: KindName, token: number, n: number, exit: Exit.Exit<unknown, unknown>): Outcome => {
  const { isAnswer, task } = kindOf(name)
  if (isAnswer?.(exit, token, n) === true) return answered
  if (Exit.isFailure(exit)) {
    if (Cause.hasInterruptsOnly(exit.cause)) return interrupted
    const [reason, ...others] = exit.cause.reasons
    const error = others.length === 0 && reason !== undefined && Cause.isFailReason(reason) ? reason.error : undefined
    if (error instanceof Pool.WorkerCrashed && error.task === task) {
      return { kind: "crashed", worker: error.worker, reason: reasonOf(error.reason) }
    }
    if (error instanceof Pool.TaskTimeout && error.task === task) {
      return { kind: "timedOut", phase: error.phase, millis: error.millis }
    }
    if (error instanceof Pool.PoolClosed && error.task === task) return closed
  }
  return { kind: "wrong", what: String(exit).slice(0, 300) }
}
