/**
 * Serves the handlers of a group: one fiber a task.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as SchemaIssue from "effect/SchemaIssue"
import { CallContext, CarriedCall } from "../codec/CallContext.ts"
import { describeIssue } from "../codec/describeIssue.ts"
import { taskCodec } from "../codec/taskCodec.ts"
import { toWireError } from "../codec/wireError.ts"
import { type Handler, handlersOf } from "../handlers.ts"
import type { ParentLink, WireExit } from "../transport/Transport.ts"
import { settle } from "./settle.ts"

/** Takes tasks until the parent closes the worker, or dies; then interrupts what runs, and ends when that has ended. */
export const runGroup = <R extends Rpc.Any>(
  link: ParentLink,
  group: RpcGroup.RpcGroup<R>,
  context: Context.Context<any>
): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const handlers = handlersOf(group, context)
    const fibers = new Map<number, Fiber.Fiber<unknown, unknown>>()
    let closing = false

    const run = (id: number, task: string, payload: unknown): void => {
      const handler = handlers.get(task)
      if (handler === undefined) {
        const cause = toWireError(new Error(`This worker has no handler for "${task}": its group is another one`))
        return settle(link, id, { kind: "unreadable", path: [], cause })
      }
      runTask(link, handler, payload, {
        onFork: (fiber) => fibers.set(id, fiber),
        onSettled: (exit) => {
          fibers.delete(id)
          settle(link, id, exit)
          if (closing && fibers.size === 0) resume(Effect.void)
        }
      })
    }

    const close = (): void => {
      closing = true
      if (fibers.size === 0) return resume(Effect.void)
      for (const fiber of fibers.values()) fiber.interruptUnsafe()
    }

    link.listen((message) => {
      switch (message.kind) {
        case "run":
          return run(message.id, message.task, message.payload)
        case "interrupt":
          return fibers.get(message.id)?.interruptUnsafe()
        case "close":
          return close()
      }
    }, close)
    link.send({ kind: "ready" })
  })

interface TaskObserver {
  readonly onFork: (fiber: Fiber.Fiber<unknown, unknown>) => void
  readonly onSettled: (exit: WireExit) => void
}

const runTask = (link: ParentLink, handler: Handler, payload: unknown, observer: TaskObserver): void => {
  const codec = taskCodec(handler.rpc)
  const carried = new CarriedCall(link.place)
  const context = Context.add(handler.context, CallContext, carried)

  let unreadable: SchemaIssue.Issue | undefined
  const task = Effect.flatMap(
    Effect.catch(codec.decodePayload(payload), (issue) => {
      unreadable = issue
      return Effect.interrupt
    }),
    handler.call
  )
  const fiber = Effect.runForkWith(context)(task)
  observer.onFork(fiber)
  fiber.addObserver((exit) => {
    const settle = (outcome: WireExit) => {
      carried.settle("returned")
      observer.onSettled(outcome)
    }
    if (unreadable !== undefined) return settle(refusal(unreadable))
    // The fiber is gone: an interrupt that comes now finds nothing to stop, and can't tear the answer.
    Effect.runForkWith(context)(codec.encodeExit(exit)).addObserver((encoded) => settle(encodedOrDefect(encoded)))
  })
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
