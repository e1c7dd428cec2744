/**
 * Faults on purpose, for the workers of a real pool, in tests: kill the worker of the third task, stop the one of the
 * seventh for a while, let every tenth task fail; and books that show what became of each task.
 *
 * **When to use**
 *
 * To see what your program makes of a worker that dies, hangs or is slow, before production does. Wrap the pool
 * ({@link wrap}, {@link layer}), run the program as it is, and let {@link Ledger} check that no task was lost.
 *
 * **Details**
 *
 * A {@link Plan} says which task meets which fault. Tasks are numbered from 1, in the order in which the wrapped pool accepts
 * them. A fault strikes when its task is given to a worker, before it begins there; `kill`, `stop`, `memory` and `exit` can
 * wait for a while (`after`), to strike in the midst of it. `slow` and `fail` work in every place; the others need workers.
 *
 * With one task a worker (`concurrency: 1`, the default) a fault hurts its own task only, and the same plan hurts the same
 * tasks each time, if the program calls in the same order. Otherwise the tasks beside the struck one fail with it.
 *
 * Lineage: Netflix's Chaos Monkey for killing workers, Jepsen's nemesis for faults as a schedule beside the program and for
 * a history that is checked after it. Different from both: a fault is aimed at a task, so a found bug is replayed by its
 * plan, a line of text.
 *
 * **Gotchas**
 *
 * Faults are real: a thread or process dies, and what its task had done until then stays done. Times are real too, except
 * on fibers, where `slow` follows Effect's clock.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import type { ChaosUnsupported, LedgerUnbalanced } from "../internal/chaos/errors.ts"
import type { Fault } from "../internal/chaos/Fault.ts"
import { check, guard } from "../internal/chaos/guard.ts"
import type { Entry, Report } from "../internal/chaos/Ledger.ts"
import { explicit, formatPlan, lookup, type Plan, parsePlan, type Strike } from "../internal/chaos/Plan.ts"
import { wrapPool } from "../internal/chaos/wrap.ts"
import type { InvalidOption, Pool, ServiceClass } from "../Pool.ts"

export { ChaosUnsupported, InjectedFailure, LedgerUnbalanced } from "../internal/chaos/errors.ts"
export type { Fault } from "../internal/chaos/Fault.ts"
export type { Entry, Outcome, Report } from "../internal/chaos/Ledger.ts"
export type { ExplicitPlan, Plan, RandomPlan, Strike } from "../internal/chaos/Plan.ts"

/**
 * When a fault strikes.
 *
 * @since 0.1.0
 */
export interface When {
  /**
   * So long after the task was given to its worker, if it still runs there; otherwise the fault misses. Default: 0, before
   * the task begins.
   */
  readonly after?: Duration.Input | undefined
}

/**
 * The worker is killed: a process by SIGKILL, a thread by `terminate()`. Its task fails with `WorkerCrashed`.
 *
 * @since 0.1.0
 */
export const kill = (when?: When): Fault => ({ kind: "kill", after: afterOf(when) })

/**
 * The worker stands still for a time, and then goes on: a process by SIGSTOP and SIGCONT, a thread by waiting. Its task is
 * late, and may meet its timeout.
 *
 * @since 0.1.0
 */
export const stop = (time: Duration.Input, when?: When): Fault => ({
  kind: "stop",
  millis: millisOf(time),
  after: afterOf(when)
})

/**
 * The task starts later, or its answer leaves later. Other tasks of its worker go on.
 *
 * @since 0.1.0
 */
export const slow = (by: {
  readonly start?: Duration.Input | undefined
  readonly answer?: Duration.Input | undefined
}): Fault => ({ kind: "slow", start: millisOf(by.start ?? 0), answer: millisOf(by.answer ?? 0) })

/**
 * The worker fills its heap to the limit. Its task fails with `WorkerCrashed`, reason `OutOfMemory`. The pool needs a
 * `heapLimit`.
 *
 * @since 0.1.0
 */
export const memory = (when?: When): Fault => ({ kind: "memory", after: afterOf(when) })

/**
 * The task is not run, and dies with {@link InjectedFailure}. Its worker stays.
 *
 * @since 0.1.0
 */
export const fail = (): Fault => ({ kind: "fail" })

/**
 * `process.exit(code)` in the worker, a code from 0 to 255. Its task fails with `WorkerCrashed`, reason `Exited`.
 *
 * @since 0.1.0
 */
export const exit = (code: number, when?: When): Fault => ({ kind: "exit", code, after: afterOf(when) })

/**
 * A fault for one task, by its number from 1.
 *
 * @since 0.1.0
 */
export const at = (task: number, fault: Fault): Strike => ({ task, fault })

/**
 * A plan that names each task and its fault. What makes no sense in it (task 0, two faults for one task, a negative time) is
 * said by {@link wrap}, as `InvalidOption`.
 *
 * **Example** (A plan, its text, and back)
 *
 * ```ts
 * import * as Chaos from "@ropewalk/core/testing/Chaos"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const plan = Chaos.plan([
 *   Chaos.at(3, Chaos.kill()),
 *   Chaos.at(7, Chaos.stop("200 millis", { after: "50 millis" })),
 *   Chaos.at(9, Chaos.slow({ answer: "1 second" }))
 * ])
 *
 * assert.equal(Chaos.format(plan), "3:kill 7:stop(200)+50 9:slow(0,1000)")
 * assert.deepEqual(await Effect.runPromise(Chaos.parse(Chaos.format(plan))), plan)
 * ```
 *
 * @since 0.1.0
 */
export const plan = (strikes: Iterable<Strike>): Plan => explicit(strikes)

/**
 * A plan that strikes a share (`rate`, from 0 to 1) of all tasks, each with one of `faults`. Which task meets which fault
 * depends on the seed and on the task's number, and on nothing else: the same seed, the same faults.
 *
 * **Example** (What a seed stands for)
 *
 * ```ts
 * import * as Chaos from "@ropewalk/core/testing/Chaos"
 * import assert from "node:assert/strict"
 *
 * const plan = Chaos.random({ seed: 3, rate: 0.2, faults: [Chaos.kill(), Chaos.fail()] })
 *
 * assert.equal(Chaos.format(plan), "seed=3 rate=0.2 kill fail")
 * assert.equal(Chaos.format(Chaos.unfold(plan, 20)), "5:fail 19:kill")
 * ```
 *
 * @since 0.1.0
 */
export const random = (options: {
  /** A whole number. */
  readonly seed: number
  readonly rate: number
  readonly faults: ReadonlyArray<Fault>
}): Plan => ({ kind: "random", seed: options.seed, rate: options.rate, faults: options.faults })

/**
 * What a plan has for the first `tasks` tasks, named one by one: to read it, or to leave parts of it out.
 *
 * @since 0.1.0
 */
export const unfold = (plan: Plan, tasks: number): Plan => {
  const faultOf = lookup(plan)
  const numbers = Array.from({ length: tasks }, (_, index) => index + 1)
  return explicit(
    numbers.flatMap((task) => {
      const fault = faultOf(task)
      return fault === undefined ? [] : [{ task, fault }]
    })
  )
}

/**
 * A plan as one line, as `3:kill 7:stop(200)`: what {@link parse} reads. Times are in milliseconds.
 *
 * @since 0.1.0
 */
export const format = (plan: Plan): string => formatPlan(plan)

/**
 * The plan that a line says. Fails with `InvalidOption`, which names what it could not read or what makes no sense.
 *
 * @since 0.1.0
 */
export const parse = (text: string): Effect.Effect<Plan, InvalidOption> => parsePlan(text)

/**
 * The books of a wrapped pool. As a service it is what {@link layer} gives beside the pool.
 *
 * @since 0.1.0
 */
export class Ledger extends Context.Service<
  Ledger,
  {
    /** What was accepted, settled, retried and lost until now, and which faults struck. */
    readonly report: Effect.Effect<Report>
    /** The tasks that were accepted, are not settled, and are not in the pool any more. */
    readonly lost: Effect.Effect<ReadonlyArray<Entry>>
    /**
     * The end of a test: every task that was accepted has been settled, and none twice. Fails with `LedgerUnbalanced`, which
     * names the tasks, their faults, and the plan that replays them. A task that still runs counts as not settled.
     */
    readonly check: Effect.Effect<Report, LedgerUnbalanced>
    /**
     * Runs a program, and then `check`. A program that waits for a lost task would wait for ever: it is interrupted, and
     * the whole fails with `LedgerUnbalanced`, about two seconds after the loss.
     */
    readonly guard: <A, E, R>(program: Effect.Effect<A, E, R>) => Effect.Effect<A, E | LedgerUnbalanced, R>
  }
>()("@ropewalk/core/testing/Chaos/Ledger") {}

/**
 * A pool that suffers, and its books.
 *
 * @since 0.1.0
 */
export interface Wrapped<in out R extends Rpc.Any> {
  readonly pool: Pool<R>
  readonly ledger: Ledger["Service"]
}

/**
 * Puts a plan's faults, and a ledger, around a pool. The wrapped pool is used in the place of the other; when the scope closes
 * nothing is struck any more, and workers that stand still go on.
 *
 * Fails with `ChaosUnsupported` if the plan has a fault that the pool can't suffer: `kill`, `stop`, `memory` and `exit` on
 * fibers, `memory` without a `heapLimit`, `stop` of a process on Windows, any fault of a pool that is not one of this
 * library. Fails with `InvalidOption` if the plan makes no sense.
 *
 * **Example** (The second task fails)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as Chaos from "@ropewalk/core/testing/Chaos"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Sums extends RpcGroup.make(
 *   Rpc.make("Add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number })
 * ) {}
 *
 * const program = Effect.gen(function* () {
 *   const inner = yield* FiberPool.make(Sums)
 *   const { ledger, pool } = yield* Chaos.wrap(inner, Chaos.plan([Chaos.at(2, Chaos.fail())]))
 *   const add = pool.run("Add", { a: 1, b: 2 })
 *   assert.equal(yield* add, 3)
 *   const again = Effect.retry(Effect.catchDefect(add, Effect.fail), { times: 1 })
 *   assert.equal(yield* again, 3)
 *   const { accepted, outcomes, retried, settled, struck } = yield* ledger.check
 *   assert.deepEqual([accepted, settled, retried], [3, 3, 1])
 *   assert.deepEqual([outcomes.succeeded, outcomes.died], [2, 1])
 *   assert.equal(Chaos.format(struck), "2:fail")
 * })
 *
 * const handlers = Sums.toLayer({ Add: ({ a, b }) => Effect.succeed(a + b) })
 * await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers)))
 * ```
 *
 * @since 0.1.0
 */
export const wrap = <R extends Rpc.Any>(
  pool: Pool<R>,
  plan: Plan
): Effect.Effect<Wrapped<R>, InvalidOption | ChaosUnsupported, Scope.Scope> =>
  Effect.map(wrapPool(pool, plan), (wrapped) => ({ pool: wrapped.pool, ledger: ledgerOf(wrapped.report) }))

/**
 * {@link wrap} as a layer: it takes the pool of a service, and gives the wrapped one in its place, with its {@link Ledger}.
 * The program asks for the pool as ever.
 *
 * **Example** (A program that knows nothing of it)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as Pool from "@ropewalk/core/Pool"
 * import * as Chaos from "@ropewalk/core/testing/Chaos"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Sums extends RpcGroup.make(
 *   Rpc.make("Add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number })
 * ) {}
 * class SumPool extends Pool.Service<SumPool>()("app/SumPool", Sums) {}
 *
 * const program = Effect.gen(function* () {
 *   const pool = yield* SumPool
 *   return yield* pool.run("Add", { a: 1, b: 2 })
 * })
 *
 * // Of ThreadPool or ProcessPool, and with Chaos.kill(), where there are workers to kill.
 * const handlers = Sums.toLayer({ Add: ({ a, b }) => Effect.succeed(a + b) })
 * const pool = FiberPool.layer(SumPool).pipe(Layer.provide(handlers))
 * const slow = Chaos.plan([Chaos.at(1, Chaos.slow({ start: "5 millis" }))])
 * const test = Effect.gen(function* () {
 *   assert.equal(yield* program, 3)
 *   const ledger = yield* Chaos.Ledger
 *   assert.equal((yield* ledger.check).settled, 1)
 * })
 *
 * await Effect.runPromise(Effect.provide(test, Chaos.layer(SumPool, slow).pipe(Layer.provide(pool))))
 * ```
 *
 * @since 0.1.0
 */
export const layer = <Self, const Id extends string, R extends Rpc.Any>(
  service: ServiceClass<Self, Id, R>,
  plan: Plan
): Layer.Layer<Self | Ledger, InvalidOption | ChaosUnsupported, Self> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const { ledger, pool } = yield* wrap(yield* service, plan)
      return Context.make(Ledger, ledger).pipe(Context.add(service, pool))
    })
  )

const ledgerOf = (report: Effect.Effect<Report>): Ledger["Service"] => ({
  report,
  lost: Effect.map(report, ({ lost }) => lost),
  check: check(report),
  guard: (program) => guard(report, program)
})

const afterOf = (when: When | undefined): number => millisOf(when?.after ?? 0)

/** What is no duration becomes no number, which the check of the plan finds. */
const millisOf = (input: Duration.Input): number =>
  Option.match(Duration.fromInput(input), { onNone: () => Number.NaN, onSome: Duration.toMillis })
