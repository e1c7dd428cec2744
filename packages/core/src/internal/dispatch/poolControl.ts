/**
 * The Effect side of a staff: start, size, end, and figures.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { millis } from "../options.ts"
import { PoolClosed, type WorkerStartFailed, type WorkerStuck } from "../poolErrors.ts"
import type { Transport } from "../transport/Transport.ts"
import type { Dispatcher } from "./Dispatcher.ts"
import type { Drained, DrainOptions, PoolControl, PoolStats, WorkerStats } from "./lifeOptions.ts"
import type { PooledSession } from "./PooledSession.ts"
import type { StartError } from "./StartWaiters.ts"
import { sizeOf } from "./settings.ts"
import { stoppedOr } from "./stuck.ts"

/** `concurrency`: of each worker. */
export const controlOf = (dispatcher: Dispatcher, place: Transport["place"], concurrency: number): PoolControl => {
  const { staff } = dispatcher
  return {
    get capacity() {
      return staff.size.max * concurrency
    },
    stats: Effect.sync(() => statsOf(dispatcher, place)),
    events: dispatcher.watch.events.stream,
    ready: starting(dispatcher, "ready", (onReady) => staff.ready(onReady)),
    warmUp: starting(dispatcher, "warmUp", (onReady) => staff.warmUp(onReady)),
    resize: (input) => Effect.map(sizeOf(input), (size) => dispatcher.resize(size)),
    drain: (options) => drain(dispatcher, options)
  }
}

/** Ends the workers in order. One that can't be ended is a defect. */
export const closing = (dispatcher: Dispatcher): Effect.Effect<void> =>
  Effect.callback((resume) => dispatcher.close((stuck) => resume(stoppedOr(...stuck))))

const starting = (
  dispatcher: Dispatcher,
  task: string,
  start: (onReady: (failure: StartError | undefined) => void) => () => void
): Effect.Effect<void, WorkerStartFailed | PoolClosed> =>
  Effect.callback((resume) => {
    if (dispatcher.refuses) return void resume(Effect.fail(new PoolClosed({ task })))
    const forget = start((failure) => resume(failure === undefined ? Effect.void : Effect.fail(failure)))
    return Effect.sync(forget)
  })

const drain = (dispatcher: Dispatcher, options: DrainOptions | undefined) => {
  const drained = Effect.callback<Drained, WorkerStuck>((resume) =>
    dispatcher.drain((drained, [stuck]) => resume(stuck === undefined ? Effect.succeed(drained) : Effect.fail(stuck)))
  )
  const deadline = options?.deadline
  if (deadline === undefined) return drained
  const cutShort = Effect.andThen(
    Effect.sync(() => dispatcher.close(() => {})),
    drained
  )
  return Effect.flatMap(millis("deadline", deadline), (limit) =>
    Effect.timeoutOrElse(drained, { duration: Duration.millis(limit), orElse: () => cutShort })
  )
}

const statsOf = (dispatcher: Dispatcher, place: Transport["place"]): PoolStats => {
  const { staff } = dispatcher
  const now = performance.now()
  const workers = Array.from(staff.sessions, (session) => workerStats(session, now))
  return {
    place,
    size: staff.size.max,
    minSize: staff.size.min,
    queued: dispatcher.queued,
    waiting: dispatcher.waiting,
    running: runningOn(dispatcher),
    completed: dispatcher.completed,
    crashed: dispatcher.crashed,
    restarts: staff.restarts,
    recycled: staff.recycled,
    workers
  }
}

export const runningOn = ({ staff }: Dispatcher): number => {
  let running = 0
  for (const session of staff.sessions) running += session.running
  return running
}

const workerStats = (session: PooledSession, now: number): WorkerStats => {
  const { completed, id, lane, memory, running, startedAt, state } = session
  return { id, lane, state, running, completed, age: now - startedAt, memory }
}
