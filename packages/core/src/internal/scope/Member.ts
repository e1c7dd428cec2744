/**
 * Who runs in which scope, and waits for what: the body of a scope, or one of its children.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { millisOf } from "../deadline.ts"
import type { ScopeState } from "./ScopeState.ts"

/** What a fiber of the member waits for. Said in words only when a dump asks. */
export interface Wait {
  readonly describe: () => string
  /** In milliseconds of `millisOf`. */
  readonly since: number
}

export interface Member {
  readonly name: string
  readonly scope: ScopeState
  readonly isBody: boolean
  /** In milliseconds of `millisOf`. */
  readonly since: number
  /** Of all the fibers that run for it. */
  readonly waits: Set<Wait>
  /** The scopes that it opened and that are open. */
  readonly scopes: Set<ScopeState>
}

/** Inherited by the fibers that a member forks, so that what they wait for is the member's. */
export const CurrentMember: Context.Reference<Member | undefined> = Context.Reference<Member | undefined>(
  "~ropewalk/TaskScope/Member",
  { defaultValue: () => undefined }
)

/** The scopes that were opened outside of all others. */
export const roots = new Set<ScopeState>()

/** Whether any scope is open. While none is, nobody asks what is waited for, and a wait needs not say it. */
export const scopesAreOpen = (): boolean => roots.size > 0

/** The effect, which waits: a dump says for what. */
export const waitingFor = <A, E, R>(describe: () => string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() =>
    scopesAreOpen()
      ? Effect.uninterruptibleMask((restore) => {
          const forget = noteWait(describe)
          return forget === undefined ? restore(effect) : Effect.ensuring(restore(effect), Effect.sync(forget))
        })
      : effect
  )

/** Notes what the fiber that calls this waits for from now on, and answers with what ends that. */
export const noteWait = (describe: () => string): (() => void) | undefined => {
  if (!scopesAreOpen()) return undefined
  const fiber = Fiber.getCurrent()
  const member = fiber?.getRef(CurrentMember)
  if (fiber === undefined || member === undefined) return undefined
  const wait: Wait = { describe, since: millisOf(fiber.getRef(Clock.Clock)) }
  member.waits.add(wait)
  return () => member.waits.delete(wait)
}
