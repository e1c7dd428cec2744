/**
 * One task of a group: from its payload to its outcome. What is done at once is done without a fiber.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as SchemaIssue from "effect/SchemaIssue"
import { CallContext, CarriedCall } from "../codec/CallContext.ts"
import { describeIssue } from "../codec/describeIssue.ts"
import { movedWith, type TransferList } from "../codec/moves.ts"
import { exitNow } from "../codec/now.ts"
import { taskCodec } from "../codec/taskCodec.ts"
import { collecting, joined } from "../codec/transfers.ts"
import { toWireError } from "../codec/wireError.ts"
import type { Handler } from "../handlers.ts"
import type { ParentLink, WireExit } from "../transport/Transport.ts"

export interface TaskObserver {
  /** The task takes its time, on this fiber. */
  readonly onFork: (fiber: Fiber.Fiber<unknown, unknown>) => void
  /** Exactly once, perhaps at once. */
  readonly onSettled: (exit: WireExit, transfer: TransferList | undefined) => void
}

export const runTask = (
  { place, validate }: Pick<ParentLink, "place" | "validate">,
  handler: Handler,
  payload: unknown,
  observer: TaskObserver
): void => {
  const codec = taskCodec(handler.rpc, validate)
  const carried = codec.carriesHandles ? new CarriedCall(place) : undefined
  const context = carried === undefined ? handler.context : Context.add(handler.context, CallContext, carried)
  const settle = (outcome: WireExit, transfer?: TransferList): void => {
    carried?.settle("returned")
    observer.onSettled(outcome, transfer)
  }

  let unreadable: SchemaIssue.Issue | undefined
  const task = attempt(() => {
    const decoded = codec.decodePayload(payload)
    const done = exitNow(decoded)
    if (done?._tag === "Success") return handler.call(done.value)
    const readable = Effect.catch(decoded, (issue) => {
      unreadable = issue
      return Effect.interrupt
    })
    return Effect.flatMap(readable, handler.call)
  })
  runNow(context, task, observer.onFork, (exit) => {
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

const ignore = (): void => {}

/** What throws while it is built has died, as it would have on its fiber. */
const attempt = <A, E>(build: () => Effect.Effect<A, E>): Effect.Effect<A, E> => {
  try {
    return build()
  } catch (defect) {
    return Exit.die(defect)
  }
}

const runNow = <A, E>(
  context: Context.Context<never>,
  effect: Effect.Effect<A, E>,
  onFork: (fiber: Fiber.Fiber<A, E>) => void,
  onExit: (exit: Exit.Exit<A, E>) => void
): void => {
  const done = exitNow(effect)
  if (done !== undefined) return onExit(done)
  const fiber = Effect.runForkWith(context)(effect)
  onFork(fiber)
  fiber.addObserver(onExit)
}

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
