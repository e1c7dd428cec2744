/**
 * From the opening of a scope to its end.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Joiner } from "../../Joiner.ts"
import type { Options, TaskScope } from "../../TaskScope.ts"
import { callersTimeLeft, millisOf, TimeLeft } from "../deadline.ts"
import type { InvalidOption } from "../errors.ts"
import { millis } from "../options.ts"
import type { Restore } from "../sync/PermitQueue.ts"
import { contextOf, type ScopeRun, taskScope } from "./fork.ts"
import { LeakListener, reportLeaks, resourcesOf } from "./leaks.ts"
import { type ScopeSettings, ScopeState } from "./ScopeState.ts"

/** What they need is there when they run: the public types see to that. */
type AnyEffect = Effect.Effect<unknown, unknown>
type Body = (scope: TaskScope<unknown, unknown, unknown, unknown>) => AnyEffect

export const runScope = (
  joiner: Joiner<any, any, any, any, any>,
  body: Body,
  options: Options | undefined,
  children?: number
): AnyEffect =>
  Effect.flatMap(Effect.all([settingsOf(options, children), callersTimeLeft]), ([settings, left]) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.withFiber((opener) => {
        const state = new ScopeState(opener, joiner, settings)
        // Of nested deadlines the one that runs out first is heard, and no other is set.
        const deadline = settings.timeout !== undefined && settings.timeout < left ? settings.timeout : undefined
        const timeLeft =
          deadline === undefined ? opener.getRef(TimeLeft) : countdown(opener.getRef(Clock.Clock), deadline)
        const run: ScopeRun = { state, limiter: options?.limiter, timeLeft }
        return Effect.ensuring(
          toItsEnd(run, body, deadline, restore),
          Effect.sync(() => state.close())
        )
      })
    )
  )

const settingsOf = (options: Options | undefined, children: number | undefined) =>
  Effect.gen(function* () {
    const { name = "a scope", timeout } = options ?? {}
    const watched = (yield* LeakListener) !== undefined
    return { name, children, watched, timeout: timeout === undefined ? undefined : yield* millis("timeout", timeout) }
  }) satisfies Effect.Effect<ScopeSettings, InvalidOption>

const countdown = (clock: Clock.Clock, millis: number): Effect.Effect<number> => {
  const deadline = millisOf(clock) + millis
  return Effect.sync(() => deadline - millisOf(clock))
}

/** To be called in an uninterruptible region: only the wait for the end is restored. */
const toItsEnd = (run: ScopeRun, body: Body, deadline: number | undefined, restore: Restore): AnyEffect =>
  Effect.gen(function* () {
    const { state } = run
    const resources = resourcesOf(state)
    const bodyScope = Scope.makeUnsafe()
    yield* forkBody(run, body, bodyScope)
    const timer = deadline === undefined ? undefined : yield* startTimer(state, deadline)
    const waited = yield* Effect.exit(restore(state.ended.await))
    if (Exit.isFailure(waited)) {
      state.abandon()
      yield* state.ended.await
    }
    if (timer !== undefined) yield* Fiber.interrupt(timer)
    const outcome = state.outcome(Exit.isFailure(waited) ? waited.cause : undefined)
    // After the children, which may have used what the body acquired.
    const released = yield* Effect.exit(Scope.close(bodyScope, outcome))
    const reported = yield* Effect.exit(reportLeaks(state, resources))
    return yield* both(both(outcome, released), reported)
  })

/**
 * In a fiber of its own, so that a child that fails can stop it. It begins at once, and is what it opens that waits for
 * its turn.
 */
const forkBody = (run: ScopeRun, body: Body, scope: Scope.Scope): Effect.Effect<void> => {
  const { state } = run
  const begun = Effect.withFiber((fiber) => {
    state.bodyBegins(fiber)
    return body(taskScope(run))
  })
  const whole = Effect.updateContext(Scope.provide(begun, scope), contextOf(run, state.body))
  return Effect.map(Effect.forkDetach(whole, { startImmediately: true }), (fiber) => {
    fiber.addObserver((exit) => state.bodyEnded(exit))
  })
}

const startTimer = (state: ScopeState, millis: number): Effect.Effect<Fiber.Fiber<void>> =>
  Effect.forkDetach(
    Effect.andThen(
      Effect.sleep(Duration.millis(millis)),
      Effect.sync(() => state.timeIsUp(millis))
    ),
    { startImmediately: true }
  )

const both = (outcome: Exit.Exit<unknown, unknown>, after: Exit.Exit<void>): Exit.Exit<unknown, unknown> => {
  if (Exit.isSuccess(after)) return outcome
  return Exit.isSuccess(outcome) ? after : Exit.failCause(Cause.combine(outcome.cause, after.cause))
}
