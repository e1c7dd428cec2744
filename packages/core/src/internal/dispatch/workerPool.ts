/**
 * A pool of workers, on whatever transport: the Effect side of `Dispatcher`.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { type Module, type Pool, type PoolStats, type RunOptions, TypeId } from "../../Pool.ts"
import { CallContext, type CallEnd, type CarriedCall, carrying, placeOnly } from "../codec/CallContext.ts"
import { exitNow } from "../codec/now.ts"
import { type TaskCodec, taskCodec } from "../codec/taskCodec.ts"
import { Capture } from "../context/capture.ts"
import { logSettings } from "../context/replay.ts"
import type { InvalidOption } from "../errors.ts"
import type { WorkerStartFailed } from "../poolErrors.ts"
import type { Transport } from "../transport/Transport.ts"
import { Call, type Outcome } from "./Call.ts"
import { probeOf, registerProbed } from "./CallProbe.ts"
import { Dispatcher, type DispatcherOptions } from "./Dispatcher.ts"
import { registerMetrics } from "./metrics.ts"
import { moduleCodec } from "./moduleCodec.ts"
import { methodsOf } from "./moduleMethods.ts"
import { mapWith, type TaskRunner, unknownTask, withTimeout } from "./run.ts"
import { type PoolOptions, settingsOf } from "./settings.ts"

/** A pool for the tasks of a group. */
export const makePool = <R extends Rpc.Any>(
  group: RpcGroup.RpcGroup<R>,
  makeTransport: Effect.Effect<Transport, InvalidOption>,
  options: PoolOptions
): Effect.Effect<Pool<R>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const transport = yield* makeTransport
    const { capture, dispatcher, settings } = yield* makeDispatcher(transport, options)
    const window = 2 * settings.size * settings.concurrency
    const pool = poolOf(dispatcher, capture, transport, group, settings, window)
    return registerProbed(pool, { window, heapLimit: options.heapLimit })
  })

/** A pool for the functions of a module. */
export const makeModule = <M>(
  makeTransport: Effect.Effect<Transport, InvalidOption>,
  options: PoolOptions
): Effect.Effect<Module<M>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const transport = yield* makeTransport
    const { capture, dispatcher, settings } = yield* makeDispatcher(transport, options)
    return methodsOf<M>(statsOf(dispatcher, transport, settings), dispatcher.watch.events.stream, (name) => {
      const codec = moduleCodec(name)
      return (...args) => runTask(dispatcher, capture, transport.place, name, codec, args, undefined)
    })
  })

interface Started {
  readonly dispatcher: Dispatcher
  readonly capture: Capture
  readonly settings: DispatcherOptions
}

/** Starts the workers; they end with the scope. What they log by themselves is logged in the context of this fiber. */
const makeDispatcher = (
  transport: Transport,
  options: PoolOptions
): Effect.Effect<Started, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const checked = yield* settingsOf(options)
    const context = yield* Effect.context<never>()
    const logs = yield* logSettings(options.logs, context)
    const settings = { ...checked, logs, metrics: options.metrics }
    const dispatcher = new Dispatcher(transport, settings)
    yield* start(dispatcher)
    yield* registerMetrics(options.metrics, transport.place, {
      queued: () => dispatcher.queued,
      running: () => runningOn(dispatcher),
      capacity: settings.size * settings.concurrency,
      completed: () => dispatcher.completed,
      crashed: () => dispatcher.crashed,
      restarts: () => dispatcher.staff.restarts,
      times: dispatcher.watch.times
    })
    return { dispatcher, capture: new Capture(options.carry ?? [], logs?.level), settings }
  })

const start = (dispatcher: Dispatcher): Effect.Effect<void, WorkerStartFailed, Scope.Scope> => {
  const start = Effect.callback<void, WorkerStartFailed>((resume) => {
    dispatcher.staff.start((failure) => resume(failure === undefined ? Effect.void : Effect.fail(failure)))
  })
  const close = Effect.callback<void>((resume) => dispatcher.close(() => resume(Effect.void)))
  return Effect.addFinalizer(() => close).pipe(
    Effect.andThen(start),
    Effect.onError(() => close)
  )
}

const poolOf = <R extends Rpc.Any>(
  dispatcher: Dispatcher,
  capture: Capture,
  transport: Transport,
  group: RpcGroup.RpcGroup<R>,
  options: DispatcherOptions,
  window: number
): Pool<R> => {
  const run: TaskRunner = (tag, payload, options) => {
    const rpc = group.requests.get(tag)
    if (rpc === undefined) return Effect.fail(unknownTask(tag, group.requests.keys()))
    const codec = taskCodec(rpc as unknown as Rpc.AnyWithProps)
    return runTask(dispatcher, capture, transport.place, tag, codec, payload, options)
  }
  return {
    [TypeId]: TypeId,
    place: transport.place,
    size: options.size,
    group,
    run: run as Pool<R>["run"],
    map: mapWith(run, window) as Pool<R>["map"],
    stats: statsOf(dispatcher, transport, options),
    events: dispatcher.watch.events.stream
  }
}

const runTask = (
  dispatcher: Dispatcher,
  capture: Capture,
  place: Transport["place"],
  task: string,
  codec: Pick<TaskCodec, "encodePayload" | "decodeExit" | "carriesHandles">,
  payload: unknown,
  options: RunOptions | undefined
): Effect.Effect<unknown, unknown> =>
  options === undefined && !codec.carriesHandles
    ? runPlain(dispatcher, capture, place, task, codec, payload)
    : Effect.suspend(() => {
        let call: Call | undefined
        let phase: "queued" | "running" = "queued"
        const exchange = (wire: unknown) =>
          Effect.callback<unknown, unknown>((resume) => {
            const submitted = new Call(task, wire, outcomeTo(codec, resume), {
              probe: probeOf(options),
              ...capture.now()
            })
            call = submitted
            dispatcher.submit(submitted)
            return Effect.callback<void>((stopped) => {
              phase = submitted.host?.hasStarted(submitted) === true ? "running" : "queued"
              dispatcher.withdraw(submitted, () => stopped(Effect.void))
            })
          })
        const run = (carried: CarriedCall) =>
          Effect.flatMap(Effect.provideService(codec.encodePayload(payload), CallContext, carried), exchange)
        const end = (): CallEnd => (call?.workerDied === true ? "crashed" : "returned")
        return withTimeout(carrying(place, run, end), task, options?.timeout, () => phase)
      })

/** The path of most calls, in as few steps as Effect takes: nothing has to be told of their end, no clock runs. */
const runPlain = (
  dispatcher: Dispatcher,
  capture: Capture,
  place: Transport["place"],
  task: string,
  codec: Pick<TaskCodec, "encodePayload" | "decodeExit">,
  payload: unknown
): Effect.Effect<unknown, unknown> =>
  Effect.callback<unknown, unknown>((resume) => {
    const encoded = codec.encodePayload(payload)
    const done = exitNow(encoded)
    if (done === undefined) {
      const placed = Effect.provideService(encoded, CallContext, placeOnly(place))
      return void resume(Effect.flatMap(placed, (wire) => exchange(dispatcher, capture, task, codec, wire)))
    }
    if (done._tag === "Failure") return void resume(done)
    return submit(dispatcher, capture, task, codec, done.value, resume)
  })

const exchange = (
  dispatcher: Dispatcher,
  capture: Capture,
  task: string,
  codec: Pick<TaskCodec, "decodeExit">,
  wire: unknown
): Effect.Effect<unknown, unknown> =>
  Effect.callback<unknown, unknown>((resume) => submit(dispatcher, capture, task, codec, wire, resume))

/** Answers with what withdraws the call. */
const submit = (
  dispatcher: Dispatcher,
  capture: Capture,
  task: string,
  codec: Pick<TaskCodec, "decodeExit">,
  wire: unknown,
  resume: (effect: Effect.Effect<unknown, unknown>) => void
): Effect.Effect<void> => {
  const call = new Call(task, wire, outcomeTo(codec, resume), capture.now())
  dispatcher.submit(call)
  return Effect.callback<void>((stopped) => dispatcher.withdraw(call, () => stopped(Effect.void)))
}

const outcomeTo =
  (codec: Pick<TaskCodec, "decodeExit">, resume: (effect: Effect.Effect<unknown, unknown>) => void) =>
  (outcome: Outcome): void => {
    if (outcome.kind === "replied") resume(codec.decodeExit(outcome.exit))
    else if (outcome.kind === "failed") resume(Exit.fail(outcome.error))
  }

const runningOn = (dispatcher: Dispatcher): number => {
  let running = 0
  for (const session of dispatcher.staff.sessions) running += session.running
  return running
}

const statsOf = (dispatcher: Dispatcher, transport: Transport, options: DispatcherOptions): Effect.Effect<PoolStats> =>
  Effect.sync(() => {
    const workers = Array.from(dispatcher.staff.sessions, ({ completed, id, running, state }) => ({
      id,
      state,
      running,
      completed
    }))
    return {
      place: transport.place,
      size: options.size,
      queued: dispatcher.queued,
      running: runningOn(dispatcher),
      completed: dispatcher.completed,
      crashed: dispatcher.crashed,
      restarts: dispatcher.staff.restarts,
      workers
    }
  })
