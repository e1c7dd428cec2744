/**
 * Keeps long-lived children running: starts them in order, starts those that fail again, gives up when that does not help,
 * and stops them in the reverse order.
 *
 * **When to use**: for what a program runs as long as it runs, and what may fail and be as good as new after a restart: a
 * consumer, a connection, a cache that refreshes itself, a thread or a process of one's own. For work that ends with a
 * result take a `TaskScope`, where a failure is the caller's, and is not tried again; for many short tasks a pool, which
 * replaces its workers by itself.
 *
 * **Lineage**: OTP's `supervisor` and Elixir's `DynamicSupervisor`, rule by rule: strategies, kinds of children, intensity,
 * shutdown, significant children. What the rules are, and which test shows each, is in `internal/supervise/README.md`.
 *
 * **What differs**: a child is an Effect, or something that has a `join`, as a `Thread`, a `Process` or a `Supervisor`. A
 * restart may wait, by a `Schedule`; a child may be asked for its health. A supervisor that gives up has failed, with an error
 * that says why, and its parent treats it so. A fiber can't be killed: one that does not heed its interrupt is reported
 * ({@link ChildStuck}) and never started a second time beside itself. The rest is in the decision
 * `docs/adr/0013-supervision-as-in-otp.md`.
 *
 * **Gotchas**: a supervisor escalates by its {@link Supervisor.join}. Wait for that, or use {@link launch}, or make it a
 * child; what nobody waits for is logged.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { InvalidOption } from "./internal/errors.ts"
import type {
  ChildActive,
  ChildExists,
  ChildNotFound,
  ChildStartFailed,
  ChildStatus,
  ChildStuck,
  RestartIntensityReached,
  SupervisorStopped,
  TooManyChildren
} from "./internal/supervise/errors.ts"
import type { SupervisorEvent } from "./internal/supervise/events.ts"
import { dynamicSupervisor, supervisor } from "./internal/supervise/handles.ts"

export { InvalidOption } from "./internal/errors.ts"
export {
  AskedWhileStarting,
  ChildActive,
  ChildExists,
  ChildNotFound,
  ChildStartFailed,
  ChildStatus,
  ChildStuck,
  HealthCheckFailed,
  RestartIntensityReached,
  SupervisorStopped,
  TooManyChildren
} from "./internal/supervise/errors.ts"
/**
 * What happens to the children, as it happens: see {@link Supervisor.events}.
 *
 * @since 0.1.0
 */
export { SupervisorEvent } from "./internal/supervise/events.ts"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Supervisor"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Supervisor"

/**
 * Which children start again with one that has failed:
 *
 * - `oneForOne`: it alone.
 * - `oneForAll`: all.
 * - `restForOne`: it, and those that were added after it, which may depend on it.
 *
 * The others are stopped first, in the reverse of their order; then all start again in order. A temporary one among them is
 * stopped and forgotten. As in OTP, one that had ended or was terminated before starts with its group.
 *
 * @since 0.1.0
 */
export type Strategy = "oneForOne" | "oneForAll" | "restForOne"

/**
 * When a child starts again after it has ended by itself:
 *
 * - `permanent`: always.
 * - `transient`: when it failed. A result is an orderly end, and so is an interrupt.
 * - `temporary`: never. It is forgotten then, also when it was stopped.
 *
 * @since 0.1.0
 */
export type Restart = "permanent" | "transient" | "temporary"

/**
 * Whether the supervisor ends, in order, when significant children have ended by themselves and don't start again: the first
 * of them, or the last.
 *
 * @since 0.1.0
 */
export type AutoShutdown = "never" | "anySignificant" | "allSignificant"

/**
 * How long to wait before a child starts again. It is asked with how the child ended, and begins anew when the child has
 * run for as long as the period of the intensity. When it ends, the supervisor gives up.
 *
 * @since 0.1.0
 */
export type Backoff = Schedule.Schedule<unknown, Exit.Exit<unknown, unknown>>

/**
 * Something that runs and can be waited for, as a `Thread`, a `Process`, or a {@link Supervisor}.
 *
 * @since 0.1.0
 */
export interface Handle {
  /** Ends when it does, and as it does. */
  readonly join: Effect.Effect<unknown, unknown>
  /** Ends it without asking; what counts is that `join` ends then. What has none, as a fiber, can only be interrupted. */
  readonly kill?: Effect.Effect<unknown, unknown> | ((signal: "SIGKILL") => Effect.Effect<unknown, unknown>) | undefined
}

/**
 * What `start` of a child answers with: what it does from then on, or the handle of what is running.
 *
 * @since 0.1.0
 */
export type Body = Effect.Effect<unknown, unknown, any> | Handle

/**
 * A question that a child is asked now and then, while it runs.
 *
 * @since 0.1.0
 */
export interface Health<in Running, out R = never> {
  /**
   * Fails, or answers `false`, if the child is not well. It is given what `start` answered with. A check that is late is
   * interrupted, and has to heed that.
   */
  readonly check: (running: Running) => Effect.Effect<unknown, unknown, R>
  /** When to ask; the first time after the first delay. When it ends, the child is not asked any more. */
  readonly schedule: Schedule.Schedule<unknown, unknown>
  /** How long an answer may take; 5 seconds when absent. */
  readonly timeout?: Duration.Input | undefined
  /** After so many failures in a row the child is stopped, and counts as failed with `HealthCheckFailed`; 3 when absent. */
  readonly failures?: number | undefined
}

interface CommonOptions<Running, R> {
  /** How it is called, in errors and by `terminateChild`: one of its kind in a supervisor. */
  readonly id: string
  /** `permanent` when absent. */
  readonly restart?: Restart | undefined
  /**
   * How long it may take to end when it is told to. Then it is killed; what can't be killed is `stuck`. `brutal`: it is killed
   * at once; what has no `kill` is interrupted, and has 5 seconds. When absent: 5 seconds, and for a supervisor `infinity`.
   */
  readonly shutdown?: Duration.Input | "brutal" | "infinity" | undefined
  /** Whether its end counts for `autoShutdown`; it must not be `permanent` then. */
  readonly significant?: boolean | undefined
  /** That of the supervisor when absent; without either it starts again at once. */
  readonly backoff?: Backoff | undefined
  readonly health?: Health<Running, R> | undefined
}

/**
 * A child whose start has nothing to wait for: it is ready as soon as it has begun.
 *
 * @since 0.1.0
 */
export interface RunOptions<R, RH = never> extends CommonOptions<unknown, RH> {
  readonly run: Effect.Effect<unknown, unknown, R>
  readonly start?: undefined
}

/**
 * A child that takes some steps until it is ready.
 *
 * @since 0.1.0
 */
export interface StartOptions<Running, R, RH = never> extends CommonOptions<Running, RH> {
  /**
   * Runs at each start, in a scope that closes when the child has ended. The child is ready when this has succeeded, and the
   * next one starts only then. OTP: `start_link`, which returns when `init` has.
   */
  readonly start: Effect.Effect<Running, unknown, R>
  readonly run?: undefined
}

/** @since 0.1.0 */
export type ChildOptions<Running, R, RH> = RunOptions<R, RH> | StartOptions<Running, R, RH>

/**
 * A child to be, whatever it needs.
 *
 * @since 0.1.0
 */
export interface AnyChild {
  readonly id: string
  /** @internal */
  readonly options: ChildOptions<any, unknown, unknown>
}

/**
 * A child to be; see {@link child}. It needs the services `R`.
 *
 * @since 0.1.0
 */
export interface Child<out R = never> extends AnyChild {
  readonly [ChildTypeId]: (services: never) => R
}

declare const ChildTypeId: unique symbol

type Services<C> = C extends Child<infer R> ? R : never

/** What an effect that is answered with needs besides. */
type Needs<Running> = Running extends Effect.Effect<unknown, unknown, infer R> ? R : never

/**
 * Says what a child is. Nothing starts yet, and options are checked when it is added.
 *
 * **Example** (a child that is ready when it is connected)
 *
 * ```ts
 * import * as Supervisor from "@ropewalk/core/Supervisor"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const said: Array<string> = []
 * const say = (what: string) => Effect.sync(() => said.push(what))
 *
 * const connection = Supervisor.child({
 *   id: "connection",
 *   start: Effect.gen(function* () {
 *     yield* Effect.acquireRelease(say("connected"), () => say("disconnected"))
 *     return Effect.never
 *   })
 * })
 * const consumer = Supervisor.child({ id: "consumer", start: Effect.as(say("ready"), Effect.never) })
 *
 * await Effect.runPromise(Effect.scoped(Supervisor.make({ strategy: "restForOne", children: [connection, consumer] })))
 * assert.deepEqual(said, ["connected", "ready", "disconnected"])
 * ```
 *
 * @since 0.1.0
 */
export const child: {
  <R, RH = never>(options: RunOptions<R, RH>): Child<Exclude<R | RH, Scope.Scope>>
  <Running extends Body, R, RH = never>(
    options: StartOptions<Running, R, RH>
  ): Child<Exclude<R | RH | Needs<Running>, Scope.Scope>>
} = (options: ChildOptions<any, any, any>): Child<any> => ({ id: options.id, options }) as Child<any>

/** @since 0.1.0 */
export interface Options<Children extends ReadonlyArray<AnyChild> = ReadonlyArray<AnyChild>> {
  /** What errors and logs call it. */
  readonly name?: string | undefined
  /** In the order in which they start. More can be added by `startChild`, after these. */
  readonly children?: Children | undefined
  /** `oneForOne` when absent. */
  readonly strategy?: Strategy | undefined
  /**
   * If there would be more than so many restarts within so long, the supervisor gives up. A group that starts again counts
   * once, and so does each attempt that fails. As in OTP, 1 within 5 seconds when absent.
   */
  readonly intensity?: { readonly restarts: number; readonly within: Duration.Input } | undefined
  /** Of the children that have none of their own; without, they start again at once. */
  readonly backoff?: Backoff | undefined
  /** `never` when absent. */
  readonly autoShutdown?: AutoShutdown | undefined
}

/**
 * With what a supervisor gives up: too many restarts, or a child that does not end.
 *
 * @since 0.1.0
 */
export type SupervisorError = RestartIntensityReached | ChildStuck

/**
 * A child as it is now.
 *
 * @since 0.1.0
 */
export interface ChildInfo {
  readonly id: string
  readonly status: ChildStatus
  readonly restart: Restart
  readonly kind: "worker" | "supervisor"
  /** How often its supervisor has started it again. */
  readonly restarts: number
}

/**
 * How many children are known, how many of them are at work, and what they are.
 *
 * @since 0.1.0
 */
export interface ChildCounts {
  readonly specs: number
  readonly active: number
  readonly supervisors: number
  readonly workers: number
}

interface Observable {
  readonly [TypeId]: TypeId
  readonly name: string
  /**
   * Waits until the supervisor and all of its children have ended; fails if it gave up. May be asked any number of times;
   * interrupting the wait changes nothing.
   */
  readonly join: Effect.Effect<void, SupervisorError>
  /**
   * Stops the children in the reverse of their order, and returns when they have ended. So does the end of the scope, which
   * also says what did not end.
   */
  readonly shutdown: Effect.Effect<void>
  /** All children, in the order in which they start. */
  readonly whichChildren: Effect.Effect<ReadonlyArray<ChildInfo>>
  readonly countChildren: Effect.Effect<ChildCounts>
  /**
   * What happens from now on; begins with the children that are ready. Ends with the supervisor. A listener that is too slow
   * misses some, and is told how many. Costs nothing while nobody listens.
   */
  readonly events: Stream.Stream<SupervisorEvent>
}

/**
 * A running supervisor. What it is asked, it does one thing after the other, and not while it starts or stops a child.
 *
 * **Gotchas**: `start` of a child can't ask its own supervisor for anything, which waits for it: that dies with
 * {@link AskedWhileStarting}. What `start` answers with can. A finalizer of a child that is being stopped can't, either: it
 * waits until the child's time is up.
 *
 * @since 0.1.0
 */
export interface Supervisor extends Observable {
  /**
   * Adds a child after all others, and returns when it is ready. One that does not start is not added. Interrupted, it
   * stops what it has begun.
   */
  startChild<R>(
    child: Child<R>
  ): Effect.Effect<void, ChildExists | ChildStartFailed | SupervisorStopped | InvalidOption, R>
  /**
   * Stops a child, which then stays stopped, also if it was about to start again; a temporary one is forgotten. A child may ask
   * for its own end. A restart of its group that comes later starts it, as in OTP.
   */
  terminateChild(id: string): Effect.Effect<void, ChildNotFound | ChildStuck | SupervisorStopped>
  /** Starts a child that has ended or was terminated, and returns when it is ready. */
  restartChild(id: string): Effect.Effect<void, ChildNotFound | ChildActive | ChildStartFailed | SupervisorStopped>
  /** Forgets a child that has ended or was terminated. */
  deleteChild(id: string): Effect.Effect<void, ChildNotFound | ChildActive | SupervisorStopped>
}

/**
 * Starts a supervisor and its children, in order, and returns when all are ready. When the scope closes they are stopped in
 * the reverse order.
 *
 * Fails with `ChildStartFailed` when a child does not start, of whatever kind it is: those before it were stopped then. Fails with
 * `InvalidOption` for options that make no sense, and for two children of one id: nothing was started.
 *
 * **Gotchas**: the scope's end dies with {@link ChildStuck} when a child did not end in time and could not be killed.
 *
 * **Example** (a child that fails, and starts again)
 *
 * ```ts
 * import * as Supervisor from "@ropewalk/core/Supervisor"
 * import assert from "node:assert/strict"
 * import * as Deferred from "effect/Deferred"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const recovered = yield* Deferred.make<string>()
 *   let attempts = 0
 *   const flaky = Effect.suspend(() =>
 *     ++attempts === 1 ? Effect.fail("connection lost") : Effect.andThen(Deferred.succeed(recovered, "as good as new"), Effect.never)
 *   )
 *   yield* Supervisor.make({ children: [Supervisor.child({ id: "flaky", run: flaky })] })
 *   assert.equal(yield* Deferred.await(recovered), "as good as new")
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 *
 * **Example** (a supervisor of supervisors)
 *
 * ```ts
 * import * as Supervisor from "@ropewalk/core/Supervisor"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const database = Supervisor.make({
 *   name: "database",
 *   strategy: "oneForAll",
 *   children: [
 *     Supervisor.child({ id: "connection", run: Effect.never }),
 *     Supervisor.child({ id: "cache", run: Effect.never })
 *   ]
 * })
 *
 * const program = Effect.gen(function* () {
 *   const root = yield* Supervisor.make({ children: [Supervisor.child({ id: "database", start: database })] })
 *   const [first] = yield* root.whichChildren
 *   assert.deepEqual([first?.id, first?.kind, first?.status], ["database", "supervisor", "running"])
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 *
 * @since 0.1.0
 */
export const make = <const Children extends ReadonlyArray<AnyChild> = readonly []>(
  options: Options<Children>
): Effect.Effect<Supervisor, ChildStartFailed | InvalidOption, Scope.Scope | Services<Children[number]>> =>
  supervisor(options)

/**
 * Runs a supervisor as a program: until it ends by itself, or fails because it gave up, or is interrupted.
 *
 * **Example** (gives up, and says why)
 *
 * ```ts
 * import * as Supervisor from "@ropewalk/core/Supervisor"
 * import assert from "node:assert/strict"
 * import * as Cause from "effect/Cause"
 * import * as Effect from "effect/Effect"
 * import * as Logger from "effect/Logger"
 *
 * const broken = Supervisor.child({ id: "broken", run: Effect.fail("no disk") })
 * const program = Supervisor.launch({ children: [broken], intensity: { restarts: 2, within: "1 minute" } })
 *
 * const error = await Effect.runPromise(Effect.flip(program).pipe(Effect.provide(Logger.layer([]))))
 * assert(error._tag === "RestartIntensityReached")
 * assert.deepEqual([error.child, error.restarts, Cause.squash(error.cause)], ["broken", 2, "no disk"])
 * ```
 *
 * @since 0.1.0
 */
export const launch = <const Children extends ReadonlyArray<AnyChild> = readonly []>(
  options: Options<Children>
): Effect.Effect<
  void,
  SupervisorError | ChildStartFailed | InvalidOption,
  Exclude<Services<Children[number]>, Scope.Scope>
> => Effect.scoped(Effect.flatMap(make(options), ({ join }) => join))

/**
 * What the children of a {@link DynamicSupervisor} have in common.
 *
 * @since 0.1.0
 */
export interface DynamicOptions<in Input, out R> extends Omit<Options, "children" | "strategy"> {
  /** Makes a child for what `startChild` is given. Ids have to be different as long as the children are there. */
  readonly child: (input: Input) => Child<R>
  /** How many there may be at the same time; without a limit when absent. */
  readonly maxChildren?: number | undefined
}

/**
 * A supervisor of many children that are alike and don't depend on each other, as one for each connection. Each is
 * `oneForOne`, is forgotten when it has ended, and they are stopped all at once. OTP: `simple_one_for_one`.
 *
 * @since 0.1.0
 */
export interface DynamicSupervisor<in Input> extends Observable {
  /** Adds a child and returns its id when it is ready. One that does not start is not added. */
  startChild(
    input: Input
  ): Effect.Effect<string, ChildExists | TooManyChildren | ChildStartFailed | SupervisorStopped | InvalidOption>
  /** Stops a child, also one that is about to start again, and forgets it. */
  terminateChild(id: string): Effect.Effect<void, ChildNotFound | ChildStuck | SupervisorStopped>
}

/**
 * Starts a supervisor without children, for children of one template.
 *
 * **Example** (a child for each room)
 *
 * ```ts
 * import * as Supervisor from "@ropewalk/core/Supervisor"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const rooms = yield* Supervisor.makeDynamic({
 *     child: (name: string) => Supervisor.child({ id: name, restart: "transient", run: Effect.never }),
 *     maxChildren: 2
 *   })
 *   yield* rooms.startChild("red")
 *   yield* rooms.startChild("blue")
 *   assert.equal((yield* Effect.flip(rooms.startChild("green")))._tag, "TooManyChildren")
 *   yield* rooms.terminateChild("red")
 *   assert.deepEqual((yield* rooms.whichChildren).map(({ id }) => id), ["blue"])
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 *
 * @since 0.1.0
 */
export const makeDynamic = <Input, R = never>(
  options: DynamicOptions<Input, R>
): Effect.Effect<DynamicSupervisor<Input>, InvalidOption, R | Scope.Scope> => dynamicSupervisor(options)
