/**
 * The two things that are done to a child: it is launched, and it is stopped. Each leaves its record as it is, whatever
 * interrupts the wait in between: closing the supervisor goes on from there.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ChildRecord } from "./ChildRecord.ts"
import { ChildRun } from "./ChildRun.ts"
import type { Core } from "./Core.ts"
import { ChildStuck } from "./errors.ts"
import * as events from "./events.ts"
import { leaveRestart } from "./PendingRestart.ts"

/** Milliseconds of a clock that is never set back. */
export const now: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** Starts a child and waits until it is ready. A failure: it did not start, and nothing of it is left. */
export const launch = (core: Core, record: ChildRecord): Effect.Effect<Exit.Exit<void, unknown>> =>
  Effect.gen(function* () {
    const begun = yield* now
    const run = yield* Effect.uninterruptible(begin(core, record))
    const started = yield* run.started
    if (Exit.isFailure(started)) {
      record.run = undefined
      record.status = "stopped"
      core.report((at) => events.ended(record.id, at, started))
      return started
    }
    const readyAt = yield* now
    record.readyAt = readyAt
    record.status = "running"
    record.isSupervisor = run.handle !== undefined && isSupervisor(run.handle)
    core.report((at) => ({
      _tag: "ChildReady",
      at,
      child: record.id,
      restarts: record.restarts,
      millis: readyAt - begun
    }))
    return started
  })

const begin = (core: Core, record: ChildRecord): Effect.Effect<ChildRun> =>
  Effect.map(
    ChildRun.start(core, record.spec, record.services, {
      onEnded: (run, exit) => core.tell({ kind: "ended", record, run, exit }),
      onHealthFailed: (_, failures) => core.report((at) => ({ _tag: "HealthFailed", at, child: record.id, failures })),
      onUnhealthy: (run, failures, cause) => core.tell({ kind: "unhealthy", record, run, failures, cause })
    }),
    (run) => {
      record.run = run
      record.readyAt = undefined
      record.status = "starting"
      core.report((at) => ({ _tag: "ChildStarted", at, child: record.id, restarts: record.restarts }))
      return run
    }
  )

/** Known without loading the module: a child that is a supervisor has the time that its own children need to stop. */
const isSupervisor = (handle: object): boolean => "~ropewalk/Supervisor" in handle

/** Stops a child, by force if need be. It is `stopped` then, or `stuck`, which is answered. */
export const stop = (core: Core, record: ChildRecord): Effect.Effect<ChildStuck | undefined> =>
  Effect.gen(function* () {
    leaveRestart(record)
    const { id, run } = record
    if (run === undefined) {
      record.status = "stopped"
      return undefined
    }
    const endedBefore = run.hasEnded
    // It was told already, and waited for: to do both again would only take as long again.
    if (record.stuck !== undefined && !run.isGone) return record.stuck
    record.status = "stopping"
    const begun = yield* now
    const outcome = yield* run.stop(record.shutdown, () =>
      core.report((at) => ({ _tag: "ChildKilled", at, child: id }))
    )
    if (outcome.kind === "stuck") {
      const { millis } = outcome
      record.status = "stuck"
      record.stuck = new ChildStuck({ supervisor: core.name, child: id, millis })
      core.report((at) => ({ _tag: "ChildStuck", at, child: id, millis }))
      return record.stuck
    }
    const { exit, killed } = outcome
    record.run = undefined
    record.stuck = undefined
    record.status = "stopped"
    const millis = (yield* now) - begun
    core.report((at) =>
      endedBefore ? events.ended(id, at, exit) : { _tag: "ChildStopped", at, child: id, millis, killed }
    )
    if (!killed) yield* logFailure(core, record, endedBefore ? "failed" : "failed while it was stopped", exit)
    return undefined
  })

/** Stops children in the reverse of their order. Those that are stuck are answered. */
export const stopAll = (core: Core, children: ReadonlyArray<ChildRecord>): Effect.Effect<ReadonlyArray<ChildStuck>> =>
  Effect.map(
    Effect.forEach(children.toReversed(), (record) => stop(core, record), {
      // Those of one template don't depend on each other, and there may be many.
      concurrency: core.options.dynamic ? "unbounded" : 1
    }),
    (outcomes) => outcomes.filter((stuck) => stuck !== undefined)
  )

/** Why a child failed is not lost, whether or not anybody listens to the events. */
export const logFailure = (
  core: Core,
  { id }: ChildRecord,
  what: string,
  exit: Exit.Exit<unknown, unknown>
): Effect.Effect<void> =>
  Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
    ? Effect.logWarning(`Child "${id}" of ${core.name} ${what}`, exit.cause)
    : Effect.void
