/**
 * A group of tasks that ends as one: nothing that was started in it runs when it has ended.
 *
 * **When to use**: wherever something is done at the same time as something else. {@link join} for children that are known,
 * {@link run} for children that come as the body goes on: a server, a crawl. What comes of it is said by a `Joiner`. Where
 * the children are many and alike, use a pool or a pipeline; for those that live long and are started again, a supervisor.
 *
 * **Lineage**: Trio's nurseries ("go statement considered harmful", 2018), by way of Kotlin's `coroutineScope`, Python's
 * `TaskGroup` and Java's `StructuredTaskScope`, from which the joiners are.
 *
 * **What differs**: a child may be any Effect: a fiber, `pool.run(…)`, a `Thread` or a `Process` that it joins, all under one
 * deadline, which goes with the calls of pools to their workers (`WorkerMain.remainingTime`). Who lost a race has stopped
 * before the winner is told. Errors of children that fail while others stop are all in one `Cause`. {@link tree} says who
 * runs in which scope, since when, and waits for what.
 *
 * **Gotchas**: the body and the children are fibers of their own, so that a `Mutex` that the caller holds is not theirs. A
 * child that can't be interrupted is waited for, as long as it takes. An interrupt, a deadline and a decision of the joiner
 * all interrupt: a child cleans up in finalizers, and in {@link shield} what takes long.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { InvalidOption } from "./internal/errors.ts"
import { joinChildren } from "./internal/scope/collection.ts"
import type { ShieldExpired } from "./internal/scope/errors.ts"
import { formatLeaks as format, LeakListener, logLeaks } from "./internal/scope/leaks.ts"
import { runScope } from "./internal/scope/run.ts"
import { shield as shieldEffect } from "./internal/scope/shield.ts"
import * as scopeTree from "./internal/scope/tree.ts"
import type { All, Joiner, NotEnough, One, ScopeTimeout, Settle, Some } from "./Joiner.ts"
import type { Limiter } from "./Limiter.ts"

/** @since 0.1.0 */
export { InvalidOption } from "./internal/errors.ts"
/** @since 0.1.0 */
export { JoinsItself, NotEnough, ScopeClosed, ScopeTimeout, ShieldExpired } from "./internal/scope/errors.ts"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/TaskScope"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/TaskScope"

/**
 * What the body of {@link run} is given. There is no other way to open a child, so that none is opened outside of a scope; a
 * scope that escaped from its body and has ended refuses, with the defect `ScopeClosed`.
 *
 * @since 0.1.0
 */
export interface TaskScope<in A, in E, out B, out E2> {
  readonly [TypeId]: TypeId

  /** What errors and dumps call it. */
  readonly name: string

  /**
   * Starts a child. Whatever it acquires in its `Scope` is released when it ends. With a limiter this waits for a permit,
   * which the child holds until it has ended. Children may fork others in the same scope.
   *
   * Once the scope is decided, a child isn't started: its handle says that it was interrupted.
   */
  readonly fork: <A1 extends A, E1 extends E, R>(
    effect: Effect.Effect<A1, E1, R>,
    options?: ForkOptions
  ) => Effect.Effect<Child<A1, E1>, never, Exclude<R, Scope.Scope>>

  /**
   * Waits until all children have ended, and gives what the joiner makes of them. A body that doesn't ask has its scope fail
   * with what the joiner fails with; a success is dropped then. In a child it would wait for itself: the defect
   * `JoinsItself`.
   */
  readonly join: Effect.Effect<B, E2>

  /** Nothing more is wanted: interrupts all children and waits for their end. Those that are forked later don't start. */
  readonly cancel: Effect.Effect<void>
}

/**
 * One child, by itself. To ask it is optional: its failure is heard by the joiner.
 *
 * @since 0.1.0
 */
export interface Child<out A, out E> {
  readonly name: string
  /** Its place in the order of the forks, from 0. */
  readonly index: number
  /** Waits for its end. */
  readonly await: Effect.Effect<Exit.Exit<A, E>>
  /** Waits for its end, and ends in the same way. */
  readonly join: Effect.Effect<A, E>
  /** `None` while it runs. */
  readonly poll: Effect.Effect<Option.Option<Exit.Exit<A, E>>>
  /** Interrupts it and waits for its end. To the joiner that is a failure like any other. */
  readonly interrupt: Effect.Effect<Exit.Exit<A, E>>
}

/** @since 0.1.0 */
export interface ForkOptions {
  /** What errors and dumps call it; `child 0` and so on when absent. */
  readonly name?: string | undefined
  /** Instead of the scope's own. */
  readonly limiter?: Limiter | undefined
}

/** @since 0.1.0 */
export interface Options {
  /** What errors and dumps call it. */
  readonly name?: string | undefined
  /**
   * How long the whole may take, body and children. A deadline that it is under and that comes before is the one that is
   * heard.
   */
  readonly timeout?: Duration.Input | undefined
  /** How many children run at a time, or start in so much time: `fork` waits. It may be shared with others. */
  readonly limiter?: Limiter | undefined
}

/**
 * What a time limit adds to the errors: nothing if there is none.
 *
 * @since 0.1.0
 */
export type Timed<O, T> = "timeout" extends keyof O
  ? O["timeout" & keyof O] extends undefined
    ? never
    : T | InvalidOption
  : never

/**
 * Opens a scope, runs the body with it, and ends when the body and all children have. The result is the body's.
 *
 * Body and children are interrupted when the joiner says `failed`, when the time is up, and when whoever called this is
 * interrupted; the children alone when it says `enough`, and when the body fails. In each case their end is waited for. What
 * the body acquires in its `Scope` is released after the children.
 *
 * The type of what may be forked is the joiner's: `Joiner.all<number, HttpError>()`.
 *
 * **Example** (children that come as the body goes on)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const links: Record<string, ReadonlyArray<string>> = { "/": ["/a", "/b"], "/a": ["/a/1"], "/b": [], "/a/1": [] }
 *
 * const crawl = TaskScope.run(Joiner.all<string, never>(), (scope) => {
 *   const visit = (page: string): Effect.Effect<string> =>
 *     Effect.as(Effect.forEach(links[page]!, (link) => scope.fork(visit(link), { name: link })), page)
 *   return Effect.andThen(scope.fork(visit("/"), { name: "/" }), scope.join)
 * }, { name: "crawl" })
 *
 * assert.deepEqual(await Effect.runPromise(crawl), ["/", "/a", "/b", "/a/1"])
 * ```
 *
 * **Example** (a server that answers eight requests at a time, and goes on when one of them fails)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as Limiter from "@ropewalk/core/Limiter"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const failed: Array<string> = []
 * const answer = (request: number) => (request % 100 === 0 ? Effect.fail("no such page") : Effect.void)
 *
 * const server = Effect.gen(function* () {
 *   const limiter = yield* Limiter.make({ permits: 8 })
 *   const joiner = Joiner.discard<string>({ onFailure: (_, { name }) => Effect.sync(() => failed.push(name)) })
 *   yield* TaskScope.run(joiner, (scope) =>
 *     Effect.forEach(Array.from({ length: 250 }, (_, i) => i), (i) => scope.fork(answer(i), { name: `request ${i}` }), {
 *       discard: true
 *     }), { limiter })
 * })
 * await Effect.runPromise(server)
 * assert.deepEqual(failed, ["request 0", "request 100", "request 200"])
 * ```
 *
 * @since 0.1.0
 */
export const run: <A, E, B, E2, T, X, EB, R, const O extends Options = {}>(
  joiner: Joiner<A, E, B, E2, T>,
  body: (scope: TaskScope<A, E, B, E2>) => Effect.Effect<X, EB, R>,
  options?: O
) => Effect.Effect<X, EB | E2 | Timed<O, T>, Exclude<R, Scope.Scope>> = runScope as never

/**
 * Children that are known: an iterable of effects, a tuple, or a record by whose keys they are named.
 *
 * @since 0.1.0
 */
export type Children = Iterable<Effect.Effect<any, any, any>> | Readonly<Record<string, Effect.Effect<any, any, any>>>

type ChildOf<C> = Extract<C extends Iterable<infer X> ? X : C[keyof C], Effect.Effect<any, any, any>>
type Value<C> = Effect.Success<ChildOf<C>>
type Failure<C> = Effect.Error<ChildOf<C>>
type Needs<C> = Exclude<Effect.Services<ChildOf<C>>, Scope.Scope>
type Each<C, Exits extends boolean> = {
  -readonly [K in keyof C]: C[K] extends Effect.Effect<infer A, infer E, any>
    ? Exits extends true
      ? Exit.Exit<A, E>
      : A
    : never
}
type Values<C> =
  C extends ReadonlyArray<unknown> ? Each<C, false> : C extends Iterable<any> ? Array<Value<C>> : Each<C, false>
type Exits<C> =
  C extends ReadonlyArray<unknown>
    ? Each<C, true>
    : C extends Iterable<any>
      ? Array<Exit.Exit<Value<C>, Failure<C>>>
      : Each<C, true>

/**
 * Runs children together and ends when all of them have: what comes of it is the joiner's to say.
 *
 * With `Joiner.all()` and `Joiner.settle()` a tuple becomes a tuple, and a record a record. The joiner's types come from the
 * children. A child of a record is named by its key.
 *
 * **Example** (both, or none; and not for ever)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const user = Effect.succeed({ name: "Ada" })
 * const orders = Effect.succeed([1, 2])
 *
 * const page = TaskScope.join({ user, orders }, Joiner.all(), { name: "page", timeout: "2 seconds" })
 * assert.deepEqual(await Effect.runPromise(page), { user: { name: "Ada" }, orders: [1, 2] })
 *
 * const late = TaskScope.join({ user, orders: Effect.never }, Joiner.all(), { name: "page", timeout: "10 millis" })
 * const error = await Effect.runPromise(Effect.flip(late))
 * assert.equal(error._tag, "ScopeTimeout")
 * assert.match(error.message, /"page" had not ended after 10 ms: 1 child finished, 1 did not \(orders\)/)
 * ```
 *
 * @since 0.1.0
 */
export const join: {
  <const C extends Children, const O extends Options = {}>(
    children: C,
    joiner: All<Value<C>, Failure<C>, unknown, unknown>,
    options?: O
  ): Effect.Effect<Values<C>, Failure<C> | Timed<O, ScopeTimeout>, Needs<C>>
  <const C extends Children, const O extends Options = {}>(
    children: C,
    joiner: Settle<Value<C>, Failure<C>, unknown>,
    options?: O
  ): Effect.Effect<Exits<C>, Timed<O, ScopeTimeout>, Needs<C>>
  <const C extends Children, const O extends Options = {}>(
    children: C,
    joiner: One<Value<C>, Failure<C>, unknown, unknown>,
    options?: O
  ): Effect.Effect<Value<C>, Failure<C> | NotEnough | Timed<O, ScopeTimeout>, Needs<C>>
  <const C extends Children, const O extends Options = {}>(
    children: C,
    joiner: Some<Value<C>, Failure<C>, unknown, unknown>,
    options?: O
  ): Effect.Effect<ReadonlyArray<Value<C>>, Failure<C> | NotEnough | Timed<O, ScopeTimeout>, Needs<C>>
  <const C extends Children, B, E2, T, const O extends Options = {}>(
    children: C,
    joiner: Joiner<Value<C>, Failure<C>, B, E2, T>,
    options?: O
  ): Effect.Effect<B, E2 | Timed<O, T>, Needs<C>>
} = joinChildren as never

/**
 * Work that an interrupt does not stop at once: from then on it has `atMost`, and is stopped if it takes longer, with the error
 * {@link ShieldExpired}. Without an interrupt it has all the time it needs. What comes after it is interrupted then.
 *
 * For work that has to be brought to its end when its scope is stopped, and for finalizers that could hang: those of Effect
 * run uninterrupted for as long as they take.
 *
 * **Gotchas**: it runs in a fiber of its own.
 *
 * **Example** (the last lines are written)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const written: Array<string> = []
 * const flush = Effect.andThen(Effect.sleep("5 millis"), Effect.sync(() => written.push("last line")))
 * const log = TaskScope.shield(flush, { atMost: "1 second" })
 * const fails = Effect.andThen(Effect.yieldNow, Effect.fail("no"))
 * await Effect.runPromise(Effect.exit(TaskScope.join([log, fails], Joiner.all())))
 * assert.deepEqual(written, ["last line"])
 * ```
 *
 * @since 0.1.0
 */
export const shield: {
  (options: {
    readonly atMost: Duration.Input
  }): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ShieldExpired | InvalidOption, R>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options: { readonly atMost: Duration.Input }
  ): Effect.Effect<A, E | ShieldExpired | InvalidOption, R>
} = shieldEffect

/**
 * A scope that is open: see {@link tree}.
 *
 * @since 0.1.0
 */
export interface ScopeNode {
  readonly name: string
  readonly joiner: string
  /** How long it has been open, in milliseconds. */
  readonly millis: number
  /** How many children have ended. */
  readonly finished: number
  /** Its body, while that runs, and the children that run. */
  readonly members: ReadonlyArray<MemberNode>
}

/**
 * The body of a scope, or a child that runs.
 *
 * @since 0.1.0
 */
export interface MemberNode {
  readonly name: string
  readonly isBody: boolean
  /** It has been told to stop and has not ended. */
  readonly isStopping: boolean
  /** How long it has run, in milliseconds. */
  readonly millis: number
  /**
   * What its fibers wait for, as far as this library knows: a task of a pool, queued or at a worker, or a `map`; a lock,
   * semaphore or limiter by name; a child; the children of a scope; a `Thread` or `Process`; a tracker.
   */
  readonly waitsFor: ReadonlyArray<{ readonly what: string; readonly millis: number }>
  /** The scopes that it has opened. */
  readonly scopes: ReadonlyArray<ScopeNode>
}

/**
 * All scopes that are open in this thread: who runs in which, for how long, and waits for what. {@link render} draws it.
 *
 * Nothing is kept for it but the scopes themselves; where none is open, a wait is not even noted.
 *
 * **Example** (what a program is doing)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as Mutex from "@ropewalk/core/Mutex"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const mutex = yield* Mutex.make({ name: "accounts" })
 *   const user = Effect.as(mutex.withLock(Effect.void), "user")
 *   const look = Effect.map(Effect.delay(TaskScope.tree, "5 millis"), TaskScope.render)
 *   return yield* mutex.withLock(TaskScope.join({ look, user }, Joiner.first(), { name: "page" }))
 * })
 * const drawn = await Effect.runPromise(program)
 * assert.match(drawn, /^page \(first\), \d+ ms: 2 of 2 children run\n/)
 * assert.match(drawn, /├─ body, \d+ ms, waits for its children, 2 of which run/)
 * assert.match(drawn, /└─ user, \d+ ms, waits for the lock accounts/)
 * ```
 *
 * @since 0.1.0
 */
export const tree: Effect.Effect<ReadonlyArray<ScopeNode>> = scopeTree.tree

/**
 * Draws what {@link tree} says, a line for each scope and member.
 *
 * @since 0.1.0
 */
export const render: (scopes: ReadonlyArray<ScopeNode>) => string = scopeTree.render

/**
 * Writes the tree of this program whenever it gets the signal (`kill -USR2 <pid>`), until the scope closes. To standard error,
 * unless `write` is given. Fails with `InvalidOption` when the signal can't be listened to, as `SIGKILL`.
 *
 * @since 0.1.0
 */
export const dumpOnSignal = (
  signal: NodeJS.Signals,
  options?: { readonly write?: ((text: string) => void) | undefined }
): Effect.Effect<void, InvalidOption, Scope.Scope> => scopeTree.dumpOnSignal(signal, options?.write)

/**
 * What a scope has left behind: see {@link reportLeaks}.
 *
 * @since 0.1.0
 */
export interface LeakReport {
  readonly scope: string
  /** Children that still ran when the body had ended well, and that nobody had joined: forgotten, or meant so. */
  readonly unjoined: ReadonlyArray<string>
  /** Permits of locks, semaphores and limiters that a member took and that have not come back. */
  readonly held: ReadonlyArray<{ readonly member: string; readonly what: string; readonly permits: number }>
  /**
   * What keeps the program alive and came while the scope was open, by Node's names (`TCPServerWrap`, `Timeout`,
   * `ProcessWrap`, `MessagePort`): of an outermost scope only, and not always its own doing where others run beside it.
   */
  readonly resources: ReadonlyArray<{ readonly kind: string; readonly count: number }>
}

/**
 * For programs that are looked for leaks, and for tests: each scope that is opened inside tells what it leaves behind when it
 * closes. The report is logged as a warning, unless a listener is given; whoever leaves nothing behind is not heard of. Inside
 * of it {@link tree} knows of sleeps too.
 *
 * **Example** (a lock that is taken and not given back)
 *
 * ```ts
 * import * as Joiner from "@ropewalk/core/Joiner"
 * import * as Mutex from "@ropewalk/core/Mutex"
 * import * as TaskScope from "@ropewalk/core/TaskScope"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const reports: Array<TaskScope.LeakReport> = []
 * const program = Effect.gen(function* () {
 *   const mutex = yield* Mutex.make({ name: "accounts" })
 *   yield* TaskScope.join({ transfer: mutex.acquire }, Joiner.all())
 * })
 * await Effect.runPromise(TaskScope.reportLeaks(program, (report) => Effect.sync(() => reports.push(report))))
 * assert.deepEqual(reports[0]?.held, [{ member: "transfer", what: "the lock accounts", permits: 1 }])
 * ```
 *
 * @since 0.1.0
 */
export const reportLeaks = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  listener: (report: LeakReport) => Effect.Effect<void> = logLeaks
): Effect.Effect<A, E, R> => Effect.provideService(effect, LeakListener, listener)

/**
 * A leak report in words.
 *
 * @since 0.1.0
 */
export const formatLeaks: (report: LeakReport) => string = format
