/**
 * One call for each worker that a pool has at one moment. A share belongs to its worker: it waits for no replacement, and fails
 * with `WorkerCrashed` when that worker dies, whether it has started it or not.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Call, CallHost } from "./Call.ts"
import type { WorkerSession } from "./WorkerSession.ts"

/** The shares that are under way, by their worker. */
export class Shares {
  private readonly open = new Map<CallHost, Set<Call>>()
  private readonly onOrphaned: (call: Call, session: WorkerSession) => void

  /** `onOrphaned` hears of each share whose worker is gone. */
  constructor(onOrphaned: (call: Call, session: WorkerSession) => void) {
    this.onOrphaned = onOrphaned
  }

  add(session: WorkerSession, call: Call): void {
    const known = this.open.get(session)
    if (known !== undefined) return void known.add(call)
    const calls = new Set([call])
    this.open.set(session, calls)
    // Once for the worker, not once for each share: one that lives long would gather them.
    session.whenGone(() => {
      this.open.delete(session)
      for (const call of calls) this.onOrphaned(call, session)
    })
  }

  remove(call: Call): void {
    if (call.pinnedTo !== undefined) this.open.get(call.pinnedTo)?.delete(call)
  }
}

/** Runs all shares to their end. The results in their order; or, when some failed, all that they failed with. */
export const gather = (
  shares: ReadonlyArray<Effect.Effect<unknown, unknown>>
): Effect.Effect<Array<unknown>, unknown> =>
  Effect.flatMap(Effect.forEach(shares, Effect.exit, { concurrency: "unbounded" }), (exits) => {
    const reasons = exits.flatMap((exit) => (Exit.isFailure(exit) ? exit.cause.reasons : []))
    return reasons.length > 0
      ? Effect.failCause(Cause.fromReasons(reasons))
      : Effect.succeed(exits.flatMap((exit) => (Exit.isSuccess(exit) ? [exit.value] : [])))
  })
