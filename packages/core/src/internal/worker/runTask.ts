/**
 * One task of a group: from its payload to its outcome. What is done at once is done without a fiber.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as SchemaIssue from "effect/SchemaIssue"
import { CallContext, CarriedCall } from "../codec/CallContext.ts"
import { describeIssue } from "../codec/describeIssue.ts"
import { movedWith, type TransferList } from "../codec/moves.ts"
import { attempt, exitNow, runNow } from "../codec/now.ts"
import { taskCodec } from "../codec/taskCodec.ts"
import { collecting, joined } from "../codec/transfers.ts"
import { toWireError } from "../codec/wireError.ts"
import { type Restored, restore } from "../context/restore.ts"
import { leftUntil, withTimeLeft } from "../deadline.ts"
import type { Handler } from "../handlers.ts"
import type { ParentLink, RunMessage, WireExit } from "../transport/Transport.ts"
import type { Interruptible, TaskObserver } from "./TaskObserver.ts"

/** `payload` is one of the run's, which may be for many tasks. */
export const runTask = (
  link: ParentLink,
  handler: Handler,
  run: RunMessage,
  payload: unknown,
  observer: TaskObserver
): void => {
  const codec = taskCodec(handler.rpc, link.validate)
  const carried = codec.carriesHandles ? new CarriedCall(link.place) : undefined
  const deadline = run.extras?.deadline
  let restored: Restored | undefined
  let context = carried === undefined ? handler.context : Context.add(handler.context, CallContext, carried)
  if (deadline !== undefined) context = withTimeLeft(context, leftUntil(deadline))
  const settle = (outcome: WireExit, transfer?: TransferList): void => {
    carried?.settle("returned")
    restored?.end()
    observer.onSettled(outcome, transfer)
  }

  let unreadable: SchemaIssue.Issue | undefined
  const task = attempt(() => {
    if (codec.takesAsIs) return handler.call(payload)
    const decoded = codec.decodePayload(payload)
    const done = exitNow(decoded)
    if (done?._tag === "Success") return handler.call(done.value)
    const readable = Effect.catch(decoded, (issue) => {
      unreadable = issue
      return Effect.interrupt
    })
    return Effect.flatMap(readable, handler.call)
  })
  if (codec.answersAsIs && isSuccess(task)) return settle({ kind: "success", value: task.value }, movedWith(task.value))
  // What is done at once needs nothing of its caller.
  if (exitNow(task) === undefined) {
    restored = restore(link, context, run)
    context = restored.context
  }
  const onFork = (fiber: Interruptible) => observer.onFork(fiber)
  runNow(context, task, onFork, (exit) => {
    if (unreadable !== undefined) return settle(refusal(unreadable))
    // The fiber is gone: an interrupt that comes now finds nothing to stop, and can't tear the answer.
    const encoded = attempt(() => codec.encodeExit(exit))
    const moved = exit._tag === "Success" ? movedWith(exit.value) : undefined
    const done = exitNow(encoded)
    if (done !== undefined) return settle(encodedOrDefect(done), moved)
    let transfer = moved
    const collected = collecting(encoded, (wire, collected) => {
      transfer = joined(moved, collected)
      return wire
    })
    runNow(context, collected, ignore, (encoded) => settle(encodedOrDefect(encoded), transfer))
  })
}

const isSuccess = <A, E>(effect: Effect.Effect<A, E>): effect is Exit.Success<A, E> =>
  exitNow(effect)?._tag === "Success"

const ignore = (): void => {}

const refusal = (issue: SchemaIssue.Issue): WireExit => {
  const { cause, path } = describeIssue(issue)
  return { kind: "unreadable", path, cause: toWireError(cause) }
}

/** A schema whose encoder throws is a defect of the task. */
const encodedOrDefect = (exit: Exit.Exit<WireExit>): WireExit =>
  exit._tag === "Success"
    ? exit.value
    : {
        kind: "failure",
        reasons: exit.cause.reasons.map((reason) =>
          reason._tag === "Die" ? { kind: "die", defect: toWireError(reason.defect) } : { kind: "interrupt" }
        )
      }
