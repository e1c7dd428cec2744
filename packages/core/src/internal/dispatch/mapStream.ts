/**
 * One task for each element of an input stream, a window of them at a time; the results in the order of the input, or as they
 * come.
 *
 * As `Stream.mapEffect` with a concurrency, but without its two queues, and what is ready comes in one array: where a task
 * takes microseconds, this counts.
 *
 * @internal
 */
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { MapStreamOptions } from "../../Pool.ts"
import { count } from "../options.ts"
import { waitingFor } from "../scope/Member.ts"
import type { TaskRunner } from "./run.ts"
import { TaskWindow } from "./TaskWindow.ts"

/** Short tasks want more on their way to a worker than one running and one waiting. */
const leastWindow = 64

const streamWindow = (window: number): number => Math.max(window, leastWindow)

type ArrayPull = Pull.Pull<Arr.NonEmptyReadonlyArray<unknown>, unknown>

export const mapStreamWith =
  (run: TaskRunner, window: () => number) =>
  (tag: string, input: Stream.Stream<unknown, unknown>, options?: MapStreamOptions): Stream.Stream<unknown, unknown> =>
    Stream.transformPullBracket(input, (source: ArrayPull, _, scope) =>
      Effect.gen(function* () {
        const size = yield* count("concurrency", options?.concurrency ?? streamWindow(window()))
        const fork = Effect.runForkWith(yield* Effect.context<never>())
        const unordered = options?.unordered === true
        const tasks = new TaskWindow({ run: (payload) => run(tag, payload, options), fork, size, unordered })
        yield* Scope.addFinalizer(scope, tasks.stop)
        yield* Effect.forkIn(feed(source, tasks), scope, { startImmediately: true })
        return results(tag, tasks)
      })
    )

/** Takes from the source when there is room, and no sooner. */
const feed = (source: ArrayPull, tasks: TaskWindow): Effect.Effect<void> => {
  const room = Effect.callback<void>((resume) => tasks.whenRoom(() => resume(Effect.void)))
  const next = Effect.andThen(
    Effect.suspend(() => (tasks.hasRoom ? Effect.void : room)),
    Effect.map(source, (payloads) => tasks.start(payloads))
  )
  return Effect.matchCause(Effect.forever(next, { disableYield: true }), {
    onFailure: (cause) => tasks.close(cause),
    onSuccess: () => {}
  })
}

const results = (tag: string, tasks: TaskWindow): ArrayPull => {
  const next: ArrayPull = Effect.suspend(() => {
    const values = tasks.take()
    if (values.length > 0) return Effect.succeed(values as unknown as Arr.NonEmptyReadonlyArray<unknown>)
    if (tasks.failure !== undefined) return Effect.andThen(tasks.stop, Effect.failCause(tasks.failure))
    return tasks.end === undefined ? wait : Effect.failCause(tasks.end)
  }) as ArrayPull
  // Answers come in bursts: what else has come by then goes along.
  const wait: ArrayPull = waitingFor(
    () => `a result of ${tag}`,
    Effect.callback((resume) => tasks.whenReady(() => resume(Effect.andThen(Effect.yieldNow, next))))
  )
  return next
}
