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
import type { PoolStats, RunOptions } from "../../Pool.ts"
import { PoolClosed } from "../poolErrors.ts"
import { probeOf } from "./CallProbe.ts"
import { withTimeout } from "./run.ts"

type Task = Effect.Effect<unknown, unknown>

export interface FiberDispatcher {
  readonly run: (name: string, task: Task, options: RunOptions | undefined) => Task
  readonly stats: Effect.Effect<PoolStats>
}

export const fiberDispatcher = (
  size: number,
  concurrency: number
): Effect.Effect<FiberDispatcher, never, Scope.Scope> =>
  Effect.gen(function* () {
    const permits = yield* Semaphore.make(size * concurrency)
    // Tasks are fibers of the pool and not of their callers: they end with the pool's scope.
    const fibers = yield* FiberSet.make<unknown, unknown>()
    let closed = false
    // Finalizers run last to first: the pool is closed before its fibers are interrupted.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
      })
    )
    const counts = { queued: 0, running: 0, completed: 0 }

    const exchange = (name: string, task: Task, onStart: () => void): Task =>
      Effect.uninterruptibleMask((restore) => {
        if (closed) return Effect.fail(new PoolClosed({ task: name }))
        let started = false
        counts.queued++
        const start = Effect.sync(() => {
          started = true
          counts.queued--
          counts.running++
          onStart()
        })
        const end = () => {
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
      stats: Effect.sync(() => ({ place: "fiber", size, ...counts, crashed: 0, restarts: 0, workers: [] }))
    }
  })
