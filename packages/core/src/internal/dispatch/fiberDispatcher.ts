/**
 * The dispatcher of fiber pools: a semaphore in front of the caller's own thread.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Drained, DrainOptions, PoolControl, RunOptions } from "../../Pool.ts"
import { millis } from "../options.ts"
import { PoolClosed } from "../poolErrors.ts"
import { probeOf } from "./CallProbe.ts"
import { withTimeout } from "./run.ts"
import type { PoolSize } from "./StaffOptions.ts"
import { sizeOf } from "./settings.ts"

type Task = Effect.Effect<unknown, unknown>

export interface FiberDispatcher {
  readonly run: (name: string, task: Task, options: RunOptions | undefined) => Task
  /** The most of what would be workers elsewhere. */
  readonly size: () => number
  readonly control: PoolControl
}

export const fiberDispatcher = (
  initial: PoolSize,
  concurrency: number
): Effect.Effect<FiberDispatcher, never, Scope.Scope> =>
  Effect.gen(function* () {
    let size = initial
    const permits = yield* Semaphore.make(size.max * concurrency)
    // Tasks are fibers of the pool and not of their callers: they end with the pool's scope.
    const fibers = yield* FiberSet.make<unknown, unknown>()
    let closed = false
    let draining = false
    // Finalizers run last to first: the pool is closed before its fibers are interrupted.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
      })
    )
    const counts = { queued: 0, running: 0, completed: 0 }
    /** Since the drain began. */
    const drained = { finished: 0, unfinished: 0 }
    const wasClosed = (exit: Exit.Exit<unknown, unknown>) =>
      closed && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)

    const exchange = (name: string, task: Task, onStart: () => void): Task =>
      Effect.uninterruptibleMask((restore) => {
        if (closed || draining) return Effect.fail(new PoolClosed({ task: name }))
        let started = false
        counts.queued++
        const start = Effect.sync(() => {
          started = true
          counts.queued--
          counts.running++
          onStart()
        })
        const end = (exit: Exit.Exit<unknown, unknown>) => {
          if (draining) {
            if (wasClosed(exit)) drained.unfinished++
            // One that its caller has withdrawn counts for nothing.
            else if (Exit.isSuccess(exit) || !Cause.hasInterruptsOnly(exit.cause)) drained.finished++
          }
          if (!started) return void counts.queued--
          counts.running--
          counts.completed++
        }
        const work = Effect.interruptible(permits.withPermit(Effect.andThen(start, task)))
        return Effect.flatMap(FiberSet.run(fibers, work), (fiber) => {
          fiber.addObserver(end)
          return restore(Fiber.await(fiber)).pipe(
            Effect.onInterrupt(() => Fiber.interrupt(fiber)),
            Effect.flatMap((exit) => (wasClosed(exit) ? Effect.fail(new PoolClosed({ task: name })) : exit))
          )
        })
      })

    const close = Effect.suspend(() => {
      closed = true
      return FiberSet.clear(fibers)
    })

    const drain = (options?: DrainOptions) =>
      Effect.gen(function* () {
        const { deadline } = options ?? {}
        const limit = deadline === undefined ? undefined : yield* millis("deadline", deadline)
        draining = true
        const ended = FiberSet.awaitEmpty(fibers)
        const orElse = () => Effect.andThen(close, ended)
        yield* limit === undefined ? ended : Effect.timeoutOrElse(ended, { duration: Duration.millis(limit), orElse })
        return { ...drained } satisfies Drained
      })

    const started = Effect.suspend(() =>
      closed || draining ? Effect.fail(new PoolClosed({ task: "ready" })) : Effect.void
    )

    return {
      size: () => size.max,
      run: (name, task, options) =>
        Effect.suspend(() => {
          let phase: "queued" | "running" = "queued"
          const onStart = () => {
            phase = "running"
          }
          const probed = probeOf(options)?.around(task) ?? task
          return withTimeout(exchange(name, probed, onStart), name, options?.timeout, () => phase)
        }),
      control: {
        ready: started,
        warmUp: started,
        resize: (input) =>
          Effect.flatMap(sizeOf(input), (resized) => {
            size = resized
            return permits.resize(size.max * concurrency)
          }),
        drain,
        stats: Effect.sync(() => ({
          place: "fiber",
          size: size.max,
          minSize: size.min,
          waiting: 0,
          ...counts,
          crashed: 0,
          restarts: 0,
          recycled: 0,
          workers: []
        }))
      }
    }
  })
