/**
 * Serves the handlers of a group: one fiber a task.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import { CallContext, placeOnly } from "../codec/CallContext.ts"
import type { TransferList } from "../codec/moves.ts"
import { toWireError } from "../codec/wireError.ts"
import { relayed } from "../context/relay.ts"
import { handlersOf } from "../handlers.ts"
import type { ParentLink, RunExtras, RunMessage, WireExit } from "../transport/Transport.ts"
import { Intake } from "./Intake.ts"
import { ChunkRun, type StartTask } from "./runChunk.ts"
import { runStream } from "./runStream.ts"
import { runTask } from "./runTask.ts"
import { settle } from "./settle.ts"
import { settleChunk } from "./settleChunk.ts"
import { Streams } from "./streams.ts"
import type { Interruptible, TaskObserver } from "./TaskObserver.ts"

/** Takes tasks until the parent closes the worker, or dies; then interrupts what runs, and ends when that has ended. */
export const runGroup = <R extends Rpc.Any>(
  link: ParentLink,
  group: RpcGroup.RpcGroup<R>,
  context: Context.Context<any>
): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const placed = Context.add(context, CallContext, placeOnly(link.place))
    const handlers = new Map(
      Array.from(handlersOf(group, placed), ([tag, handler]) => [
        tag,
        { ...handler, context: relayed(link, handler.context) }
      ])
    )
    const running = new Map<number, Interruptible>()
    const streams = new Streams(link)
    let closing = false

    const answer = (id: number, exit: WireExit, transfer?: TransferList, chunk?: RunExtras["chunk"]): void => {
      running.delete(id)
      streams.close(id)
      if (chunk === undefined) settle(link, id, exit, transfer)
      else settleChunk(link, id, exit, chunk, transfer)
      intake.ended()
      if (closing && running.size === 0) resume(Effect.void)
    }

    const refuse = (id: number, message: string): void =>
      answer(id, { kind: "unreadable", path: [], cause: toWireError(new Error(message)) })

    const intake = new Intake(link, (message: RunMessage) => {
      const { extras, id, payload, task } = message
      const handler = handlers.get(task)
      if (handler === undefined) return refuse(id, `This worker has no handler for "${task}": its group is another one`)
      const window = extras?.window
      if (handler.isStream !== (window !== undefined)) {
        return refuse(id, `In the group of this worker "${task}" ${handler.isStream ? "is" : "is not"} a stream`)
      }
      const chunk = extras?.chunk
      if (chunk === undefined) {
        const observer: TaskObserver = {
          onFork: (fiber) => void running.set(id, fiber),
          onSettled: (exit, transfer) => answer(id, exit, transfer)
        }
        if (window !== undefined) return runStream(link, handler, message, streams.open(id, window), observer)
        return runTask(link, handler, message, payload, observer)
      }
      const start: StartTask = (payload, observer) => runTask(link, handler, message, payload, observer)
      const run = new ChunkRun(payload as ReadonlyArray<unknown>, chunk, start, (exit, transfer) =>
        answer(id, exit, transfer, chunk)
      )
      running.set(id, run)
      run.run()
    })

    const close = (): void => {
      closing = true
      intake.close()
      if (running.size === 0) return resume(Effect.void)
      for (const task of running.values()) task.interruptUnsafe()
    }

    link.listen((message) => {
      switch (message.kind) {
        case "run":
          return intake.offer(message)
        case "interrupt":
          return running.get(message.id)?.interruptUnsafe()
        case "credit":
          return streams.grant(message.id, message.count)
        case "setup":
          // A module's. Here it is the layer that sets up and tears down.
          return
        case "close":
          return close()
      }
    }, close)
    link.send({ kind: "ready" })
  })
