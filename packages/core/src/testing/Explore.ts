/**
 * Runs a program under thousands of schedules, finds the one that breaks it, and replays it from a string.
 *
 * **When to use**: in the tests of anything in which fibers meet: locks, queues, caches, pools, shutdown. A test that runs
 * once sees one order of events, nearly always the same; the bug that shows once a month in production is in another.
 * {@link check} fails with a report; `it.explore` of `@ropewalk/core/testing/Vitest` is the same as a test.
 *
 * **Lineage**: stateless model checking (VeriSoft), CHESS and its bound on preemptions, PCT (Burckhardt et al. 2010), and
 * Shuttle, Loom and Coyote, which do this for Rust and .NET. It works here since a program on Effect can be given its
 * scheduler, its clock and its randomness.
 *
 * **What differs**: nothing is rewritten and no type is wrapped: any Effect will do, whatever it uses. Whatever Effect's
 * runtime does between two operations of a fiber is a place where another fiber may go on, `Effect.sleep` takes no time,
 * and a program is looked at for more than its result: fibers that outlive it, scopes that nobody closed, a standstill.
 *
 * **Gotchas**: a run is synchronous: what waits for a real timer, a promise or a thread is found to escape, by name, and
 * has to be replaced by a test's service. All state has to be made inside of the program, or the runs share it. A fiber
 * that another one wakes goes on at once, in the step of the one that woke it, for its first two operations, as in
 * Effect itself. Real programs give way only where they wait and every 2,048 operations: some schedules are rarer than
 * others, and none is impossible.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { exhaustive as exhaustiveStrategy } from "../internal/explore/exhaustive.ts"
import * as Checks from "../internal/explore/fibers/checks.ts"
import { CurrentRun } from "../internal/explore/fibers/currentRun.ts"
import { type Replay, replayOf } from "../internal/explore/fibers/exploreProgram.ts"
import type { ExploreFailed, Report } from "../internal/explore/fibers/Report.ts"
import { shared as sharedObject } from "../internal/explore/fibers/shared.ts"
import { pct as pctStrategy } from "../internal/explore/pct.ts"
import { random as randomStrategy } from "../internal/explore/random.ts"
import type { ScheduleInvalid } from "../internal/explore/Schedule.ts"
import type { Strategy as EngineStrategy } from "../internal/explore/Strategy.ts"
import { touched } from "../internal/touched.ts"

/**
 * `format` says a report in text, as the message of `ExploreFailed` does.
 *
 * @since 0.1.0
 */
export { ExploreFailed, format, Report } from "../internal/explore/fibers/Report.ts"
/**
 * The text given to {@link replay}, or as `EXPLORE_REPLAY`, is no schedule.
 *
 * @since 0.1.0
 */
export { ScheduleInvalid } from "../internal/explore/Schedule.ts"

/**
 * How the next fiber is chosen: {@link random}, {@link pct}, {@link exhaustive} or {@link replay}.
 *
 * @since 0.1.0
 */
export type Strategy = EngineStrategy | Replay

/**
 * What to run, how often, and what has to hold.
 *
 * @since 0.1.0
 */
export interface Options<A, E> {
  /** {@link random} when absent. `EXPLORE_REPLAY` in the environment goes before it. */
  readonly strategy?: Strategy | undefined
  /** Runs at most, 10,000 when absent. */
  readonly schedules?: number | undefined
  /** The same seed makes the same schedules, on any machine; 0 when absent. `EXPLORE_SEED` goes before it. */
  readonly seed?: number | undefined
  /** A run that takes so many steps is a livelock; 10,000 when absent. From half of them on every fiber has its turn. */
  readonly maxSteps?: number | undefined
  /** How long to look; no limit when absent. To shrink what was found may take as long again. */
  readonly timeBudget?: Duration.Input | undefined
  /**
   * Runs each schedule twice and compares: a program that is offered other choices the second time depends on something
   * that Explore does not control, and is found as an `escape`.
   */
  readonly twice?: boolean | undefined
  /** Checked at every step: `false`, or a throw, is a finding. To check what a run made, see {@link invariant}. */
  readonly invariant?: (() => unknown) | undefined
  /** Judges how a run ended: `false`, or a throw, is a finding. When absent, anything but a success is one. */
  readonly expect?: ((exit: Exit.Exit<A, E>) => unknown) | undefined
  /** Fibers may outlive the program, as those of `Effect.forkDetach` do; a finding when absent. */
  readonly mayLeak?: boolean | undefined
}

/**
 * A program that needs services is given the layers that make them: in each run anew.
 *
 * @since 0.1.0
 */
export type Arguments<A, E, R> = [Exclude<R, Scope.Scope>] extends [never]
  ? [options?: Options<A, E>]
  : [options: Options<A, E> & { readonly layers: Layer.Layer<Exclude<R, Scope.Scope>, unknown> }]

/**
 * Explores a program, in a scope of its own, and fails with a report if some schedule breaks it. The report of a success
 * says how much was looked at.
 *
 * **Example** (an update that is lost)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 * import * as Ref from "effect/Ref"
 *
 * const twoDeposits = Effect.gen(function* () {
 *   const balance = yield* Ref.make(0)
 *   const deposit = Effect.gen(function* () {
 *     const before = yield* Ref.get(balance)
 *     yield* Ref.set(balance, before + 1)
 *   })
 *   yield* Effect.all([deposit, deposit], { concurrency: "unbounded" })
 *   return yield* Ref.get(balance)
 * })
 *
 * const failed = await Effect.runPromise(
 *   Effect.flip(Explore.check(twoDeposits, { expect: (exit) => assert.equal(exit.toString(), "Success(2)") }))
 * )
 * assert.equal(failed._tag, "ExploreFailed")
 * ```
 *
 * @since 0.1.0
 */
export const check = <A, E, R = never>(
  effect: Effect.Effect<A, E, R>,
  ...options: Arguments<A, E, R>
): Effect.Effect<Report, ExploreFailed | ScheduleInvalid> => Effect.flatMap(run(effect, ...options), Checks.failIfFound)

/**
 * Explores a program and reports, whatever was found.
 *
 * **Example** (two locks in two orders)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 * import * as Semaphore from "effect/Semaphore"
 *
 * const crossed = Effect.gen(function* () {
 *   const a = yield* Semaphore.make(1)
 *   const b = yield* Semaphore.make(1)
 *   const both = (first: Semaphore.Semaphore, second: Semaphore.Semaphore) =>
 *     first.withPermit(second.withPermit(Effect.void))
 *   yield* Effect.all([both(a, b), both(b, a)], { concurrency: "unbounded", discard: true })
 * })
 *
 * const report = await Effect.runPromise(Explore.run(crossed))
 * assert.equal(report.finding?.kind, "deadlock")
 *
 * const again = await Effect.runPromise(Explore.run(crossed, { strategy: Explore.replay(report.schedule!) }))
 * assert.equal(again.finding?.kind, "deadlock")
 * ```
 *
 * @since 0.1.0
 */
export const run = <A, E, R = never>(
  effect: Effect.Effect<A, E, R>,
  ...[options]: Arguments<A, E, R>
): Effect.Effect<Report, ScheduleInvalid> => Checks.run(effect, options)

/**
 * Explores a program that has to end in the same way under every schedule: with equal values (`effect/Equal`), or with
 * equal causes.
 *
 * **Example** (whoever is first)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * const first = Effect.suspend(() => {
 *   const order: Array<string> = []
 *   const arrive = (name: string) => Effect.andThen(Effect.yieldNow, Effect.sync(() => order.push(name)))
 *   return Effect.as(Effect.all([arrive("a"), arrive("b")], { concurrency: "unbounded" }), order)
 * })
 *
 * const failed = await Effect.runPromise(Effect.flip(Explore.deterministic(first)))
 * assert.equal(failed._tag === "ExploreFailed" && failed.report.finding?.kind, "difference")
 * ```
 *
 * @since 0.1.0
 */
export const deterministic = <A, E, R = never>(
  effect: Effect.Effect<A, E, R>,
  ...[options]: Arguments<A, E, R>
): Effect.Effect<Report, ExploreFailed | ScheduleInvalid> =>
  Effect.flatMap(Checks.deterministic(effect, options), Checks.failIfFound)

/**
 * Explores a program that is interrupted, at each point of each schedule: what it acquired has to be released, and it
 * has to end, in a success or in that interrupt. The strategy is `exhaustive({ preemptions: 2 })` when absent: an
 * interrupt anywhere is one preemption.
 *
 * **Example** (a file that stays open)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * const open = new Set<number>()
 * const program = Effect.gen(function* () {
 *   open.clear()
 *   yield* Effect.sync(() => open.add(1))
 *   yield* Effect.yieldNow
 *   yield* Effect.sync(() => open.delete(1))
 * })
 *
 * const failed = await Effect.runPromise(
 *   Effect.flip(Explore.interrupts(program, { expect: () => assert.equal(open.size, 0, "a file is open") }))
 * )
 * assert.match(failed.message, /a file is open/)
 * ```
 *
 * @since 0.1.0
 */
export const interrupts = <A, E, R = never>(
  effect: Effect.Effect<A, E, R>,
  ...[options]: Arguments<A, E, R>
): Effect.Effect<Report, ExploreFailed | ScheduleInvalid> =>
  Effect.flatMap(Checks.interrupts(effect, options), Checks.failIfFound)

/**
 * Inside of a program that is explored: runs a part of it, and interrupts that part where the schedule chooses, or not at
 * all. What the part shares with the rest can be looked at afterwards.
 *
 * **Example** (a permit that is lost)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 * import * as Semaphore from "effect/Semaphore"
 *
 * const program = Effect.gen(function* () {
 *   const semaphore = yield* Semaphore.make(1)
 *   yield* Explore.interrupted(
 *     Effect.gen(function* () {
 *       yield* semaphore.take(1)
 *       yield* Effect.ensuring(Effect.yieldNow, semaphore.release(1))
 *     })
 *   )
 *   yield* semaphore.withPermit(Effect.void)
 * })
 *
 * const report = await Effect.runPromise(Explore.run(program))
 * assert.equal(report.finding?.kind, "deadlock")
 * ```
 *
 * @since 0.1.0
 */
export const interrupted: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Exit.Exit<A, E>, never, R> =
  Checks.interrupted

/**
 * Inside of a program that is explored: what has to hold at every step from here on. `false`, or a throw, is a finding.
 * Where nothing is explored, nothing is checked.
 *
 * **Example** (never two at once)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   let inside = 0
 *   yield* Explore.invariant("one at a time", () => inside <= 1)
 *   const visit = Effect.gen(function* () {
 *     yield* Effect.sync(() => inside++)
 *     yield* Effect.yieldNow
 *     yield* Effect.sync(() => inside--)
 *   })
 *   yield* Effect.all([visit, visit], { concurrency: "unbounded" })
 * })
 *
 * const report = await Effect.runPromise(Explore.run(program))
 * assert.deepEqual(report.finding, { kind: "invariant", message: "one at a time" })
 * ```
 *
 * @since 0.1.0
 */
export const invariant = (name: string, holds: () => unknown): Effect.Effect<void> =>
  Effect.flatMap(CurrentRun, (current) => Effect.sync(() => current?.addInvariant({ name, holds })))

/**
 * Inside of a program that is explored: a value that tells which fiber touches it, for {@link exhaustive} with `sharing:
 * "declared"`. To read a field reads the object, to set one writes it, and a method may do either; what its fields hold
 * is not looked into. Make it where the object is made. Otherwise, and where nothing is explored, it is the object.
 *
 * **Example** (a flag)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const door = Explore.shared({ isOpen: false })
 *   const open = Effect.sync(() => {
 *     door.isOpen = true
 *   })
 *   yield* Effect.all([open, open], { concurrency: "unbounded" })
 *   return door.isOpen
 * })
 *
 * const report = await Effect.runPromise(
 *   Explore.check(program, { strategy: Explore.exhaustive({ sharing: "declared" }) })
 * )
 * assert.equal(report.complete, true)
 * ```
 *
 * @since 0.1.0
 */
export const shared: <A extends object>(object: A) => A = sharedObject

/**
 * Inside of a program that is explored: the step under way touches this object; call it in the same step. For what
 * {@link shared} can't stand in for, like private fields. `"writes"` unless said otherwise; `"makes"` where the object is
 * made: the first step that touches an object of which nobody said that is taken to touch everything.
 *
 * **Example** (a counter of its own)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * class Counter {
 *   #count = 0
 *   constructor() {
 *     Explore.touch(this, "makes")
 *   }
 *   readonly next = Effect.sync(() => {
 *     Explore.touch(this)
 *     return ++this.#count
 *   })
 * }
 *
 * const program = Effect.suspend(() => {
 *   const counter = new Counter()
 *   return Effect.all([counter.next, counter.next], { concurrency: "unbounded" })
 * })
 *
 * const strategy = Explore.exhaustive({ sharing: "declared" })
 * const failed = await Effect.runPromise(Effect.flip(Explore.deterministic(program, { strategy })))
 * assert.equal(failed._tag === "ExploreFailed" && failed.report.finding?.kind, "difference")
 * ```
 *
 * @since 0.1.0
 */
export const touch: (object: object, how?: "makes" | "reads" | "writes") => void = touched

/**
 * A random walk: at each step every fiber that can run is as likely as the next. The best to begin with.
 *
 * **Example**
 *
 * ```ts
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * await Effect.runPromise(Explore.check(Effect.yieldNow, { strategy: Explore.random, seed: 7 }))
 * ```
 *
 * @since 0.1.0
 */
export const random: Strategy = randomStrategy

/**
 * Probabilistic concurrency testing: fibers have random priorities that change at `depth - 1` random points. Finds what
 * a random walk is unlikely to: bugs that need one fiber to run far ahead of another. A bug of that depth (so many
 * orderings of two steps) is found by each run with a probability of at least 1/(n·k^(depth-1)), for n fibers and k steps.
 *
 * **Example**
 *
 * ```ts
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * await Effect.runPromise(Explore.check(Effect.yieldNow, { strategy: Explore.pct({ depth: 3 }) }))
 * ```
 *
 * @since 0.1.0
 */
export const pct = (options: { readonly depth: number }): Strategy => pctStrategy(options)

/**
 * Every schedule, those with fewest preemptions first; `preemptions` limits them. What passes has no bug that so few
 * preemptions can show, and most bugs need one or two.
 *
 * With `sharing: "declared"`, of the schedules that differ only in the order of independent steps one is run: partial-order
 * reduction, often enough for all schedules without a bound. `distinct` of the report is the number of such classes.
 *
 * **Gotchas**: `"declared"` is a promise, that fibers share nothing but what is watched (`Ref`, `Deferred`, `Queue`,
 * `Semaphore`, fibers... docs/explore.md has the list) or declared by {@link shared} and {@link touch}. Where it isn't
 * kept, bugs are missed. Samples of it are checked: a difference is a finding, `undeclared`.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * const both = Effect.all([Effect.yieldNow, Effect.yieldNow], { concurrency: "unbounded" })
 * const report = await Effect.runPromise(Explore.check(both, { strategy: Explore.exhaustive() }))
 * assert.equal(report.complete, true)
 * ```
 *
 * @since 0.1.0
 */
export const exhaustive = (options?: {
  readonly preemptions?: number | undefined
  /** What fibers share: `"declared"` leaves out orders that make no difference, `"anything"` when absent. */
  readonly sharing?: "anything" | "declared" | undefined
}): Strategy => exhaustiveStrategy({ preemptions: options?.preemptions, reduces: options?.sharing === "declared" })

/**
 * One run, by the schedule that a report gave: `EXPLORE_REPLAY` in the environment does the same without an edit.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Explore from "@ropewalk/core/testing/Explore"
 * import * as Effect from "effect/Effect"
 *
 * const failed = await Effect.runPromise(
 *   Effect.flip(Explore.check(Effect.yieldNow, { strategy: Explore.replay("1-2-1") }))
 * )
 * assert.equal(failed._tag, "ScheduleInvalid")
 * ```
 *
 * @since 0.1.0
 */
export const replay: (schedule: string) => Strategy = replayOf
