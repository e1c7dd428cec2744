/**
 * What a group of children comes to: a policy as a value, which fixes the types of the result, of the errors and of what a time
 * limit adds.
 *
 * **When to use**: as an argument of `TaskScope.run` and `TaskScope.join`.
 *
 * | joiner             | its result                                  | when it is decided                                  |
 * | ------------------ | ------------------------------------------- | --------------------------------------------------- |
 * | {@link all}        | every value, in the order of the forks      | at the first failure, or when all have ended        |
 * | {@link settle}     | every exit, in the order of the forks       | when all have ended                                 |
 * | {@link first}      | the first value                             | at the first success                                |
 * | {@link race}       | what the first to end ended with            | at the first end                                    |
 * | {@link quorum}     | `n` values, in the order in which they came | at the `n`-th success, or when it can't come to that |
 * | {@link until}      | the exits so far                            | when the predicate says so                          |
 * | {@link collect}    | values and failures so far                  | at the `max`-th success, or when the time is up     |
 * | {@link discard}    | nothing                                     | at the first failure, unless a handler takes it     |
 * | {@link make}       | yours                                       | yours                                               |
 *
 * Once it is decided, the other children are interrupted, and they have ended when the result is there.
 *
 * **Lineage**: `StructuredTaskScope.Joiner` of Java (JEP 505 and 525), which took over from its `ShutdownOnFailure` and
 * `ShutdownOnSuccess`; `conc`'s pools; Kotlin's `coroutineScope` is {@link all}, its `supervisorScope` {@link settle}.
 *
 * **What differs**: a decision that is a failure stops the body of the scope too, not only its children, so that it needs no
 * check of its own. Of failures none is lost that the policy doesn't leave out by its nature: {@link all} gathers them in
 * one `Cause`. A defect in the finalizer of a child that was told to stop fails the scope, whatever the joiner.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { NotEnough, ScopeTimeout } from "./internal/scope/errors.ts"
import * as joiners from "./internal/scope/joiners.ts"

/** @since 0.1.0 */
export { NotEnough, ScopeTimeout } from "./internal/scope/errors.ts"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Joiner"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Joiner"

/**
 * A policy for children that succeed with `A` or fail with `E`: the scope's result is `B`, or fails with `E2`. `T` is what it
 * may fail with besides when it has a time limit.
 *
 * @since 0.1.0
 */
export interface Joiner<in A, in E, out B, out E2, out T = ScopeTimeout> {
  readonly [TypeId]: TypeId

  /** What dumps call it. */
  readonly name: string

  /** Begins the join of one scope. `children`: how many there will be, where that is known, as in `TaskScope.join`. */
  readonly begin: (children: number | undefined) => Joining<A, E, B, E2, T>
}

/**
 * What a joiner keeps of one scope. All of it is synchronous.
 *
 * @since 0.1.0
 */
export interface Joining<in A, in E, out B, out E2, out T = ScopeTimeout> {
  /**
   * A child has ended. Called once for each, in the order in which they end, also for those that end after the decision:
   * these are `cancelled`, and a defect of theirs is the scope's to report, not the joiner's.
   */
  readonly onExit: (exit: Exit.Exit<A, E>, child: Ended) => Verdict

  /** All children have ended, and the body or the end of the scope wants to know what has come of it. */
  readonly result: () => Exit.Exit<B, E2>

  /** The time is up. Absent: the scope fails with {@link ScopeTimeout}. If it is there, the body is not stopped. */
  readonly onTimeout?: ((timeout: ScopeTimeout) => Exit.Exit<B, T>) | undefined

  /** Takes a failure, as part of the child that failed, which then succeeds with nothing. */
  readonly onFailure?: ((cause: Cause.Cause<E>, child: Named) => Effect.Effect<void>) | undefined
}

/**
 * What the end of a child means for the others: `continue`; `enough`, the result is known and the others are interrupted;
 * `failed`, the others and the body are.
 *
 * @since 0.1.0
 */
export type Verdict = "continue" | "enough" | "failed"

/**
 * A child, by its name and its place in the order of the forks, from 0.
 *
 * @since 0.1.0
 */
export interface Named {
  readonly name: string
  readonly index: number
}

/**
 * A child that has ended.
 *
 * @since 0.1.0
 */
export interface Ended extends Named {
  /** The scope had told it to stop before it ended. */
  readonly cancelled: boolean
}

/**
 * What {@link all} gives: `TaskScope.join` knows it, so that a tuple becomes a tuple of values and a record a record.
 *
 * @since 0.1.0
 */
export interface All<in A, in E, out B, out E2> extends Joiner<A, E, B, E2> {
  readonly shape: "values"
}

/**
 * What {@link settle} gives: `TaskScope.join` knows it, so that a tuple becomes a tuple of exits and a record a record.
 *
 * @since 0.1.0
 */
export interface Settle<in A, in E, out B> extends Joiner<A, E, B, never> {
  readonly shape: "exits"
}

/**
 * What {@link first} and {@link race} give. As {@link All}, it only helps `TaskScope.join` to infer its type.
 *
 * @since 0.1.0
 */
export interface One<in A, in E, out B, out E2> extends Joiner<A, E, B, E2> {
  readonly shape: "one"
}

/**
 * What {@link quorum} gives. As {@link All}, it only helps `TaskScope.join` to infer its type.
 *
 * @since 0.1.0
 */
export interface Some<in A, in E, out B, out E2> extends Joiner<A, E, B, E2> {
  readonly shape: "some"
}

/**
 * Every child has to succeed. The first that fails stops the others, and the scope fails with that failure and with all that
 * came while the others stopped, in one `Cause`. A child that was interrupted from elsewhere has failed.
 *
 * **Example** (one fails, and the other one's connection doesn't close)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Cause from "effect/Cause"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const user = Effect.andThen(Effect.yieldNow, Effect.fail("no such user"))
 * const orders = Effect.onInterrupt(Effect.never, () => Effect.die("the connection does not close"))
 *
 * const cause = await Effect.runPromise(Effect.sandbox(TaskScope.join({ user, orders }, Joiner.all())).pipe(Effect.flip))
 * assert.deepEqual(cause.reasons.filter(Cause.isFailReason).map((reason) => reason.error), ["no such user"])
 * assert.deepEqual(cause.reasons.filter(Cause.isDieReason).map((reason) => reason.defect), ["the connection does not close"])
 * ```
 *
 * @since 0.1.0
 */
export const all = <A, E>(): All<A, E, ReadonlyArray<A>, E> => joiners.all()

/**
 * Every child ends in its own way, and none stops another.
 *
 * @since 0.1.0
 */
export const settle = <A, E>(): Settle<A, E, ReadonlyArray<Exit.Exit<A, E>>> => joiners.settle()

/**
 * The first child that succeeds; the others are stopped. If none does, the scope fails with the failures of all in one
 * `Cause`, or with {@link NotEnough} if there was none.
 *
 * **Example** (the quickest of two mirrors, one of which is down)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const mirrors = [Effect.fail("down"), Effect.succeed("page")]
 * assert.equal(await Effect.runPromise(TaskScope.join(mirrors, Joiner.first())), "page")
 * ```
 *
 * @since 0.1.0
 */
export const first = <A, E>(): One<A, E, A, E | NotEnough> => joiners.first()

/**
 * The first child that ends, in whichever way; the others are stopped. Fails with {@link NotEnough} if there was none.
 *
 * @since 0.1.0
 */
export const race = <A, E>(): One<A, E, A, E | NotEnough> => joiners.race()

/**
 * The first `n` values, in the order in which they came; the others are stopped. Where the number of children is known, it
 * fails as soon as so many failed that `n` can't be reached, with their failures in one `Cause`; with {@link NotEnough}
 * if none failed and there were fewer. `n` is a whole number of at least 1: anything else is a defect, `InvalidOption`.
 *
 * @since 0.1.0
 */
export const quorum = <A, E>(n: number): Some<A, E, ReadonlyArray<A>, E | NotEnough> => joiners.quorum(n)

/**
 * All exits until the predicate says that it is enough, with that one, in the order of the forks; the others are stopped
 * and left out.
 *
 * @since 0.1.0
 */
export const until = <A, E>(
  predicate: (exit: Exit.Exit<A, E>, child: Named) => boolean
): Joiner<A, E, ReadonlyArray<Exit.Exit<A, E>>, never> => joiners.until(predicate)

/**
 * What {@link collect} has collected.
 *
 * @since 0.1.0
 */
export interface Collected<out A, out E> {
  /** In the order in which they came. */
  readonly values: ReadonlyArray<A>
  /** Of the children that failed by themselves, in the order in which they did. */
  readonly failures: ReadonlyArray<Cause.Cause<E>>
  /** The time was up before there were enough values and before all children had ended. */
  readonly timedOut: boolean
}

/**
 * At most `max` values, as they come, and what failed on the way: it is enough with the `max`-th value, with the last child,
 * or when the time is up, which is no error here. `max` is a whole number of at least 1: anything else is a defect,
 * `InvalidOption`.
 *
 * **Example** (what comes within 20 milliseconds)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const sources = [Effect.succeed("a"), Effect.never, Effect.succeed("c")]
 * const found = TaskScope.join(sources, Joiner.collect(3), { timeout: "20 millis" })
 * assert.deepEqual((await Effect.runPromise(found)).values, ["a", "c"])
 * ```
 *
 * @since 0.1.0
 */
export const collect = <A, E>(max: number): Joiner<A, E, Collected<A, E>, never, never> => joiners.collect(max)

/**
 * Keeps nothing of its children, however many there are: for servers, which never join them one by one. A failure fails the
 * scope, unless a handler takes it; the handler runs as part of the child and takes defects too. A child that was
 * interrupted from elsewhere has just ended.
 *
 * @since 0.1.0
 */
export const discard = <E = never>(options?: {
  readonly onFailure?: ((cause: Cause.Cause<E>, child: Named) => Effect.Effect<void>) | undefined
}): Joiner<unknown, E, void, E> => joiners.discard(options?.onFailure)

/**
 * Makes a joiner of your own.
 *
 * **Example** (the sum of what succeeds, and no more than a hundred)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import * as Exit from "effect/Exit"
 * import assert from "node:assert/strict"
 *
 * const sum = Joiner.make<number, unknown, number, never>("sum", () => {
 *   let total = 0
 *   return {
 *     onExit: (exit) => {
 *       if (Exit.isSuccess(exit)) total += exit.value
 *       return total < 100 ? "continue" : "enough"
 *     },
 *     result: () => Exit.succeed(total)
 *   }
 * })
 * const numbers = [Effect.succeed(60), Effect.fail("none"), Effect.succeed(50), Effect.never]
 * assert.equal(await Effect.runPromise(TaskScope.join(numbers, sum)), 110)
 * ```
 *
 * @since 0.1.0
 */
export const make = <A, E, B, E2, T = ScopeTimeout>(
  name: string,
  begin: (children: number | undefined) => Joining<A, E, B, E2, T>
): Joiner<A, E, B, E2, T> => joiners.make(name, begin)
