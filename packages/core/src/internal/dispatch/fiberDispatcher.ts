/**
 * The dispatcher of fiber pools: a queue in front of the caller's own thread.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import type { PoolStats, RunOptions } from "../../Pool.ts"
import { callersTimeLeft, withTimeLeft } from "../deadline.ts"
import { PoolClosed } from "../poolErrors.ts"
import { probeOf } from "./CallProbe.ts"
import { type CallSettings, callSettings } from "./callSettings.ts"
import type { DispatcherOptions } from "./Dispatcher.ts"
import { FiberCall, FiberSlots } from "./FiberSlots.ts"
import { withTimeout } from "./run.ts"

type Task = Effect.Effect<unknown, unknown>

export interface FiberDispatcher {
  readonly run: (name: string, task: Task, options: RunOptions | undefined) => Task
  readonly stats: Effect.Effect<PoolStats>
}

export const fiberDispatcher = (options: DispatcherOptions): Effect.Effect<FiberDispatcher, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { concurrency, size } = options
    const slots = new FiberSlots(size, concurrency, options)
    // Tasks are fibers of the pool and not of their callers: they end with the pool's scope.
    const fibers = yield* FiberSet.make<unknown, unknown>()
    let closed = false
    // Finalizers run last to first: the pool is closed before its fibers are interrupted.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
        for (const call of slots.drain()) call.onRefused(new PoolClosed({ task: call.task }))
      })
    )
    const counts = { running: 0, completed: 0 }

    const exchange = (name: string, task: Task, settings: CallSettings, onStart: () => void): Task =>
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.callback<unknown, unknown>((resume) => {
          if (closed) return void resume(Effect.fail(new PoolClosed({ task: name })))
          let fiber: Fiber.Fiber<unknown, unknown> | undefined
          const start = () => {
            counts.running++
            onStart()
            // Under the scheduler, like any fiber that is forked; and no task runs within the end of another.
            fiber = Effect.runForkWith(context)(Effect.andThen(Effect.yieldNow, task))
            FiberSet.addUnsafe(fibers, fiber)
            fiber.addObserver((exit) => {
              counts.running--
              counts.completed++
              slots.ended(call)
              resume(closed && wasInterrupted(exit) ? Exit.fail(new PoolClosed({ task: name })) : exit)
            })
          }
          const call = new FiberCall(name, settings.priority, start, (error) => resume(Exit.fail(error)))
          slots.submit(call, settings.key)
          return Effect.suspend(() => {
            if (fiber !== undefined) return Fiber.interrupt(fiber)
            return Effect.sync(() => slots.remove(call))
          })
        })
      )

    return {
      run: (name, task, options) =>
        Effect.flatMap(callSettings(options, 0), (settings) =>
          Effect.flatMap(callersTimeLeft, (left) => {
            let phase: "queued" | "running" = "queued"
            const onStart = () => {
              phase = "running"
            }
            const probed = probeOf(options)?.around(task) ?? task
            const limited = withDeadline(probed, Math.min(left, settings.limit ?? Number.POSITIVE_INFINITY))
            const run = Effect.flatMap(limited, (task) => exchange(name, task, settings, onStart))
            return withTimeout(run, name, settings.limit, () => phase)
          })
        ),
      stats: Effect.sync(() => ({
        place: "fiber",
        size,
        queued: slots.queued,
        ...counts,
        crashed: 0,
        restarts: 0,
        workers: []
      }))
    }
  })

/** The task, which can ask how much is left of so many milliseconds from now. */
const withDeadline = (task: Task, millis: number): Effect.Effect<Task> =>
  millis === Number.POSITIVE_INFINITY
    ? Effect.succeed(task)
    : Effect.map(Clock.currentTimeMillis, (now) => {
        const left = Effect.map(Clock.currentTimeMillis, (later) => now + millis - later)
        return Effect.updateContext(task, (context: Context.Context<never>) => withTimeLeft(context, left))
      })

const wasInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
