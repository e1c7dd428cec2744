/**
 * What a scope leaves behind when it closes: told to whoever asked for it.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { LeakReport } from "../../TaskScope.ts"
import { heldIn } from "./holds.ts"
import type { ScopeState } from "./ScopeState.ts"

type Listener = (report: LeakReport) => Effect.Effect<void>

export const LeakListener: Context.Reference<Listener | undefined> = Context.Reference<Listener | undefined>(
  "~ropewalk/TaskScope/LeakListener",
  { defaultValue: () => undefined }
)

/** What keeps the program alive, by kind. Only of scopes outside of all others: others' would be counted for each. */
export const resourcesOf = (state: ScopeState): ReadonlyMap<string, number> | undefined => {
  if (state.held === undefined || state.opener !== undefined) return undefined
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    // The scheduler's own.
    if (kind !== "Immediate") counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

/** To be called when all has been released. */
export const reportLeaks = (state: ScopeState, before: ReadonlyMap<string, number> | undefined): Effect.Effect<void> =>
  Effect.flatMap(LeakListener, (listener) => {
    if (listener === undefined) return Effect.void
    const report: LeakReport = {
      scope: state.settings.name,
      unjoined: state.unjoined.map(({ name }) => name),
      held: heldIn(state),
      resources: appeared(before, resourcesOf(state))
    }
    const isClean = report.unjoined.length + report.held.length + report.resources.length === 0
    return isClean ? Effect.void : listener(report)
  })

const appeared = (
  before: ReadonlyMap<string, number> | undefined,
  after: ReadonlyMap<string, number> | undefined
): LeakReport["resources"] =>
  [...(after ?? [])].flatMap(([kind, count]) => {
    const more = count - (before?.get(kind) ?? 0)
    return more > 0 ? [{ kind, count: more }] : []
  })

export const formatLeaks = ({ held, resources, scope, unjoined }: LeakReport): string => {
  const lines = [
    ...unjoined.map((child) => `  "${child}" still ran when the body had ended, and nobody had joined it`),
    ...held.map(
      ({ member, permits, what }) =>
        `  "${member}" has not given back ${what}${permits > 1 ? ` (${permits} permits)` : ""}`
    ),
    ...resources.map(({ count, kind }) => `  ${count} × ${kind} came while it was open, and keeps the program alive`)
  ]
  return [`The scope "${scope}" left behind:`, ...lines].join("\n")
}

export const logLeaks: Listener = (report) => Effect.logWarning(formatLeaks(report))
