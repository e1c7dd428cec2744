/**
 * A pool in front of a pool: the same interface, with faults and books.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { InvalidOption, Pool } from "../../Pool.ts"
import { probedPool, withProbe } from "../dispatch/CallProbe.ts"
import { mapSettledWith, mapWith } from "../dispatch/mapping/map.ts"
import { mapStreamWith } from "../dispatch/mapStream.ts"
import type { StreamRunner, TaskRunner } from "../dispatch/run.ts"
import { ChaosUnsupported } from "./errors.ts"
import { type Fault, formatFault } from "./Fault.ts"
import { type Booking, Ledger, type Report } from "./Ledger.ts"
import { checkPlan, faultsOf, lookup, type Plan } from "./Plan.ts"
import { failureOf, Striker } from "./Striker.ts"

export interface WrappedPool<in out R extends Rpc.Any> {
  readonly pool: Pool<R>
  readonly report: Effect.Effect<Report>
}

export const wrapPool = <R extends Rpc.Any>(
  pool: Pool<R>,
  plan: Plan
): Effect.Effect<WrappedPool<R>, InvalidOption | ChaosUnsupported, Scope.Scope> =>
  Effect.gen(function* () {
    yield* checkPlan(plan)
    yield* Effect.forEach(faultsOf(plan), (fault) => checkSupport(pool, fault), { discard: true })
    const ledger = new Ledger()
    const striker = yield* Effect.acquireRelease(
      Effect.sync(() => new Striker(pool.place, ledger)),
      (striker) => Effect.sync(() => striker.close())
    )
    const faultOf = lookup(plan)
    // Task by task: each is an entry of the ledger.
    const run = runnerOf(pool.run as TaskRunner, faultOf, ledger, striker)
    const stream = streamerOf(pool.stream as unknown as StreamRunner, faultOf, ledger, striker)
    const width = probedPool(pool)?.window ?? 2 * pool.size
    const window = () => width
    return {
      pool: {
        ...pool,
        get size() {
          return pool.size
        },
        get capacity() {
          return pool.capacity
        },
        run: run as Pool<R>["run"],
        map: mapWith(run, window) as Pool<R>["map"],
        mapSettled: mapSettledWith(run, window) as Pool<R>["mapSettled"],
        stream: stream as unknown as Pool<R>["stream"],
        mapStream: mapStreamWith(run, window) as unknown as Pool<R>["mapStream"]
      },
      report: Effect.map(pool.stats, ({ queued, running, waiting }) => ledger.report(queued + running + waiting === 0))
    }
  })

const runnerOf =
  (run: TaskRunner, faultOf: (task: number) => Fault | undefined, ledger: Ledger, striker: Striker): TaskRunner =>
  (tag, payload, options) => {
    // The same Effect, run again after it failed, is a retry.
    let failed: Booking | undefined
    return Effect.uninterruptibleMask((restore) => {
      const booking = ledger.accept(tag, failed?.task)
      const fault = faultOf(booking.task)
      const call = run(tag, payload, withProbe(options, striker.probe(booking, fault)))
      return Effect.onExit(restore(fault?.kind === "fail" ? keepingClass(call, booking) : call), (exit) =>
        Effect.sync(() => {
          failed = Exit.isFailure(exit) ? booking : undefined
          ledger.settle(booking, exit)
        })
      )
    })
  }

/** Each run of a stream is a task. It has succeeded when its consumer had enough, too. */
const streamerOf =
  (
    stream: StreamRunner,
    faultOf: (task: number) => Fault | undefined,
    ledger: Ledger,
    striker: Striker
  ): StreamRunner =>
  (tag, payload, options) =>
    Stream.suspend(() => {
      const booking = ledger.accept(tag, undefined)
      const call = stream(tag, payload, withProbe(options, striker.probe(booking, faultOf(booking.task))))
      return Stream.onExit(call, (exit) => Effect.sync(() => ledger.settle(booking, exit)))
    })

/** A defect loses its class on its way from a worker; this one is known. */
const keepingClass = (call: Effect.Effect<unknown, unknown>, booking: Booking): Effect.Effect<unknown, unknown> => {
  const failure = failureOf(booking)
  const isInjected = (defect: unknown) => defect instanceof Error && "_tag" in defect && defect._tag === failure._tag
  return Effect.catchDefect(call, (defect) => Effect.die(isInjected(defect) ? failure : defect))
}

const checkSupport = (pool: Pool<any>, fault: Fault): Effect.Effect<void, ChaosUnsupported> => {
  const reason = obstacle(pool, fault)
  return reason === undefined
    ? Effect.void
    : Effect.fail(new ChaosUnsupported({ fault: formatFault(fault), place: pool.place, reason }))
}

/** MiB. More than this takes long to fill, and may not be there. */
const largestHeap = 1024

const obstacle = (pool: Pool<any>, { kind }: Fault): string | undefined => {
  const probed = probedPool(pool)
  if (probed === undefined) {
    return "it was not made by FiberPool, ThreadPool or ProcessPool, or it is wrapped already: its tasks can't be reached"
  }
  if (pool.place === "fiber") {
    return kind === "slow" || kind === "fail"
      ? undefined
      : "a fiber shares its thread with the program, which would suffer it too; take a ThreadPool or a ProcessPool"
  }
  if (kind === "memory" && (probed.heapLimit === undefined || probed.heapLimit > largestHeap)) {
    return `a worker would fill the machine's memory first; give the pool a heapLimit of at most ${largestHeap} MiB`
  }
  if (kind === "stop" && pool.place === "process" && process.platform === "win32") {
    return "Windows has no signal that stops a process; take a ThreadPool"
  }
  return undefined
}
