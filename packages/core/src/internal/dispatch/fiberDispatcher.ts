/**
 * The dispatcher of fiber pools: a semaphore in front of the caller's own thread.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as Stream from "effect/Stream"
import type { PoolStats, RunOptions } from "../../Pool.ts"
import { wallClock } from "../context/wallClock.ts"
import { PoolClosed } from "../poolErrors.ts"
import type { PoolEvent, TaskOutcome } from "../poolEvents.ts"
import { probeOf } from "./CallProbe.ts"
import { type MetricsOption, registerMetrics } from "./metrics.ts"
import { withTimeout } from "./run.ts"
import { PoolWatch } from "./watch.ts"

type Task = Effect.Effect<unknown, unknown>

export interface FiberDispatcher {
  readonly events: Stream.Stream<PoolEvent>
  readonly run: (name: string, task: Task, options: RunOptions | undefined) => Task
  readonly stats: Effect.Effect<PoolStats>
}

export const fiberDispatcher = (
  size: number,
  concurrency: number,
  metrics: MetricsOption | undefined
): Effect.Effect<FiberDispatcher, never, Scope.Scope> =>
  Effect.gen(function* () {
    const permits = yield* Semaphore.make(size * concurrency)
    // Tasks are fibers of the pool and not of their callers: they end with the pool's scope.
    let wanted: PoolWatch | undefined
    const rewatch = () => {
      wanted = watch.isWanted ? watch : undefined
    }
    const watch = new PoolWatch(metrics !== undefined && metrics !== false, () => [], rewatch)
    rewatch()
    yield* Effect.addFinalizer(() => Effect.sync(() => watch.events.end()))
    const fibers = yield* FiberSet.make<unknown, unknown>()
    let closed = false
    // Finalizers run last to first: the pool is closed before its fibers are interrupted.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
      })
    )
    const counts = { queued: 0, running: 0, completed: 0 }

    yield* registerMetrics(metrics, "fiber", {
      queued: () => counts.queued,
      running: () => counts.running,
      capacity: size * concurrency,
      completed: () => counts.completed,
      crashed: () => 0,
      restarts: () => 0,
      times: watch.times
    })

    const exchange = (name: string, task: Task, onStart: () => void): Task =>
      Effect.uninterruptibleMask((restore) => {
        const record = wanted?.queued(name)
        if (closed) record?.settled("refused", "PoolClosed")
        if (closed) return Effect.fail(new PoolClosed({ task: name }))
        let started = false
        counts.queued++
        const start = Effect.sync(() => {
          started = true
          counts.queued--
          counts.running++
          record?.started(undefined, wallClock())
          onStart()
        })
        const end = (exit: Exit.Exit<unknown, unknown>) => {
          record?.settled(outcomeOf(exit), undefined)
          if (!started) return void counts.queued--
          counts.running--
          counts.completed++
        }
        const work = Effect.interruptible(permits.withPermit(Effect.andThen(start, task)))
        return Effect.flatMap(FiberSet.run(fibers, work), (fiber) => {
          fiber.addObserver(end)
          return restore(Fiber.await(fiber)).pipe(
            Effect.onInterrupt(() => Fiber.interrupt(fiber)),
            Effect.flatMap((exit) =>
              closed && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
                ? Effect.fail(new PoolClosed({ task: name }))
                : exit
            )
          )
        })
      })

    return {
      run: (name, task, options) =>
        Effect.suspend(() => {
          let phase: "queued" | "running" = "queued"
          const onStart = () => {
            phase = "running"
          }
          const probed = probeOf(options)?.around(task) ?? task
          return withTimeout(exchange(name, probed, onStart), name, options?.timeout, () => phase)
        }),
      events: watch.events.stream,
      stats: Effect.sync(() => ({ place: "fiber", size, ...counts, crashed: 0, restarts: 0, workers: [] }))
    }
  })

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): TaskOutcome => {
  if (Exit.isSuccess(exit)) return "succeeded"
  if (Cause.hasFails(exit.cause)) return "failed"
  return Cause.hasDies(exit.cause) ? "died" : "interrupted"
}
