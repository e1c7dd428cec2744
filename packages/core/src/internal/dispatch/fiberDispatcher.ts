/**
 * The dispatcher of fiber pools: the queue of a pool of workers, in front of the caller's own thread.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import type { Drained, DrainOptions, PoolControl, RunOptions } from "../../Pool.ts"
import { wallClock } from "../context/wallClock.ts"
import { callersTimeLeft, withTimeLeft } from "../deadline.ts"
import { millis } from "../options.ts"
import { PoolClosed } from "../poolErrors.ts"
import type { TaskOutcome } from "../poolEvents.ts"
import { noteWait } from "../scope/Member.ts"
import { probeOf } from "./CallProbe.ts"
import { type CallSettings, callSettings } from "./callSettings.ts"
import type { DispatcherOptions } from "./Dispatcher.ts"
import { FiberCall, FiberSlots } from "./FiberSlots.ts"
import { type MetricsOption, registerMetrics } from "./metrics.ts"
import { withTimeout } from "./run.ts"
import { sizeOf } from "./settings.ts"
import { PoolWatch } from "./watch.ts"

type Task = Effect.Effect<unknown, unknown>

export interface FiberDispatcher {
  readonly run: (name: string, task: Task, options: RunOptions | undefined) => Task
  /** The most of what would be workers elsewhere. */
  readonly size: () => number
  readonly control: PoolControl
}

export const fiberDispatcher = (
  options: DispatcherOptions,
  metrics: MetricsOption | undefined
): Effect.Effect<FiberDispatcher, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { concurrency } = options
    let { size } = options
    const slots = new FiberSlots(size.max, concurrency, options)
    // Tasks are fibers of the pool and not of their callers: they end with the pool's scope.
    let wanted: PoolWatch | undefined
    const rewatch = () => {
      wanted = watch.isWanted ? watch : undefined
    }
    const watch = new PoolWatch(options.timed, () => [], rewatch)
    rewatch()
    yield* Effect.addFinalizer(() => Effect.sync(() => watch.events.end()))
    const fibers = yield* FiberSet.make<unknown, unknown>()
    const idle = yield* Deferred.make<void>()
    let closed = false
    let draining = false
    const counts = { running: 0, completed: 0 }
    /** Since the drain began. */
    const drained = { finished: 0, unfinished: 0 }

    const close = () => {
      closed = true
      for (const call of slots.drain()) {
        if (draining) drained.unfinished++
        call.onRefused(new PoolClosed({ task: call.task }))
      }
      settleIdle()
    }
    // Finalizers run last to first: the pool is closed before its fibers are interrupted.
    yield* Effect.addFinalizer(() => Effect.sync(close))

    const settleIdle = () => {
      if (draining && counts.running + slots.queued + slots.waiting === 0) Deferred.doneUnsafe(idle, Exit.void)
    }

    const wasClosed = (exit: Exit.Exit<unknown, unknown>) => closed && wasInterrupted(exit)

    const ended = (call: FiberCall, exit: Exit.Exit<unknown, unknown>): void => {
      counts.running--
      counts.completed++
      if (draining) {
        if (wasClosed(exit)) drained.unfinished++
        // One that its caller has withdrawn counts for nothing.
        else if (!wasInterrupted(exit)) drained.finished++
      }
      slots.ended(call)
      settleIdle()
    }

    yield* registerMetrics(metrics, "fiber", {
      queued: () => slots.queued + slots.waiting,
      running: () => counts.running,
      capacity: () => size.max * concurrency,
      completed: () => counts.completed,
      crashed: () => 0,
      restarts: () => 0,
      times: watch.times
    })

    const exchange = (name: string, task: Task, settings: CallSettings, onStart: () => void): Task =>
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.callback<unknown, unknown>((resume) => {
          if (closed || draining) return void resume(Effect.fail(new PoolClosed({ task: name })))
          const record = wanted?.queued(name)
          let fiber: Fiber.Fiber<unknown, unknown> | undefined
          const forget = noteWait(() => `the task ${name}${fiber === undefined ? ", queued" : ", which runs"}`)
          const start = () => {
            counts.running++
            record?.started(undefined, wallClock())
            onStart()
            // Under the scheduler, like any fiber that is forked; and no task runs within the end of another.
            fiber = Effect.runForkWith(context)(Effect.andThen(Effect.yieldNow, task))
            FiberSet.addUnsafe(fibers, fiber)
            fiber.addObserver((exit) => {
              record?.settled(outcomeOf(exit), undefined)
              ended(call, exit)
              forget?.()
              resume(wasClosed(exit) ? Exit.fail(new PoolClosed({ task: name })) : exit)
            })
          }
          const call = new FiberCall(name, settings.priority, start, (error) => {
            record?.settled("refused", error._tag)
            forget?.()
            resume(Exit.fail(error))
          })
          slots.submit(call, settings.key)
          return Effect.suspend(() => {
            if (fiber !== undefined) return Fiber.interrupt(fiber)
            return Effect.sync(() => {
              slots.remove(call)
              record?.settled("interrupted", undefined)
              forget?.()
              settleIdle()
            })
          })
        })
      )

    const drain = (options?: DrainOptions) =>
      Effect.gen(function* () {
        const { deadline } = options ?? {}
        const limit = deadline === undefined ? undefined : yield* millis("deadline", deadline)
        draining = true
        settleIdle()
        const done = Deferred.await(idle)
        const orElse = () => Effect.andThen(Effect.andThen(Effect.sync(close), FiberSet.clear(fibers)), done)
        yield* limit === undefined ? done : Effect.timeoutOrElse(done, { duration: Duration.millis(limit), orElse })
        return { ...drained } satisfies Drained
      })

    const started = Effect.suspend(() =>
      closed || draining ? Effect.fail(new PoolClosed({ task: "ready" })) : Effect.void
    )

    return {
      size: () => size.max,
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
      control: {
        get capacity() {
          return size.max * concurrency
        },
        ready: started,
        warmUp: started,
        resize: (input) =>
          Effect.map(sizeOf(input), (resized) => {
            size = resized
            slots.resize(size.max)
          }),
        drain,
        events: watch.events.stream,
        stats: Effect.sync(() => ({
          place: "fiber",
          size: size.max,
          minSize: size.min,
          queued: slots.queued,
          waiting: slots.waiting,
          ...counts,
          crashed: 0,
          restarts: 0,
          recycled: 0,
          workers: []
        }))
      }
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

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): TaskOutcome => {
  if (Exit.isSuccess(exit)) return "succeeded"
  if (Cause.hasFails(exit.cause)) return "failed"
  return Cause.hasDies(exit.cause) ? "died" : "interrupted"
}
