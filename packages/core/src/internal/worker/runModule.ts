/**
 * Serves the exported functions of a plain module.
 *
 * @internal
 */
import { movedWith } from "../codec/moves.ts"
import { toWireError } from "../codec/wireError.ts"
import type { ParentLink, RunMessage, WireExit } from "../transport/Transport.ts"
import { Intake } from "./Intake.ts"
import { settle } from "./settle.ts"

/** Told by the property that every Effect carries, without loading Effect. */
const isEffect = (value: unknown): boolean => typeof value === "object" && value !== null && "~effect/Effect" in value

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof (value as { readonly then?: unknown }).then === "function"

export const runModule = (link: ParentLink, exports: Record<string, unknown>): void => {
  const interrupts = new Map<number, () => void>()
  let leaving = false

  const answer = (id: number, exit: WireExit): void => {
    interrupts.delete(id)
    settle(link, id, exit, exit.kind === "success" ? movedWith(exit.value) : undefined)
    intake.ended()
    if (leaving && interrupts.size === 0) link.exit(0)
  }

  const fail = (id: number, thrown: unknown): void =>
    answer(id, { kind: "failure", reasons: [{ kind: "thrown", thrown: toWireError(thrown) }] })

  const run = async (id: number, effect: unknown): Promise<void> => {
    let wasInterrupted = false
    interrupts.set(id, () => {
      wasInterrupted = true
    })
    const { runEffect } = await import("./runEffect.ts")
    const exit = await runEffect(effect, (interrupt) => {
      interrupts.set(id, interrupt)
      if (wasInterrupted) interrupt()
    })
    answer(id, exit)
  }

  const intake = new Intake(link, ({ id, payload, task }: RunMessage) => {
    const target = exports[task]
    if (typeof target !== "function") {
      const cause = toWireError(new Error(`${link.worker} exports no function "${task}"`))
      return answer(id, { kind: "unreadable", path: [], cause })
    }
    const succeed = (value: unknown): void => answer(id, { kind: "success", value })
    let returned: unknown
    try {
      returned = target(...(payload as ReadonlyArray<unknown>))
      if (isThenable(returned)) return void Promise.resolve(returned).then(succeed, (thrown) => fail(id, thrown))
    } catch (thrown) {
      return fail(id, thrown)
    }
    if (isEffect(returned)) return void run(id, returned)
    succeed(returned)
  })

  /** Effects that run get the time to run their finalizers; the parent, or the watchdog, bounds it. */
  const leave = (): void => {
    leaving = true
    intake.close()
    if (interrupts.size === 0) return link.exit(0)
    for (const interrupt of interrupts.values()) interrupt()
  }

  link.listen((message) => {
    switch (message.kind) {
      case "run":
        return intake.offer(message)
      case "interrupt":
        return interrupts.get(message.id)?.()
      case "close":
        return leave()
    }
  }, leave)
  link.send({ kind: "ready" })
}
