/**
 * A lock that one fiber holds at a time, for the fibers of one thread.
 *
 * **When to use**: to keep a step whole that other fibers could see halfway because it waits for something in between: a
 * read, an `await`, a write. Code between two `yield*` needs no lock: fibers of one thread never run at once. To admit
 * more than one, use a `BoundedSemaphore`.
 *
 * **Lineage**: Python's `threading.Lock` and `RLock`, Trio's `Lock` (FIFO, with an owner), and the wait-for graph of
 * databases for what they lack: a deadlock is an error that names its fibers, at once, not a program that stands still.
 *
 * **What differs**: a plain mutex that its holder acquires again fails with {@link Deadlock} where Python's hangs, and
 * so does the acquire that closes a longer ring. Only the holder may release, as with `RLock`.
 *
 * **Gotchas**: the holder is a fiber. A fiber forked inside the body is another one: it waits for the lock like any
 * other, and a body that holds the lock while it joins such a child waits for ever, unseen by the deadlock check, which
 * knows who waits for a lock but not who waits for a fiber. `Effect.timeout`, `Effect.race` and `Effect.all` with
 * concurrency fork: inside of them, hold the lock for the whole of what they run (`mutex.withLock(…)`) or limit the
 * wait by {@link Mutex.acquireWithin}, which leaves the lock with the fiber that asked.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { Deadlock, LockTimeout, NotOwner } from "./internal/sync/lockErrors.ts"
import { PermitQueue, type Restore } from "./internal/sync/PermitQueue.ts"
import { type InvalidTimeout, timeLimit } from "./internal/sync/timeout.ts"
import { lasts, touched } from "./internal/touched.ts"

export { Deadlock, LockTimeout, NotOwner } from "./internal/sync/lockErrors.ts"
export { InvalidTimeout } from "./internal/sync/timeout.ts"

const TypeId = "~ropewalk/Mutex"

/**
 * A lock; see {@link make} and {@link makeReentrant}. Waiters are served first come, first served.
 *
 * @since 0.1.0
 */
export interface Mutex {
  readonly [TypeId]: typeof TypeId

  /** What errors call it. */
  readonly name: string

  readonly isLocked: Effect.Effect<boolean>

  /** The id of the fiber that holds it. */
  readonly owner: Effect.Effect<Option.Option<number>>

  /**
   * Runs an effect while holding the lock, and releases however it ends: result, failure, defect or interrupt. Dies with
   * {@link NotOwner} if the effect released the lock itself.
   */
  withLock<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Deadlock, R>

  /** {@link withLock} if that needs no waiting: `None` when the effect did not run. */
  tryWithLock<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R>

  /** Waits for the lock and holds it until the scope closes, in whichever fiber that happens. */
  readonly acquireScoped: Effect.Effect<void, Deadlock, Scope.Scope>

  /**
   * Waits for the lock.
   *
   * **Gotchas**: a fiber that ends without {@link release}, or is interrupted just after this has succeeded, leaves the
   * mutex locked. Prefer {@link withLock} and {@link acquireScoped}.
   */
  readonly acquire: Effect.Effect<void, Deadlock>

  /** Takes the lock if that needs no waiting, and says whether it did. */
  readonly tryAcquire: Effect.Effect<boolean>

  /**
   * Waits for the lock, but at most so long; zero doesn't wait. Since such a wait ends by itself, it counts as a deadlock
   * only when the fiber itself holds the plain mutex.
   */
  acquireWithin(timeout: Duration.Input): Effect.Effect<void, LockTimeout | Deadlock | InvalidTimeout>

  /** Releases the lock, or one level of a re-entrant one. Only the fiber that acquired it may: others get {@link NotOwner}. */
  readonly release: Effect.Effect<void, NotOwner>
}

/**
 * Makes a mutex that a fiber holds at most once.
 *
 * **Example** (a step that must not be seen halfway)
 *
 * ```ts
 * import * as Mutex from "@ropewalk/core/Mutex"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const mutex = yield* Mutex.make()
 *   let balance = 0
 *   const deposit = Effect.gen(function* () {
 *     const before = balance
 *     yield* Effect.sleep("1 millis")
 *     balance = before + 1
 *   })
 *   yield* Effect.all(Array.from({ length: 5 }, () => mutex.withLock(deposit)), { concurrency: "unbounded" })
 *   assert.equal(balance, 5)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * **Example** (a deadlock is an error)
 *
 * ```ts
 * import * as Mutex from "@ropewalk/core/Mutex"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const mutex = yield* Mutex.make({ name: "accounts" })
 *   const twice = yield* Effect.flip(mutex.withLock(mutex.withLock(Effect.void)))
 *   assert.equal(twice._tag, "Deadlock")
 *   assert.deepEqual(twice.cycle.map(({ lock }) => lock), ["accounts"])
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: Options): Effect.Effect<Mutex> =>
  Effect.sync(() => new MutexImpl(options?.name ?? "a mutex", false))

/**
 * Makes a mutex that its holder may acquire again: it is free when it was released as often as it was acquired.
 *
 * **Example** (a locked function that calls another)
 *
 * ```ts
 * import * as Mutex from "@ropewalk/core/Mutex"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const mutex = yield* Mutex.makeReentrant()
 *   const inner = mutex.withLock(Effect.succeed("inner"))
 *   const outer = mutex.withLock(Effect.andThen(inner, mutex.isLocked))
 *   assert.equal(yield* outer, true)
 *   assert.equal(yield* mutex.isLocked, false)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const makeReentrant = (options?: Options): Effect.Effect<Mutex> =>
  Effect.sync(() => new MutexImpl(options?.name ?? "a re-entrant mutex", true))

/** @since 0.1.0 */
export interface Options {
  /** What errors call the mutex: worth giving where there is more than one. */
  readonly name?: string | undefined
}

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** One fiber's time with the lock, from its first acquire to its last release. */
interface Hold {
  readonly fiber: AnyFiber
  depth: number
}

/** Which mutex a fiber waits for without a limit: the wait-for graph of this thread, with its other half in the holds. */
const waitsFor = lasts(new WeakMap<AnyFiber, MutexImpl>())

const waitNoMore = (fiber: AnyFiber): void => {
  touched(waitsFor)
  waitsFor.delete(fiber)
}

class MutexImpl implements Mutex {
  readonly [TypeId]: typeof TypeId = TypeId
  readonly name: string
  readonly isLocked: Effect.Effect<boolean>
  readonly owner: Effect.Effect<Option.Option<number>>
  readonly acquire: Effect.Effect<void, Deadlock>
  readonly tryAcquire: Effect.Effect<boolean>
  readonly acquireScoped: Effect.Effect<void, Deadlock, Scope.Scope>
  readonly release: Effect.Effect<void, NotOwner>
  readonly #reentrant: boolean
  readonly #queue: PermitQueue
  #lastHold: Hold | undefined

  constructor(name: string, reentrant: boolean) {
    this.name = name
    this.#reentrant = reentrant
    this.#queue = new PermitQueue(1, `the lock ${name}`)
    this.isLocked = Effect.sync(() => this.#hold !== undefined)
    this.owner = Effect.sync(() => Option.fromNullishOr(this.#hold?.fiber.id))
    this.acquire = Effect.uninterruptibleMask((restore) => Effect.asVoid(this.#take(restore)))
    this.tryAcquire = Effect.withFiber((fiber) => Effect.succeed(this.#tryTake(fiber) !== undefined))
    this.acquireScoped = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#take(restore), (hold) => Effect.addFinalizer(() => this.#end(hold)))
    )
    this.release = Effect.uninterruptible(Effect.withFiber((fiber) => this.#giveUnsafe(this.#hold, fiber)))
  }

  readonly withLock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Deadlock, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#take(restore), (hold) => Effect.onExit(restore(effect), () => this.#end(hold)))
    )

  readonly tryWithLock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.withFiber((fiber) => {
        const hold = this.#tryTake(fiber)
        return hold === undefined
          ? Effect.succeedNone
          : Effect.onExit(Effect.asSome(restore(effect)), () => this.#end(hold))
      })
    )

  acquireWithin(timeout: Duration.Input): Effect.Effect<void, LockTimeout | Deadlock | InvalidTimeout> {
    return Effect.flatMap(timeLimit(timeout), (within) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(this.#take(restore, within), (hold) =>
          hold === undefined
            ? Effect.fail(new LockTimeout({ lock: this.name, owner: this.#hold?.fiber.id }))
            : Effect.void
        )
      )
    )
  }

  /** The queue decides whether the lock is held, so that a hold whose grant was given back is one no more. */
  get #hold(): Hold | undefined {
    return this.#queue.available === 0 ? this.#lastHold : undefined
  }

  #tryTake(fiber: AnyFiber): Hold | undefined {
    const hold = this.#hold
    if (hold?.fiber === fiber && this.#reentrant) {
      hold.depth++
      return hold
    }
    return this.#queue.tryTake(1) ? this.#begin(fiber) : undefined
  }

  #begin(fiber: AnyFiber): Hold {
    this.#lastHold = { fiber, depth: 1 }
    return this.#lastHold
  }

  #take(restore: Restore): Effect.Effect<Hold, Deadlock>
  #take(restore: Restore, within: Duration.Duration): Effect.Effect<Hold | undefined, Deadlock>
  #take(restore: Restore, within?: Duration.Duration): Effect.Effect<Hold | undefined, Deadlock> {
    return Effect.withFiber((fiber): Effect.Effect<Hold | undefined, Deadlock> => {
      let hold = this.#tryTake(fiber)
      if (hold !== undefined) return Effect.succeed(hold)
      const cycle = this.#cycleFrom(fiber, within !== undefined)
      if (cycle !== undefined) return Effect.fail(new Deadlock({ cycle }))
      // In the step of the grant: a walk through the graph must not meet a fiber that waits for what it holds.
      const onGranted = () => {
        waitNoMore(fiber)
        hold = this.#begin(fiber)
      }
      if (within !== undefined) {
        return Effect.map(this.#queue.take({ permits: 1, within, onGranted }, restore), () => hold)
      }
      touched(waitsFor)
      waitsFor.set(fiber, this)
      return this.#queue.take({ permits: 1, onGranted }, restore).pipe(
        Effect.onExit(() => Effect.sync(() => waitNoMore(fiber))),
        Effect.map(() => hold)
      )
    })
  }

  /** The ring that a wait of this fiber for this mutex would close. There is at most one: a fiber waits for one mutex. */
  #cycleFrom(fiber: AnyFiber, limited: boolean): Deadlock["cycle"] | undefined {
    const cycle: Array<Deadlock["cycle"][number]> = []
    let waiter = fiber
    let mutex: MutexImpl | undefined = this
    while (mutex !== undefined) {
      const owner: AnyFiber | undefined = mutex.#hold?.fiber
      if (owner === undefined) return undefined
      cycle.push({ waiter: waiter.id, lock: mutex.name, owner: owner.id })
      if (owner === fiber) return cycle
      if (limited) return undefined
      waiter = owner
      touched(waitsFor, "reads")
      mutex = waitsFor.get(owner)
    }
    return undefined
  }

  /** Ends one level of a hold, in whichever fiber that happens: as a finalizer, so a hold that is gone is a defect. */
  #end(hold: Hold): Effect.Effect<void> {
    return Effect.orDie(Effect.suspend(() => this.#giveUnsafe(hold, hold.fiber)))
  }

  #giveUnsafe(hold: Hold | undefined, caller: AnyFiber): Effect.Effect<void, NotOwner> {
    const current = this.#hold
    if (current === undefined || current !== hold || current.fiber !== caller) {
      return Effect.fail(new NotOwner({ lock: this.name, owner: current?.fiber.id, caller: caller.id }))
    }
    return --current.depth > 0 ? Effect.void : this.#queue.giveUnsafe(1)
  }
}
