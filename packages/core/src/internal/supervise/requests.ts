/**
 * What callers ask of a running supervisor. Each request is done by its loop, in its turn, as `gen_server:call` does: so it
 * never meets a restart halfway, and a child may ask for its own end.
 *
 * ```text
 * queued ───the loop comes to it───▶ begun ─────▶ replied
 *   │ caller interrupted               │ caller interrupted
 *   ▼                                  ▼
 * withdrawn: nothing happens         a start is called off, and what began is stopped; a stop goes on without its caller
 * ```
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { BackoffState } from "./BackoffState.ts"
import { ChildRecord } from "./ChildRecord.ts"
import type { Core } from "./Core.ts"
import { launch, stop } from "./children.ts"
import {
  ChildActive,
  ChildExists,
  ChildNotFound,
  ChildStartFailed,
  type ChildStuck,
  SupervisorStopped,
  TooManyChildren
} from "./errors.ts"
import type { ChildSpec } from "./spec.ts"
import { mayAsk } from "./starting.ts"

export interface Request {
  readonly perform: Effect.Effect<void>
  readonly refuse: () => void
}

/** Answers when the caller has left. */
type Withdrawn = Effect.Effect<void>

/** Whether an interrupted caller waits until what was begun is over. Not for a stop: it may be the caller's own. */
type OnInterrupt = "waits" | "leaves"

/** Has the loop do it, and waits for the answer. */
const ask = <A, E>(
  core: Core,
  caller: OnInterrupt,
  operation: (withdrawn: Withdrawn) => Effect.Effect<A, E>
): Effect.Effect<A, E | SupervisorStopped> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(mayAsk(core), () => {
      const stopped = new SupervisorStopped({ supervisor: core.name })
      if (core.ending !== undefined) return Effect.fail(stopped)
      const reply = Deferred.makeUnsafe<A, E | SupervisorStopped>()
      const withdrawn = Deferred.makeUnsafe<void>()
      let begun = false
      const request: Request = {
        perform: Effect.suspend(() => {
          if (Deferred.isDoneUnsafe(withdrawn)) {
            core.requests.delete(request)
            return Effect.void
          }
          begun = true
          return Effect.flatMap(Effect.exit(operation(Deferred.await(withdrawn))), (exit) =>
            Effect.sync(() => {
              core.requests.delete(request)
              Deferred.doneUnsafe(reply, exit)
            })
          )
        }),
        refuse: () => Deferred.doneUnsafe(reply, Exit.fail(stopped))
      }
      core.requests.add(request)
      core.tell({ kind: "request", request })
      return Effect.onInterrupt(restore(Deferred.await(reply)), () => {
        Deferred.doneUnsafe(withdrawn, Exit.void)
        return begun && caller === "waits" ? Effect.exit(Deferred.await(reply)) : Effect.void
      })
    })
  )

/** Adds a child at the end, and starts it. One that does not start is not added. */
export const startChild = (
  core: Core,
  spec: ChildSpec,
  services: Context.Context<never>
): Effect.Effect<void, ChildExists | TooManyChildren | ChildStartFailed | SupervisorStopped> =>
  ask(core, "waits", (withdrawn) =>
    Effect.gen(function* () {
      const { maxChildren } = core.options
      if (core.size >= maxChildren) {
        return yield* Effect.fail(new TooManyChildren({ supervisor: core.name, max: maxChildren }))
      }
      const existing = core.find(spec.id)
      if (existing !== undefined)
        return yield* Effect.fail(new ChildExists({ ...naming(core, spec.id), status: existing.status }))
      const record = addChild(core, spec, services)
      return yield* Effect.onError(startOrCallOff(core, record, withdrawn), () =>
        Effect.sync(() => removeIdle(core, record))
      )
    })
  )

export const restartChild = (
  core: Core,
  id: string
): Effect.Effect<void, ChildNotFound | ChildActive | ChildStartFailed | SupervisorStopped> =>
  ask(core, "waits", (withdrawn) => Effect.flatMap(idle(core, id), (record) => startOrCallOff(core, record, withdrawn)))

export const deleteChild = (
  core: Core,
  id: string
): Effect.Effect<void, ChildNotFound | ChildActive | SupervisorStopped> =>
  ask(core, "leaves", () => Effect.map(idle(core, id), (record) => core.remove(record)))

export const terminateChild = (
  core: Core,
  id: string
): Effect.Effect<void, ChildNotFound | ChildStuck | SupervisorStopped> =>
  ask(core, "leaves", () =>
    Effect.gen(function* () {
      const record = yield* existing(core, id)
      const stuck = yield* stop(core, record)
      if (stuck !== undefined) return yield* Effect.fail(stuck)
      core.forget(record)
    })
  )

export const addChild = (core: Core, spec: ChildSpec, services: Context.Context<never>): ChildRecord => {
  const record = new ChildRecord(spec, services, new BackoffState(spec.backoff ?? core.options.backoff))
  core.add(record)
  return record
}

const startOrCallOff = (core: Core, record: ChildRecord, withdrawn: Withdrawn): Effect.Effect<void, ChildStartFailed> =>
  Effect.gen(function* () {
    const started = yield* Effect.raceFirst(launch(core, record), withdrawn)
    if (started === undefined) {
      yield* stop(core, record)
      return yield* Effect.interrupt
    }
    if (Exit.isFailure(started)) {
      return yield* Effect.fail(new ChildStartFailed({ ...naming(core, record.id), cause: started.cause }))
    }
  })

/** One that was called off and did not end stays in the books until it does. */
const removeIdle = (core: Core, record: ChildRecord): void => {
  if (record.run === undefined) core.remove(record)
}

const existing = (core: Core, id: string): Effect.Effect<ChildRecord, ChildNotFound> => {
  const record = core.find(id)
  return record === undefined ? Effect.fail(new ChildNotFound(naming(core, id))) : Effect.succeed(record)
}

const idle = (core: Core, id: string): Effect.Effect<ChildRecord, ChildNotFound | ChildActive> =>
  Effect.flatMap(existing(core, id), (record) =>
    record.isActive
      ? Effect.fail(new ChildActive({ ...naming(core, id), status: record.status }))
      : Effect.succeed(record)
  )

const naming = (core: Core, child: string) => ({ supervisor: core.name, child })
