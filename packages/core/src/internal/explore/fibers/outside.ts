/**
 * What a run starts outside of Explore's control: real timers, promises, sockets, threads. Node's async hooks see each of
 * them being made; looked at only where a run stands still, to tell a deadlock from a wait for something real.
 *
 * @internal
 */
import * as asyncHooks from "node:async_hooks"
import { fileURLToPath } from "node:url"
import * as Places from "./places.ts"

export interface Outside {
  /** As Node calls it: `Timeout`, `PROMISE`, `TCPCONNECTWRAP`. */
  readonly type: string
  readonly at: string | undefined
}

/** Effect makes one for each fiber that waits. */
const effectsOwn = "effect/Fiber"

/** What `run` started, in this order, and each kind of it once a line. */
export const startedBy = (run: () => void): ReadonlyArray<Outside> => {
  const started = new Map<string, Outside>()
  const hook = asyncHooks.createHook({
    init(_, type) {
      if (type === effectsOwn) return
      const at = callSite()
      started.set(`${type} ${at}`, { type, at })
    }
  })
  hook.enable()
  try {
    run()
  } finally {
    hook.disable()
  }
  return [...started.values()]
}

/** Frames that are nobody's fault: Node's, Effect's, the language's and ours. */
const passedOver = ["node:", "/node_modules/", "(<anonymous>)", fileURLToPath(import.meta.url)]

const callSite = (): string | undefined => {
  const holder: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 50
  Error.captureStackTrace(holder)
  Error.stackTraceLimit = limit
  const line = holder.stack
    ?.split("\n")
    .slice(1)
    .find((frame) => !passedOver.some((part) => frame.includes(part)))
  const place = /\(?((?:file:)?\/[^()]*?):(\d+):\d+\)?$/.exec(line?.trim() ?? "")
  return place === null ? line?.trim().replace(/^at /, "") : Places.describe(place[1]!, Number(place[2]))
}
