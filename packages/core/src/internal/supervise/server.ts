/**
 * A supervisor from its start to its end: a loop that does one thing after the other, as the process of an OTP supervisor
 * does, and a close that stops all children, whatever the loop was doing.
 *
 * ```text
 *             all children have started                  escalation, autoShutdown
 * starting ────────────────────────────────▶ serving ──────────────────────────────▶ closing ───▶ ended
 *    │                                          └────── shutdown, the scope closes ───▶ ▲
 *    └── one did not start; interrupt ──────────────────────────────────────────────────┘
 * ```
 *
 * @internal
 */

import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { SupervisorError } from "../../Supervisor.ts"
import { InvalidOption } from "../errors.ts"
import { Core, type CoreOptions, type Message } from "./Core.ts"
import { launch, stop, stopAll } from "./children.ts"
import { ChildStartFailed, ChildStuck, HealthCheckFailed } from "./errors.ts"
import { addChild } from "./requests.ts"
import { afterEnd, escalate, onEnded, startMembers } from "./restarts.ts"
import type { ChildSpec } from "./spec.ts"

/** Starts the children in order, and then looks after them until the scope closes. */
export const serveChildren = (
  options: CoreOptions,
  specs: ReadonlyArray<ChildSpec>
): Effect.Effect<Core, ChildStartFailed | InvalidOption, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      yield* eachOnce(specs)
      const services = yield* Effect.context<never>()
      const core = yield* Core.make(options, services)
      for (const spec of specs) addChild(core, spec, services)
      yield* Effect.addFinalizer(() => Effect.andThen(close(core), reportLeftBehind(core)))
      yield* Effect.onError(restore(startAll(core)), () => close(core))
      core.loop = yield* Effect.forkDetach(loop(core))
      return core
    })
  )

/** Ends the supervisor and waits until its children have ended. Says nothing new to one that is ending. */
export const close = (core: Core): Effect.Effect<void> =>
  Effect.flatMap(beginClosing(core, Exit.void), (closing) => Effect.asVoid(Fiber.await(closing)))

/** By a fiber of its own: whoever asks for it may be a child, and be stopped by it. */
const beginClosing = (core: Core, ending: Exit.Exit<void, SupervisorError>): Effect.Effect<Fiber.Fiber<void>> =>
  Effect.uninterruptible(
    Effect.suspend(() => {
      core.ending ??= ending
      if (core.closing !== undefined) return Effect.succeed(core.closing)
      return Effect.map(Effect.forkDetach(Effect.provideContext(finish(core), core.services)), (fiber) => {
        core.closing = fiber
        return fiber
      })
    })
  )

const finish = (core: Core): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (core.loop !== undefined) yield* Fiber.interrupt(core.loop)
    // First of all: a child that waits for an answer could not end.
    for (const request of core.requests) request.refuse()
    core.requests.clear()
    core.leftBehind.push(...(yield* stopAll(core, core.children)))
    core.report((at) => ({ _tag: "SupervisorEnded", at }))
    core.events.end()
    yield* Queue.shutdown(core.mailbox)
    yield* Deferred.done(core.ended, core.ending ?? Exit.void)
  })

const startAll = (core: Core): Effect.Effect<void, ChildStartFailed> =>
  Effect.gen(function* () {
    for (const record of core.children) {
      // The scope was closed, or a child has asked for it.
      if (core.ending !== undefined) return
      const started = yield* launch(core, record)
      if (Exit.isFailure(started)) {
        return yield* Effect.fail(
          new ChildStartFailed({ supervisor: core.name, child: record.id, cause: started.cause })
        )
      }
    }
  })

const loop = (core: Core): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (core.ending === undefined) yield* handle(core, yield* Queue.take(core.mailbox))
  }).pipe(
    Effect.exit,
    Effect.flatMap((exit) =>
      Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? Effect.void : beginClosing(core, exit)
    ),
    Effect.asVoid
  )

const handle = (core: Core, message: Message): Effect.Effect<void> => {
  switch (message.kind) {
    case "request":
      return message.request.perform
    case "due":
      return startMembers(core, message.restart)
    case "ended":
      // Of a run that was stopped meanwhile nothing more is to be said.
      return message.record.run === message.run ? onEnded(core, message.record, message.run, message.exit) : Effect.void
    case "unhealthy":
      return message.record.run === message.run && message.record.status === "running"
        ? onUnhealthy(core, message)
        : Effect.void
  }
}

/** It is stopped, by force if need be, and then goes the way of one that has failed. */
const onUnhealthy = (
  core: Core,
  { cause, failures, record }: Extract<Message, { kind: "unhealthy" }>
): Effect.Effect<void> =>
  Effect.flatMap(stop(core, record), (stuck) => {
    if (stuck !== undefined) return escalate(core, record, stuck)
    const error = new HealthCheckFailed({ supervisor: core.name, child: record.id, failures, cause })
    return afterEnd(core, record, Exit.fail(error))
  })

/** Nothing can be done any more: whoever closes the scope has to know, unless `join` has said it. */
const reportLeftBehind = (core: Core): Effect.Effect<void> =>
  Effect.suspend(() => {
    const failure = core.ending === undefined ? undefined : Option.getOrUndefined(Exit.findErrorOption(core.ending))
    const stuck = new Set(core.leftBehind)
    if (failure instanceof ChildStuck) {
      if (core.heard) stuck.delete(failure)
      else stuck.add(failure)
    }
    return stuck.size === 0 ? Effect.void : Effect.failCause(Cause.fromReasons(Array.from(stuck, Cause.makeDieReason)))
  })

const eachOnce = (specs: ReadonlyArray<ChildSpec>): Effect.Effect<void, InvalidOption> => {
  const ids = specs.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  return twice === undefined
    ? Effect.void
    : Effect.fail(
        new InvalidOption({
          option: "children",
          message: `children must have different ids; "${twice}" is there twice`
        })
      )
}
