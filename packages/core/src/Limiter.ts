/**
 * A limit as a value: how many may run at a time, how many may start in so much time, or both.
 *
 * **When to use**: where several parts of a program share one limit, as the connections of a database or the requests that a
 * service takes in a minute. Make it once and put it around whatever is to count: any Effect, also a call of a pool, a
 * stage of a pipeline, a child of a `TaskScope`. Where each of many keys has a limit of its own (a host, a customer) use
 * {@link keyed}. To let tasks of one pool run at a time, give the pool a size; for permits that one fiber takes and another
 * gives back, use a `BoundedSemaphore`.
 *
 * **Lineage**: Trio's `CapacityLimiter`, which is handed to whatever starts threads; the rate limiters of API clients.
 *
 * **What differs**: the rate holds for every stretch of time, not only for those that begin at the full second: a bucket of
 * tokens, or a fixed window, lets through nearly twice its limit around a border. Permits and rate are one value with one
 * queue, first come, first served. Keys that nobody uses are forgotten.
 *
 * A limit holds in one thread. What waits can be interrupted and leaves nothing behind.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { InvalidOption } from "./internal/errors.ts"
import { keyedLimiter, limiter, limitsOf } from "./internal/limit/limiter.ts"

/** @since 0.1.0 */
export { InvalidOption } from "./internal/errors.ts"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Limiter"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Limiter"

/**
 * A limit; see {@link make} and {@link keyed}.
 *
 * @since 0.1.0
 */
export interface Limiter {
  readonly [TypeId]: TypeId

  /** What dumps call it. */
  readonly name: string

  /**
   * Waits for its turn and runs the effect; the permit comes back however that ends: result, failure, defect or interrupt.
   *
   * **Gotchas**: an effect that needs the same limiter inside waits for ever when all permits are taken by such effects.
   */
  withPermit<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>

  /** {@link withPermit} if that needs no waiting: `None` when the effect did not run. */
  tryWithPermit<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R>

  /** Waits for its turn, and holds the permit until the scope closes. */
  readonly acquireScoped: Effect.Effect<void, never, Scope.Scope>

  /** How many could start now without waiting: none while somebody waits. */
  readonly available: Effect.Effect<number>

  /** How many have entered and not ended. */
  readonly running: Effect.Effect<number>

  /** How many wait for their turn. */
  readonly waiting: Effect.Effect<number>
}

/**
 * Limits of one kind for many keys; see {@link keyed}.
 *
 * @since 0.1.0
 */
export interface Keyed<in K> {
  /**
   * The limiter of a key, which costs nothing to ask for and can be kept: it looks the key up when it is used. Keys are
   * compared as those of a `Map`.
   */
  of(key: K): Limiter

  /** How many keys are known: in use, or with a start that the rate still counts. */
  readonly size: Effect.Effect<number>
}

/**
 * How many may run at a time, how many may start in so much time, or both.
 *
 * @since 0.1.0
 */
export type Options = Permits | Rate

/**
 * At most `permits` at a time.
 *
 * @since 0.1.0
 */
export interface Permits {
  readonly permits: number
  readonly limit?: undefined
  readonly per?: undefined
  /** What dumps call it. */
  readonly name?: string | undefined
}

/**
 * At most `limit` starts in any stretch of `per`, and at most `permits` at a time if these are given. A start takes 8 bytes
 * for as long as it counts.
 *
 * @since 0.1.0
 */
export interface Rate {
  readonly limit: number
  readonly per: Duration.Input
  readonly permits?: number | undefined
  /** What dumps call it. */
  readonly name?: string | undefined
}

/**
 * Makes a limiter.
 *
 * Fails with {@link InvalidOption} unless `permits` and `limit` are whole numbers of at least 1, and `per` is a duration of
 * at least a millisecond.
 *
 * **Example** (at most two at a time, and who waits)
 *
 * ```ts
 * import * as Limiter from "@ropewalk/core/Limiter"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const limiter = yield* Limiter.make({ permits: 2 })
 *   const seen: Array<number> = []
 *   const visit = Effect.gen(function* () {
 *     seen.push(yield* limiter.running)
 *     yield* Effect.yieldNow
 *   })
 *   yield* Effect.all(Array.from({ length: 5 }, () => limiter.withPermit(visit)), { concurrency: "unbounded" })
 *   assert.equal(Math.max(...seen), 2)
 *   assert.equal(yield* limiter.available, 2)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * **Example** (at most three starts in a second)
 *
 * ```ts
 * import * as Limiter from "@ropewalk/core/Limiter"
 * import * as Effect from "effect/Effect"
 * import * as Option from "effect/Option"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const limiter = yield* Limiter.make({ limit: 3, per: "1 second" })
 *   const requests = yield* Effect.all(Array.from({ length: 4 }, () => limiter.tryWithPermit(Effect.succeed("ok"))))
 *   assert.deepEqual(requests.map(Option.isSome), [true, true, true, false])
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Limiter, InvalidOption> =>
  Effect.map(limitsOf(options), (limits) => limiter(limits, options.name ?? "a limiter"))

/**
 * Makes one limiter for each key, all with the same limits.
 *
 * Memory is bounded by the keys in use and those that were used within `per`. Fails as {@link make} does.
 *
 * **Example** (two requests at a time to each host, ten in all)
 *
 * ```ts
 * import * as Limiter from "@ropewalk/core/Limiter"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const all = yield* Limiter.make({ permits: 10 })
 *   const hosts = yield* Limiter.keyed<string>({ permits: 2 })
 *   const fetch = (url: URL) =>
 *     Effect.as(hosts.size, url.host).pipe(all.withPermit, hosts.of(url.host).withPermit)
 *   const pages = ["https://a.example/1", "https://a.example/2", "https://b.example/"].map((url) => new URL(url))
 *   assert.deepEqual(yield* Effect.forEach(pages, fetch, { concurrency: "unbounded" }), ["a.example", "a.example", "b.example"])
 *   assert.equal(yield* hosts.size, 0)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const keyed = <K>(options: Options): Effect.Effect<Keyed<K>, InvalidOption> =>
  Effect.map(limitsOf(options), (limits) => keyedLimiter<K>(limits, options.name ?? "a limiter"))
