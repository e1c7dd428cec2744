/**
 * The lock's proxy.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { waitingFor } from "../../scope/Member.ts"
import { NotOwner } from "../../sync/lockErrors.ts"
import { cleanUp } from "../errors.ts"
import type { Store } from "./contract.ts"
import type { ManagerError } from "./errors.ts"

/** A lock between processes. Waiters get it first come, first served; who dies holding it releases it. */
export interface Lock {
  /** Runs the effect while it holds the lock, and releases it however the effect ends. Not re-entrant. */
  readonly withLock: <A, F, R>(effect: Effect.Effect<A, F, R>) => Effect.Effect<A, F | ManagerError, R>
  /** Runs the effect if the lock is free now. */
  readonly tryWithLock: <A, F, R>(
    effect: Effect.Effect<A, F, R>
  ) => Effect.Effect<Option.Option<A>, F | ManagerError, R>
  /** Holds the lock until the scope closes. */
  readonly scoped: Effect.Effect<void, ManagerError, Scope.Scope>
  /** Holds the lock for the calling fiber until it calls `release`. Prefer `withLock`. */
  readonly acquire: Effect.Effect<void, ManagerError>
  readonly release: Effect.Effect<void, NotOwner | ManagerError>
}

export const makeLock = (store: Store, entry: string): Lock => {
  let nextTicket = 0
  const held = new Map<number, number>()
  const release = (ticket: number) => store("Release", { entry, ticket })

  /** The waiting is interruptible, what follows it is not: between the two nobody could release the lock. */
  const acquire = (restore: <A, F>(effect: Effect.Effect<A, F>) => Effect.Effect<A, F>, patience: number) =>
    Effect.suspend(() => {
      const ticket = nextTicket++
      const acquired = store("Acquire", { entry, ticket, patience })
      return restore(waitingFor(() => `the lock ${entry} of a manager`, acquired)).pipe(
        Effect.onInterrupt(() => cleanUp(release(ticket))),
        Effect.map((acquired) => (acquired ? Option.some(ticket) : Option.none()))
      )
    })
  const forever = Number.POSITIVE_INFINITY

  const tryWithLock = <A, F, R>(effect: Effect.Effect<A, F, R>, patience: number) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        acquire(restore, patience),
        Option.match({
          onNone: () => Effect.succeedNone,
          // A connection that is lost has released the lock already.
          onSome: (ticket) => Effect.asSome(Effect.onExit(restore(effect), () => cleanUp(release(ticket))))
        })
      )
    )

  return {
    withLock: (effect) => Effect.map(tryWithLock(effect, forever), Option.getOrThrow),
    tryWithLock: (effect) => tryWithLock(effect, 0),
    scoped: Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(acquire(restore, forever), (ticket) =>
        Effect.addFinalizer(() => cleanUp(release(Option.getOrThrow(ticket))))
      )
    ),
    acquire: Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(acquire(restore, forever), (ticket) =>
        Effect.withFiber((fiber) => Effect.sync(() => held.set(fiber.id, Option.getOrThrow(ticket))))
      )
    ).pipe(Effect.asVoid),
    release: Effect.withFiber<void, NotOwner | ManagerError>((fiber) => {
      const ticket = held.get(fiber.id)
      if (ticket === undefined) return Effect.fail(new NotOwner({ lock: entry, caller: fiber.id }))
      held.delete(fiber.id)
      return Effect.uninterruptible(release(ticket))
    })
  }
}
