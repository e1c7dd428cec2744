/**
 * Serves the exported functions of a plain module.
 *
 * @internal
 */
import { toWireError } from "../codec/wireError.ts"
import type { ParentLink, RunExtras, RunMessage, WireExit } from "../transport/Transport.ts"
import { Intake } from "./Intake.ts"
import { ChunkRun, type StartTask } from "./runChunk.ts"
import { settle } from "./settle.ts"
import { settleChunk } from "./settleChunk.ts"
import type { Interruptible, TaskObserver } from "./TaskObserver.ts"

/** Told by the property that every Effect carries, without loading Effect. */
const isEffect = (value: unknown): boolean => typeof value === "object" && value !== null && "~effect/Effect" in value

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof (value as { readonly then?: unknown }).then === "function"

export const runModule = (link: ParentLink, exports: Record<string, unknown>): void => {
  const running = new Map<number, Interruptible>()
  let leaving = false

  const answer = (id: number, exit: WireExit, chunk?: RunExtras["chunk"]): void => {
    running.delete(id)
    if (chunk === undefined) settle(link, id, exit)
    else settleChunk(link, id, exit, chunk)
    intake.ended()
    if (leaving && running.size === 0) link.exit(0)
  }

  const intake = new Intake(link, ({ extras, id, payload, task }: RunMessage) => {
    const target = exports[task]
    if (typeof target !== "function") {
      const cause = toWireError(new Error(`${link.worker} exports no function "${task}"`))
      return answer(id, { kind: "unreadable", path: [], cause })
    }
    const call = target as Callable
    const chunk = extras?.chunk
    if (chunk === undefined) {
      return runCall(() => call(...(payload as ReadonlyArray<unknown>)), {
        onFork: (task) => void running.set(id, task),
        onSettled: (exit) => answer(id, exit)
      })
    }
    const start: StartTask = (input, observer) => runCall(() => call(input), observer)
    const run = new ChunkRun(payload as ReadonlyArray<unknown>, chunk, start, (exit) => answer(id, exit, chunk))
    running.set(id, run)
    run.run()
  })

  /** Effects that run get the time to run their finalizers; the parent, or the watchdog, bounds it. */
  const leave = (): void => {
    leaving = true
    intake.close()
    if (running.size === 0) return link.exit(0)
    for (const task of running.values()) task.interruptUnsafe()
  }

  link.listen((message) => {
    switch (message.kind) {
      case "run":
        return intake.offer(message)
      case "interrupt":
        return running.get(message.id)?.interruptUnsafe()
      case "close":
        return leave()
    }
  }, leave)
  link.send({ kind: "ready" })
}

type Callable = (...args: ReadonlyArray<unknown>) => unknown

/** Calls a function that may answer with a promise or an Effect. A promise can't be interrupted. */
const runCall = (call: () => unknown, observer: TaskObserver): void => {
  const succeed = (value: unknown): void => observer.onSettled({ kind: "success", value })
  const fail = (thrown: unknown): void =>
    observer.onSettled({ kind: "failure", reasons: [{ kind: "thrown", thrown: toWireError(thrown) }] })
  let returned: unknown
  try {
    returned = call()
    if (isThenable(returned)) return void Promise.resolve(returned).then(succeed, fail)
  } catch (thrown) {
    return fail(thrown)
  }
  if (isEffect(returned)) return void runLoaded(returned, observer)
  succeed(returned)
}

const runLoaded = async (effect: unknown, observer: TaskObserver): Promise<void> => {
  let interrupt: (() => void) | undefined
  let wasInterrupted = false
  observer.onFork({
    interruptUnsafe: () => {
      wasInterrupted = true
      interrupt?.()
    }
  })
  const { runEffect } = await import("./runEffect.ts")
  const exit = await runEffect(effect, (interruptFiber) => {
    interrupt = interruptFiber
    if (wasInterrupted) interruptFiber()
  })
  observer.onSettled(exit)
}
