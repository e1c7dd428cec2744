/**
 * What happens when a child has ended: the strategies, the limit on restarts, the back-off.
 *
 * ```text
 * ended ──▶ its kind says restart? ──no──▶ forgotten or `ended`; significant? ──▶ the supervisor ends
 *             │ yes
 *             ▼
 *           counted; too many? ──yes──▶ escalate
 *             │ no                        ▲
 *             ▼                           │ stuck, or the schedule has ended
 *           the group is stopped ─────────┘
 *             │
 *             ▼
 *           restarting ──delay──▶ started in order ──one fails──▶ counted … as if that one had ended
 * ```
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { SupervisorError } from "../../Supervisor.ts"
import type { ChildRecord } from "./ChildRecord.ts"
import { type ChildRun, leftBehindOf } from "./ChildRun.ts"
import type { Core } from "./Core.ts"
import { launch, logFailure, now, stopAll } from "./children.ts"
import { ChildStuck, RestartIntensityReached } from "./errors.ts"
import * as events from "./events.ts"
import { leaveRestart, PendingRestart } from "./PendingRestart.ts"
import { groupOf } from "./strategy.ts"

/** The supervisor ends, and says why. Its loop ends with this step. */
export const escalate = (core: Core, record: ChildRecord, error: SupervisorError): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (core.ending !== undefined) return Effect.void
    core.ending = Exit.fail(error)
    core.report((at) => ({ _tag: "Escalated", at, child: record.id, error: error._tag }))
    return core.joining === 0 ? Effect.logError(error.message, Cause.fail(error)) : Effect.void
  })

/** A child, which has no run any more, has ended by itself, or was stopped because it was not well. */
export const afterEnd = (core: Core, record: ChildRecord, exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* logFailure(core, record, "failed", exit)
    if (record.restartsAfter(exit)) return yield* restart(core, record, exit, "at once")
    record.status = "ended"
    core.forget(record)
    if (record.spec.significant && endsWith(core, record)) core.ending ??= Exit.void
  })

/** Whether the end of this significant child is the supervisor's own. */
const endsWith = (core: Core, ended: ChildRecord): boolean =>
  core.options.autoShutdown === "anySignificant" ||
  !core.children.some((child) => child !== ended && child.spec.significant && child.isActive)

/** `later`: lets whoever has called meanwhile have their turn before the next attempt, even if there is no back-off. */
const restart = (
  core: Core,
  record: ChildRecord,
  exit: Exit.Exit<unknown, unknown>,
  when: "at once" | "later"
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const left = leftBehindOf(exit)
    if (left !== undefined) {
      // As one that is stuck itself: to start it beside what it left would be to have that twice.
      const { millis } = left
      return yield* escalate(core, record, new ChildStuck({ supervisor: core.name, child: record.id, millis }))
    }
    const { strategy, within } = core.options
    const time = yield* now
    const giveUp = (reason: "intensity" | "backoff", restarts: number, why: Cause.Cause<unknown> = Cause.empty) => {
      const cause = Exit.isFailure(exit) ? Cause.combine(exit.cause, why) : why
      const given = { supervisor: core.name, child: record.id, reason, restarts, millis: within, cause }
      return escalate(core, record, new RestartIntensityReached(given))
    }
    if (!core.window.add(time)) return yield* giveUp("intensity", core.window.count)

    if (record.readyAt !== undefined && time - record.readyAt >= within) record.backoff.reset()
    const next = yield* record.backoff.next(exit)
    if ("over" in next) return yield* giveUp("backoff", core.window.count - 1, next.over)

    const group = groupOf(strategy, core, record)
    const [stuck] = yield* stopAll(core, group)
    if (stuck !== undefined) return yield* escalate(core, record, stuck)
    const pending = new PendingRestart(group.filter((child) => child.spec.restart !== "temporary"))
    for (const sibling of group) if (!pending.members.has(sibling)) core.remove(sibling)
    core.report((at) => ({
      _tag: "ChildRestarting",
      at,
      child: record.id,
      children: Array.from(pending.members, ({ id }) => id),
      recent: core.window.count,
      delay: next.delay
    }))
    if (next.delay > 0) return yield* pending.startTimer(next.delay, () => core.tell({ kind: "due", restart: pending }))
    if (when === "later") return core.tell({ kind: "due", restart: pending })
    yield* startMembers(core, pending)
  })

/** Starts the members in order. One that fails counts as a restart more, and takes its group with it. */
export const startMembers = (core: Core, pending: PendingRestart): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (const record of [...pending.members]) {
      leaveRestart(record)
      record.restarts++
      const started = yield* launch(core, record)
      if (Exit.isSuccess(started)) continue
      yield* logFailure(core, record, "did not start again", started)
      return yield* restart(core, record, started, "later")
    }
  })

/** The message that a child has ended. One whose run is another by now was stopped, and has been heard of. */
export const onEnded = (
  core: Core,
  record: ChildRecord,
  run: ChildRun,
  exit: Exit.Exit<unknown, unknown>
): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (record.status !== "stuck") {
      record.run = undefined
      core.report((at) => events.ended(record.id, at, exit))
      return afterEnd(core, record, exit)
    }
    // It was to be stopped, long ago.
    if (!run.isGone) return Effect.void
    record.run = undefined
    record.stuck = undefined
    record.status = "stopped"
    core.report((at) => events.ended(record.id, at, exit))
    core.forget(record)
    return Effect.void
  })
