/**
 * Serves the exported functions of a plain module.
 *
 * @internal
 */
import { movedWith, type TransferList } from "../codec/moves.ts"
import { toWireError } from "../codec/wireError.ts"
import type { FunctionCall, ParentLink, RunExtras, RunMessage, WireExit } from "../transport/Transport.ts"
import { initialise, leaveAfter } from "./hooks.ts"
import { Intake } from "./Intake.ts"
import { thrownBy } from "./iterate.ts"
import { ChunkRun, type StartTask } from "./runChunk.ts"
import { sendStream } from "./sendStream.ts"
import { settle } from "./settle.ts"
import { settleChunk } from "./settleChunk.ts"
import { Streams } from "./streams.ts"
import type { Interruptible, TaskObserver } from "./TaskObserver.ts"

type Callable = (...args: ReadonlyArray<unknown>) => unknown

/** Told by the property that every Effect carries, without loading Effect. */
const isEffect = (value: unknown): boolean => typeof value === "object" && value !== null && "~effect/Effect" in value

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof (value as { readonly then?: unknown }).then === "function"

/** In the place of a task's id, for what is called before the first and after the last one. */
const hookId = -1

export const runModule = (link: ParentLink, exports: Record<string, unknown>): void => {
  const running = new Map<number, Interruptible>()
  const streams = new Streams(link)
  let leaving = false
  let teardown: FunctionCall | undefined

  const answer = (id: number, exit: WireExit, transfer?: TransferList, chunk?: RunExtras["chunk"]): void => {
    running.delete(id)
    streams.close(id)
    if (chunk === undefined) settle(link, id, exit, transfer)
    else settleChunk(link, id, exit, chunk, transfer)
    intake.ended()
    if (leaving && running.size === 0) leaveAfter(link, teardown, runHook)
  }

  const observerOf = (id: number, onSettled: TaskObserver["onSettled"]): TaskObserver => ({
    onFork: (task) => void running.set(id, task),
    onSettled
  })

  /** The function of this name, or an answer that says that there is none. */
  const functionOf = (name: string, onSettled: (exit: WireExit) => void): Callable | undefined => {
    const target = exports[name]
    if (typeof target === "function") return target as Callable
    const cause = toWireError(new Error(`${link.worker} exports no function "${name}"`))
    onSettled({ kind: "unreadable", path: [], cause })
    return undefined
  }

  /** The caller wants a stream. */
  const stream = (message: RunMessage, call: () => unknown, window: number): void => {
    const { id } = message
    let returned: unknown
    try {
      returned = call()
    } catch (thrown) {
      return answer(id, thrownBy(thrown))
    }
    const { exit, interrupt } = sendStream(link, message, returned, streams.open(id, window))
    running.set(id, { interruptUnsafe: interrupt })
    void exit.then((exit) => answer(id, exit))
  }

  const intake = new Intake(link, (message: RunMessage) => {
    const { extras, id, payload, task } = message
    const settled: TaskObserver["onSettled"] = (exit, transfer) => answer(id, exit, transfer)
    const target = functionOf(task, settled)
    if (target === undefined) return
    const { chunk, window } = extras ?? {}
    if (chunk === undefined) {
      const call = () => target(...(payload as ReadonlyArray<unknown>))
      if (window !== undefined) return stream(message, call, window)
      return runCall(link, message, call, observerOf(id, settled))
    }
    const start: StartTask = (input, observer) => runCall(link, message, () => target(input), observer)
    const run = new ChunkRun(payload as ReadonlyArray<unknown>, chunk, start, (exit, transfer) =>
      answer(id, exit, transfer, chunk)
    )
    running.set(id, run)
    run.run()
  })

  const runHook = ({ args, call }: FunctionCall, onExit: (exit: WireExit) => void): void => {
    const settled = (exit: WireExit): void => {
      running.delete(hookId)
      onExit(exit)
    }
    const target = functionOf(call, settled)
    if (target === undefined) return
    const message: RunMessage = { kind: "run", id: hookId, task: call, payload: args, extras: undefined }
    runCall(link, message, () => target(...args), observerOf(hookId, settled))
  }

  /** Effects that run get the time to run their finalizers; the parent, or the watchdog, bounds it. */
  const leave = (): void => {
    // The parent may die after it has asked.
    if (leaving) return
    leaving = true
    intake.close()
    if (running.size === 0) return leaveAfter(link, teardown, runHook)
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
        return initialise(link, message, runHook, () => {
          teardown = message.teardown
        })
      case "close":
        return leave()
    }
  }, leave)
  link.send({ kind: "ready" })
}

/** Calls a function that may answer with a promise or an Effect. A promise can't be interrupted. */
const runCall = (link: ParentLink, message: RunMessage, call: () => unknown, observer: TaskObserver): void => {
  const succeed = (value: unknown): void => observer.onSettled({ kind: "success", value }, movedWith(value))
  const fail = (thrown: unknown): void => observer.onSettled(thrownBy(thrown))
  let returned: unknown
  try {
    returned = call()
    if (isThenable(returned)) return void Promise.resolve(returned).then(succeed, fail)
  } catch (thrown) {
    return fail(thrown)
  }
  if (isEffect(returned)) return void runLoaded(link, message, returned, observer)
  succeed(returned)
}

const runLoaded = async (
  link: ParentLink,
  message: RunMessage,
  effect: unknown,
  observer: TaskObserver
): Promise<void> => {
  let interrupt: (() => void) | undefined
  let wasInterrupted = false
  observer.onFork({
    interruptUnsafe: () => {
      wasInterrupted = true
      interrupt?.()
    }
  })
  const { runEffect } = await import("./runEffect.ts")
  const exit = await runEffect(link, message, effect, (interruptFiber) => {
    interrupt = interruptFiber
    if (wasInterrupted) interruptFiber()
  })
  observer.onSettled(exit, exit.kind === "success" ? movedWith(exit.value) : undefined)
}
