/**
 * Serves the exported functions of a plain module.
 *
 * @internal
 */
import { toWireError } from "../codec/wireError.ts"
import type { ParentLink, WireExit } from "../transport/Transport.ts"
import { settle } from "./settle.ts"

/** What a function returned is an Effect if it carries this property: told without loading Effect. */
const effectTypeId = "~effect/Effect"

export const runModule = (link: ParentLink, exports: Record<string, unknown>): void => {
  const interrupts = new Map<number, () => void>()
  let leaving = false

  const answer = (id: number, exit: WireExit): void => {
    interrupts.delete(id)
    settle(link, id, exit)
    if (leaving && interrupts.size === 0) link.exit(0)
  }

  const call = async (id: number, name: string, args: ReadonlyArray<unknown>): Promise<void> => {
    const target = exports[name]
    if (typeof target !== "function") {
      const cause = toWireError(new Error(`${link.worker} exports no function "${name}"`))
      return answer(id, { kind: "unreadable", path: [], cause })
    }
    try {
      const returned: unknown = target(...args)
      if (typeof returned === "object" && returned !== null && effectTypeId in returned) {
        const { runEffect } = await import("./runEffect.ts")
        return answer(id, await runEffect(returned, (interrupt) => interrupts.set(id, interrupt)))
      }
      answer(id, { kind: "success", value: await returned })
    } catch (thrown) {
      answer(id, { kind: "failure", reasons: [{ kind: "thrown", thrown: toWireError(thrown) }] })
    }
  }

  /** Effects that run get the time to run their finalizers; the parent, or the watchdog, bounds it. */
  const leave = (): void => {
    leaving = true
    if (interrupts.size === 0) return link.exit(0)
    for (const interrupt of interrupts.values()) interrupt()
  }

  link.listen((message) => {
    switch (message.kind) {
      case "run":
        return void call(message.id, message.task, message.payload as ReadonlyArray<unknown>)
      case "interrupt":
        return interrupts.get(message.id)?.()
      case "close":
        return leave()
    }
  }, leave)
  link.send({ kind: "ready" })
}
