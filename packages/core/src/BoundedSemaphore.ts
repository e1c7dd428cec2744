/**
 * A fixed number of permits, shared by the fibers of one thread.
 *
 * **When to use**: to let at most `max` fibers do something at a time (connections, open files), or to count things that
 * are taken and put back and can never be more than `max`: the candy in a machine. To guard a piece of state, use a
 * `Mutex`: it knows who holds it.
 *
 * **Lineage**: Dijkstra's semaphore (1965) by way of Python's `threading.BoundedSemaphore`: giving back more than was
 * taken is a bug, and says so. It stands on Effect's `Semaphore`, which keeps its waiters.
 *
 * **What differs**: Effect's `Semaphore` goes past its maximum in silence and serves a small request before a large
 * one that came first. Here the bound holds, and the queue is FIFO for requests of any size: nobody overtakes, also not
 * by trying, so a large request never starves. Python raises `ValueError` where this fails with {@link SemaphoreFull}.
 *
 * Permits have no owner: a fiber may give back what another took, as a producer refills what consumers bought.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { PermitQueue, type Restore } from "./internal/sync/PermitQueue.ts"
import { type InvalidTimeout, timeLimit } from "./internal/sync/timeout.ts"

export { InvalidTimeout } from "./internal/sync/timeout.ts"

const TypeId = "~ropewalk/BoundedSemaphore"

/**
 * A release that would leave more permits than there are. Nothing was changed.
 *
 * @since 0.1.0
 */
export class SemaphoreFull extends Schema.TaggedError<SemaphoreFull>()("SemaphoreFull", {
  /** How many permits were available. */
  permits: Schema.Number,
  max: Schema.Number
}) {
  override get message(): string {
    return `${this.permits} of ${this.max} permits are available already: release only what was acquired, once`
  }
}

/**
 * An acquire that would not wait, or not any longer, found too few permits. Nothing was changed.
 *
 * @since 0.1.0
 */
export class SemaphoreEmpty extends Schema.TaggedError<SemaphoreEmpty>()("SemaphoreEmpty", {
  max: Schema.Number
}) {
  override get message(): string {
    return `too few of the ${this.max} permits are available: try again later, or wait for them with acquire`
  }
}

/**
 * A count that is no count of permits: negative, fractional, not finite, or more than there will ever be.
 *
 * @since 0.1.0
 */
export class InvalidPermits extends Schema.TaggedError<InvalidPermits>()("InvalidPermits", {
  permits: Schema.Number,
  min: Schema.Number,
  max: Schema.Number
}) {
  override get message(): string {
    if (this.max < this.min) return `a semaphore of ${this.max} permits never grants one: make it with a larger maximum`
    return `${this.permits} is no possible number of permits here: give a whole number from ${this.min} to ${this.max}`
  }
}

/**
 * An operation on one permit, or on as many as are asked for: a whole number from 1 to `max`.
 *
 * @since 0.1.0
 */
export interface Counted<A, E> {
  (): Effect.Effect<A, E>
  (permits: number): Effect.Effect<A, E | InvalidPermits>
}

/**
 * A semaphore with a bound; see {@link make}.
 *
 * Operations without a count take one permit. On a semaphore of 0 permits, which can never grant one, they die with
 * {@link InvalidPermits} instead of waiting for ever.
 *
 * @since 0.1.0
 */
export interface BoundedSemaphore {
  readonly [TypeId]: typeof TypeId

  /** How many permits there are in all. */
  readonly max: number

  /** How many permits nobody holds at this moment: already another number when a fiber acts on it, unless it is alone. */
  readonly available: Effect.Effect<number>

  /**
   * Runs an effect while holding one permit: waits for it in order, and gives it back however the effect ends: result,
   * failure, defect or interrupt. Dies with {@link SemaphoreFull} if the effect released the permit itself.
   */
  withPermit<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>

  /** {@link withPermit} with several permits, all taken at once: `effect.pipe(semaphore.withPermits(2))`. */
  withPermits(permits: number): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | InvalidPermits, R>

  /** {@link withPermit} that fails instead of waiting. */
  withPermitOrFail<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SemaphoreEmpty, R>

  /** Waits for permits in order and holds them until the scope closes. */
  readonly acquireScoped: {
    (): Effect.Effect<void, never, Scope.Scope>
    (permits: number): Effect.Effect<void, InvalidPermits, Scope.Scope>
  }

  /**
   * Waits for permits, first come first served; whoever takes them sees to it that they are released.
   *
   * **Gotchas**: an interrupt that arrives just after this has succeeded leaves the permits taken. Prefer
   * {@link withPermit} and {@link acquireScoped}, which take and register the return in one uninterruptible step; this
   * one is for permits that another fiber gives back.
   */
  readonly acquire: Counted<void, never>

  /** Takes permits if that needs no waiting, and says whether it did. Never takes past a fiber that waits. */
  readonly tryAcquire: Counted<boolean, never>

  /** {@link tryAcquire} that fails when it can't. */
  readonly acquireOrFail: Counted<void, SemaphoreEmpty>

  /**
   * Waits for permits, but at most so long; zero doesn't wait. A waiter that gives up leaves nothing behind: the next one
   * moves up. Inside `Effect.acquireRelease` it makes a lease with a limit.
   */
  readonly acquireWithin: {
    (timeout: Duration.Input): Effect.Effect<void, SemaphoreEmpty | InvalidTimeout>
    (timeout: Duration.Input, permits: number): Effect.Effect<void, SemaphoreEmpty | InvalidTimeout | InvalidPermits>
  }

  /**
   * Gives permits back, all or none: if that would make more than `max`, it fails and changes nothing. The longest
   * waiter is served first.
   */
  readonly release: Counted<void, SemaphoreFull>
}

/**
 * Makes a semaphore with all of its permits available.
 *
 * Fails with {@link InvalidPermits} unless `max` is a whole number of 0 or more.
 *
 * **Example** (at most two at a time)
 *
 * ```ts
 * import * as BoundedSemaphore from "@ropewalk/core/BoundedSemaphore"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const semaphore = yield* BoundedSemaphore.make(2)
 *   let active = 0
 *   let most = 0
 *   const download = Effect.gen(function* () {
 *     most = Math.max(most, ++active)
 *     yield* Effect.sleep("5 millis")
 *     active--
 *   })
 *   yield* Effect.all(Array.from({ length: 6 }, () => semaphore.withPermit(download)), { concurrency: "unbounded" })
 *   assert.equal(most, 2)
 *   assert.equal(yield* semaphore.available, 2)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * **Example** (the candy machine: full and empty are told, not exceeded)
 *
 * ```ts
 * import * as BoundedSemaphore from "@ropewalk/core/BoundedSemaphore"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const tray = yield* BoundedSemaphore.make(1)
 *   const buy = tray.acquireOrFail().pipe(
 *     Effect.as("OK"),
 *     Effect.catchTag("SemaphoreEmpty", () => Effect.succeed("empty, skipping"))
 *   )
 *   const refill = tray.release().pipe(
 *     Effect.as("OK"),
 *     Effect.catchTag("SemaphoreFull", ({ permits, max }) => Effect.succeed(`${permits} of ${max}: full, skipping`))
 *   )
 *   assert.deepEqual(yield* Effect.all([refill, buy, buy, refill]), ["1 of 1: full, skipping", "OK", "empty, skipping", "OK"])
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const make = (max: number): Effect.Effect<BoundedSemaphore, InvalidPermits> =>
  Effect.suspend(() =>
    isCount(max, 0, Number.MAX_SAFE_INTEGER)
      ? Effect.succeed(new BoundedSemaphoreImpl(max))
      : Effect.fail(new InvalidPermits({ permits: max, min: 0, max: Number.MAX_SAFE_INTEGER }))
  )

const isCount = (permits: number, min: number, max: number): boolean =>
  Number.isInteger(permits) && permits >= min && permits <= max

class BoundedSemaphoreImpl implements BoundedSemaphore {
  readonly [TypeId]: typeof TypeId = TypeId
  readonly max: number
  readonly available: Effect.Effect<number>
  readonly #queue: PermitQueue

  constructor(max: number) {
    this.max = max
    this.#queue = new PermitQueue(max, `a semaphore of ${max}`)
    this.available = Effect.sync(() => this.#queue.available)
  }

  readonly withPermit = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    this.#checked(undefined, (permits) => this.#holding(permits, effect))

  readonly withPermits =
    (permits: number) =>
    <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | InvalidPermits, R> =>
      this.#checked(permits, () => this.#holding(permits, effect))

  readonly withPermitOrFail = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SemaphoreEmpty, R> =>
    Effect.acquireUseRelease(
      this.acquireOrFail(),
      () => effect,
      () => Effect.orDie(this.#release(1))
    )

  readonly acquireScoped = (permits?: number): Effect.Effect<void, never, Scope.Scope> =>
    this.#checked(permits, (count) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(this.#take(count, restore), () => Effect.addFinalizer(() => Effect.orDie(this.#release(count))))
      )
    )

  readonly acquire = (permits?: number): Effect.Effect<void> =>
    this.#checked(permits, (count) => Effect.uninterruptibleMask((restore) => this.#take(count, restore)))

  readonly tryAcquire = (permits?: number): Effect.Effect<boolean> =>
    this.#checked(permits, (count) => Effect.succeed(this.#queue.tryTake(count)))

  readonly acquireOrFail = (permits?: number): Effect.Effect<void, SemaphoreEmpty> =>
    this.#checked(permits, (count) => (this.#queue.tryTake(count) ? Effect.void : this.#empty))

  readonly acquireWithin = (
    timeout: Duration.Input,
    permits?: number
  ): Effect.Effect<void, SemaphoreEmpty | InvalidTimeout> =>
    this.#checked(permits, (count) =>
      Effect.flatMap(timeLimit(timeout), (within) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(this.#queue.take({ permits: count, within }, restore), (taken) =>
            taken ? Effect.void : this.#empty
          )
        )
      )
    )

  readonly release = (permits?: number): Effect.Effect<void, SemaphoreFull> =>
    this.#checked(permits, (count) => this.#release(count))

  readonly #empty = Effect.suspend(() => Effect.fail(new SemaphoreEmpty({ max: this.max })))

  #holding<A, E, R>(permits: number, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#take(permits, restore), () =>
        Effect.onExit(restore(effect), () => Effect.orDie(this.#release(permits)))
      )
    )
  }

  #take(permits: number, restore: Restore): Effect.Effect<void> {
    return Effect.asVoid(this.#queue.take({ permits }, restore))
  }

  #release(permits: number): Effect.Effect<void, SemaphoreFull> {
    return Effect.uninterruptible(
      Effect.suspend(() => {
        const { available, max } = this.#queue
        return available + permits > max
          ? Effect.fail(new SemaphoreFull({ permits: available, max }))
          : this.#queue.giveUnsafe(permits)
      })
    )
  }

  /**
   * Checks a count at the time the operation runs. The error of a count that was given is in the overload's type; one
   * permit can only be too many of a semaphore of none, and that is a defect.
   */
  #checked<A, E, R>(
    permits: number | undefined,
    operation: (permits: number) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const count = permits ?? 1
      if (isCount(count, 1, this.max)) return operation(count)
      const invalid = new InvalidPermits({ permits: count, min: 1, max: this.max })
      return permits === undefined ? Effect.die(invalid) : (Effect.fail(invalid) as Effect.Effect<never>)
    })
  }
}
