/**
 * The caller's context, put up again around its task in the worker.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type { ParentLink, RunMessage } from "../transport/Transport.ts"
import { CurrentLogSite, LogSite } from "./relay.ts"

export interface Restored {
  readonly context: Context.Context<never>
  /** The task has ended: what its fibers log from now on is the pool's. */
  readonly end: () => void
}

const nothing = (): void => {}

/** `context` is the worker's own, `relayed`. */
export const restore = (
  link: Pick<ParentLink, "relayLevel">,
  context: Context.Context<never>,
  { extras, id, task }: Pick<RunMessage, "extras" | "id" | "task">
): Restored => {
  const wire = extras?.context
  if (link.relayLevel === undefined && wire === undefined) return { context, end: nothing }
  const site = new LogSite(id, task, wire)
  let restored = Context.add(context, CurrentLogSite, site)
  if (wire?.trace !== undefined) restored = Context.add(restored, Tracer.ParentSpan, Tracer.externalSpan(wire.trace))
  if (wire?.annotations !== undefined) {
    const own = Context.get(context, References.CurrentLogAnnotations)
    restored = Context.add(restored, References.CurrentLogAnnotations, { ...own, ...site.annotations })
  }
  if (wire?.level !== undefined) restored = Context.add(restored, References.MinimumLogLevel, wire.level)
  if (wire?.carried !== undefined) {
    for (const key of Object.keys(wire.carried)) restored = Context.addUnsafe(restored, key, wire.carried[key])
  }
  return {
    context: restored,
    end: () => {
      site.ended = true
    }
  }
}
