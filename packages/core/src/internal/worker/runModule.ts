/**
 * Serves the exported functions of a plain module.
 *
 * @internal
 */
import { movedWith } from "../codec/moves.ts"
import { toWireError } from "../codec/wireError.ts"
import type { FunctionCall, ParentLink, RunMessage, WireExit } from "../transport/Transport.ts"
import { initialise, leaveAfter } from "./hooks.ts"
import { Intake } from "./Intake.ts"
import { thrownBy } from "./iterate.ts"
import { sendStream } from "./sendStream.ts"
import { settle } from "./settle.ts"
import { Streams } from "./streams.ts"

/** Told by the property that every Effect carries, without loading Effect. */
const isEffect = (value: unknown): boolean => typeof value === "object" && value !== null && "~effect/Effect" in value

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof (value as { readonly then?: unknown }).then === "function"

/** In the place of a task's id, for what is called before the first and after the last one. */
const hookId = -1

export const runModule = (link: ParentLink, exports: Record<string, unknown>): void => {
  const interrupts = new Map<number, () => void>()
  const streams = new Streams(link)
  let leaving = false
  let teardown: FunctionCall | undefined

  const answer = (id: number, exit: WireExit): void => {
    interrupts.delete(id)
    streams.close(id)
    settle(link, id, exit, exit.kind === "success" ? movedWith(exit.value) : undefined)
    intake.ended()
    if (leaving && interrupts.size === 0) leaveAfter(link, teardown, runHook)
  }

  const run = async (id: number, effect: unknown, onExit: (exit: WireExit) => void): Promise<void> => {
    let wasInterrupted = false
    interrupts.set(id, () => {
      wasInterrupted = true
    })
    const { runEffect } = await import("./runEffect.ts")
    const exit = await runEffect(effect, (interrupt) => {
      interrupts.set(id, interrupt)
      if (wasInterrupted) interrupt()
    })
    onExit(exit)
  }

  /** The caller wants a stream. */
  const stream = (id: number, task: string, returned: unknown, window: number): void => {
    const { exit, interrupt } = sendStream(task, returned, streams.open(id, window))
    interrupts.set(id, interrupt)
    void exit.then((exit) => answer(id, exit))
  }

  const call = (
    id: number,
    task: string,
    args: unknown,
    window: number | undefined,
    onExit: (exit: WireExit) => void
  ) => {
    const target = exports[task]
    if (typeof target !== "function") {
      const cause = toWireError(new Error(`${link.worker} exports no function "${task}"`))
      return onExit({ kind: "unreadable", path: [], cause })
    }
    const succeed = (value: unknown): void => onExit({ kind: "success", value })
    const fail = (thrown: unknown): void => onExit(thrownBy(thrown))
    let returned: unknown
    try {
      returned = target(...(args as ReadonlyArray<unknown>))
      if (window !== undefined) return stream(id, task, returned, window)
      if (isThenable(returned)) return void Promise.resolve(returned).then(succeed, fail)
    } catch (thrown) {
      return fail(thrown)
    }
    if (isEffect(returned)) return void run(id, returned, onExit)
    succeed(returned)
  }

  const intake = new Intake(link, ({ extras, id, payload, task }: RunMessage) =>
    call(id, task, payload, extras?.window, (exit) => answer(id, exit))
  )

  const runHook = (hook: FunctionCall, onExit: (exit: WireExit) => void): void =>
    call(hookId, hook.call, hook.args, undefined, (exit) => {
      interrupts.delete(hookId)
      onExit(exit)
    })

  /** Effects that run get the time to run their finalizers; the parent, or the watchdog, bounds it. */
  const leave = (): void => {
    // The parent may die after it has asked.
    if (leaving) return
    leaving = true
    intake.close()
    if (interrupts.size === 0) return leaveAfter(link, teardown, runHook)
    for (const interrupt of interrupts.values()) interrupt()
  }

  link.listen((message) => {
    switch (message.kind) {
      case "run":
        return intake.offer(message)
      case "interrupt":
        return interrupts.get(message.id)?.()
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
