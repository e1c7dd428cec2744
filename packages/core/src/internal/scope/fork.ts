/**
 * The scope as its body sees it: what opens a child, and the handle of one.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Child, ForkOptions, TaskScope, TypeId } from "../../TaskScope.ts"
import { deadlinesAreInUse, millisOf, withTimeLeft } from "../deadline.ts"
import { JoinsItself, ScopeClosed } from "./errors.ts"
import { CurrentMember, type Member, waitingFor } from "./Member.ts"
import { notingClock } from "./notingClock.ts"
import type { ChildState, ScopeState } from "./ScopeState.ts"

type AnyEffect = Effect.Effect<unknown, unknown>

export interface ScopeRun {
  readonly state: ScopeState
  readonly limiter: ForkOptions["limiter"]
  /** What is left until the nearest deadline, in milliseconds: the scope's own, or one that it is under. */
  readonly timeLeft: Effect.Effect<number> | undefined
}

/** What the fibers of a member inherit: who they are, and the time of this scope and not of another one inside of it. */
export const contextOf =
  ({ state, timeLeft }: ScopeRun, member: Member) =>
  (context: Context.Context<never>): Context.Context<never> => {
    const known = Context.add(context, CurrentMember, member)
    const extended = timeLeft !== undefined || deadlinesAreInUse ? withTimeLeft(known, timeLeft) : known
    if (state.held === undefined) return extended
    return Context.add(extended, Clock.Clock, notingClock(Context.get(extended, Clock.Clock)))
  }

export const taskScope = <A, E, B, E2>(run: ScopeRun): TaskScope<A, E, B, E2> => {
  const { state } = run
  const { name } = state.settings
  return {
    "~ropewalk/TaskScope": "~ropewalk/TaskScope" satisfies TypeId,
    name,
    fork: ((effect: AnyEffect, options?: ForkOptions) => fork(run, effect, options)) as never,
    join: join(state) as Effect.Effect<B, E2>,
    cancel: Effect.suspend(() => {
      state.cancel()
      return untilIdle(state)
    })
  }
}

const fork = (run: ScopeRun, effect: AnyEffect, options: ForkOptions | undefined): Effect.Effect<Handle> => {
  const name = options?.name
  const limiter = options?.limiter ?? run.limiter
  return Effect.uninterruptibleMask((restore) => {
    if (limiter === undefined) return start(run, effect, name)
    const held = Scope.makeUnsafe()
    const release = (exit: Exit.Exit<unknown, unknown>) => Scope.close(held, exit)
    const acquired = Effect.onError(restore(Scope.provide(limiter.acquireScoped, held)), (cause) =>
      release(Exit.failCause(cause))
    )
    return Effect.andThen(
      acquired,
      Effect.onError(start(run, effect, name, release), (cause) => release(Exit.failCause(cause)))
    )
  })
}

/** To be called in an uninterruptible region: a child that runs is a child that is known. */
const start = (
  run: ScopeRun,
  effect: AnyEffect,
  name: string | undefined,
  release?: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
): Effect.Effect<Handle> =>
  Clock.clockWith((clock) => {
    const { state } = run
    if (state.isClosed) return Effect.die(new ScopeClosed({ scope: state.settings.name, child: name ?? "a child" }))
    const child = state.childBegins(name, millisOf(clock))
    if (child.cancelled) return Effect.as(release?.(Exit.void) ?? Effect.void, new Handle(child))
    const scoped = Effect.scoped(handled(state, child, effect))
    // A fiber that is interrupted before its first step runs nothing, also none of its finalizers: with a permit to give
    // back, it begins uninterruptible.
    const whole = release === undefined ? scoped : Effect.onExit(Effect.interruptible(scoped), release)
    return Effect.map(
      Effect.forkDetach(Effect.updateContext(whole, contextOf(run, child)), { uninterruptible: release !== undefined }),
      (fiber) => {
        child.fiber = fiber
        // In between it may have been told to stop.
        if (child.cancelled) fiber.interruptUnsafe()
        fiber.addObserver((exit) => state.childEnded(child, exit))
        return new Handle(child)
      }
    )
  })

const handled = (state: ScopeState, child: ChildState, effect: AnyEffect): AnyEffect => {
  const { onFailure } = state
  if (onFailure === undefined) return effect
  return Effect.catchCause(effect, (cause) =>
    Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : onFailure(cause, child)
  )
}

const join = (state: ScopeState): AnyEffect =>
  Effect.withFiber((fiber) => {
    const itself = childOf(state, fiber.getRef(CurrentMember))
    if (itself !== undefined) return Effect.die(new JoinsItself({ scope: state.settings.name, child: itself.name }))
    return Effect.uninterruptibleMask((restore) => {
      state.joinBegins()
      const waited = waitingFor(() => `its children, ${state.running.size} of which run`, untilIdle(state))
      return Effect.andThen(
        Effect.ensuring(
          restore(waited),
          Effect.sync(() => state.joinEnds())
        ),
        Effect.suspend(() => state.result())
      )
    })
  })

/** Children may fork others, so that one wait may not be enough. */
const untilIdle = (state: ScopeState): Effect.Effect<void> =>
  Effect.suspend(() =>
    state.running.size === 0 ? Effect.void : Effect.flatMap(state.idle.await, () => untilIdle(state))
  )

/** The child of this scope that a fiber runs for, if it does. */
const childOf = (state: ScopeState, member: Member | undefined): Member | undefined => {
  for (let each = member; each !== undefined; each = each.scope.opener) {
    if (each.scope === state) return each.isBody ? undefined : each
  }
  return undefined
}

class Handle implements Child<unknown, unknown> {
  readonly #child: ChildState
  readonly name: string
  readonly index: number
  readonly await: Effect.Effect<Exit.Exit<unknown, unknown>>
  readonly join: AnyEffect
  readonly poll: Effect.Effect<Option.Option<Exit.Exit<unknown, unknown>>>
  readonly interrupt: Effect.Effect<Exit.Exit<unknown, unknown>>

  constructor(child: ChildState) {
    this.#child = child
    this.name = child.name
    this.index = child.index
    this.await = Effect.suspend(() => {
      child.awaited = true
      return this.#fiber === undefined
        ? Effect.succeed(Exit.interrupt())
        : waitingFor(() => `the child "${child.name}"`, Fiber.await(this.#fiber))
    })
    this.join = Effect.flatten(this.await)
    this.poll = Effect.sync(() =>
      this.#fiber === undefined ? Option.some(Exit.interrupt()) : Option.fromNullishOr(this.#fiber.pollUnsafe())
    )
    this.interrupt = Effect.suspend(() =>
      Effect.andThen(this.#fiber === undefined ? Effect.void : Fiber.interrupt(this.#fiber), this.await)
    )
  }

  /** Absent for a child that was forked when the scope wanted no more: it never starts. */
  get #fiber(): Fiber.Fiber<unknown, unknown> | undefined {
    return this.#child.fiber
  }
}
