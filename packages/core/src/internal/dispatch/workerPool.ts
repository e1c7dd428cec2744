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
import { type CallCodec, taskCodec } from "../codec/taskCodec.ts"
import { type Sendable, sendable } from "../codec/transfers.ts"
import type { InvalidOption } from "../errors.ts"
import type { WorkerStartFailed } from "../poolErrors.ts"
import type { Transport, WireExit } from "../transport/Transport.ts"
import { Call, type Outcome } from "./Call.ts"
import { probeOf, registerProbed } from "./CallProbe.ts"
import { Dispatcher, type DispatcherOptions } from "./Dispatcher.ts"
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
    const settings = yield* settingsOf(options)
    const transport = yield* makeTransport
    const dispatcher = yield* makeDispatcher(transport, settings)
    const window = 2 * settings.size * settings.concurrency
    const pool = poolOf(dispatcher, transport, group, settings, window)
    return registerProbed(pool, { window, heapLimit: options.heapLimit })
  })

/** A pool for the functions of a module. */
export const makeModule = <M>(
  makeTransport: Effect.Effect<Transport, InvalidOption>,
  options: PoolOptions
): Effect.Effect<Module<M>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const transport = yield* makeTransport
    const dispatcher = yield* makeDispatcher(transport, settings)
    return methodsOf<M>(statsOf(dispatcher, transport, settings), (name) => {
      const codec = moduleCodec(name)
      return (...args) => runTask(dispatcher, transport.place, name, codec, args, undefined)
    })
  })

/** Starts the workers; they end with the scope. */
const makeDispatcher = (
  transport: Transport,
  options: DispatcherOptions
): Effect.Effect<Dispatcher, WorkerStartFailed, Scope.Scope> => {
  const dispatcher = new Dispatcher(transport, options)
  const start = Effect.callback<void, WorkerStartFailed>((resume) => {
    dispatcher.staff.start((failure) => resume(failure === undefined ? Effect.void : Effect.fail(failure)))
  })
  const close = Effect.callback<void>((resume) => dispatcher.close(() => resume(Effect.void)))
  return Effect.addFinalizer(() => close).pipe(
    Effect.andThen(start),
    Effect.onError(() => close),
    Effect.as(dispatcher)
  )
}

const poolOf = <R extends Rpc.Any>(
  dispatcher: Dispatcher,
  transport: Transport,
  group: RpcGroup.RpcGroup<R>,
  options: DispatcherOptions,
  window: number
): Pool<R> => {
  const { validate } = options
  const run: TaskRunner = (tag, payload, options) => {
    const rpc = group.requests.get(tag)
    if (rpc === undefined) return Effect.fail(unknownTask(tag, group.requests.keys()))
    return runTask(
      dispatcher,
      transport.place,
      tag,
      taskCodec(rpc as unknown as Rpc.AnyWithProps, validate),
      payload,
      options
    )
  }
  return {
    [TypeId]: TypeId,
    place: transport.place,
    size: options.size,
    group,
    run: run as Pool<R>["run"],
    map: mapWith(run, window) as Pool<R>["map"],
    stats: statsOf(dispatcher, transport, options)
  }
}

const runTask = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  task: string,
  codec: CallCodec,
  payload: unknown,
  options: RunOptions | undefined
): Effect.Effect<unknown, unknown> =>
  options === undefined && !codec.carriesHandles
    ? runPlain(dispatcher, place, task, codec, payload)
    : Effect.suspend(() => {
        let call: Call | undefined
        let phase: "queued" | "running" = "queued"
        const exchange = ({ transfer, wire }: Sendable) =>
          Effect.callback<unknown, unknown>((resume) => {
            const submitted = new Call(task, wire, outcomeTo(codec, resume), { probe: probeOf(options), transfer })
            call = submitted
            dispatcher.submit(submitted)
            return Effect.callback<void>((stopped) => {
              phase = submitted.host?.hasStarted(submitted) === true ? "running" : "queued"
              dispatcher.withdraw(submitted, () => stopped(Effect.void))
            })
          })
        const run = (carried: CarriedCall) =>
          Effect.flatMap(Effect.provideService(sendable(codec, payload), CallContext, carried), exchange)
        const end = (): CallEnd => (call?.workerDied === true ? "crashed" : "returned")
        return withTimeout(carrying(place, run, end), task, options?.timeout, () => phase)
      })

/** The path of most calls, in as few steps as Effect takes: nothing has to be told of their end, no clock runs. */
const runPlain = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  task: string,
  codec: CallCodec,
  payload: unknown
): Effect.Effect<unknown, unknown> =>
  Effect.callback<unknown, unknown>((resume) => {
    const encoded = codec.encodePayload(payload)
    const done = exitNow(encoded)
    if (done === undefined) return void resume(exchange(dispatcher, place, task, codec, payload))
    if (done._tag === "Failure") return void resume(done)
    return submit(dispatcher, task, codec, { wire: done.value, transfer: codec.movedWith(payload) }, resume)
  })

const exchange = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  task: string,
  codec: CallCodec,
  payload: unknown
): Effect.Effect<unknown, unknown> =>
  Effect.flatMap(Effect.provideService(sendable(codec, payload), CallContext, placeOnly(place)), (message) =>
    Effect.callback<unknown, unknown>((resume) => submit(dispatcher, task, codec, message, resume))
  )

/** Answers with what withdraws the call. */
const submit = (
  dispatcher: Dispatcher,
  task: string,
  codec: CallCodec,
  { transfer, wire }: Sendable,
  resume: (effect: Effect.Effect<unknown, unknown>) => void
): Effect.Effect<void> => {
  const call = new Call(task, wire, outcomeTo(codec, resume), transfer === undefined ? undefined : { transfer })
  dispatcher.submit(call)
  return Effect.callback<void>((stopped) => dispatcher.withdraw(call, () => stopped(Effect.void)))
}

const outcomeTo =
  (codec: CallCodec, resume: (effect: Effect.Effect<unknown, unknown>) => void) =>
  (outcome: Outcome): void => {
    if (outcome.kind === "replied") resume(decodeExit(codec, outcome.exit))
    else if (outcome.kind === "failed") resume(Exit.fail(outcome.error))
  }

/** A schema whose decoder throws is a defect of the call: the worker's link must not hear of it. */
const decodeExit = (codec: CallCodec, exit: WireExit): Effect.Effect<unknown, unknown> => {
  try {
    return codec.decodeExit(exit)
  } catch (defect) {
    return Exit.die(defect)
  }
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
      running: workers.reduce((sum, worker) => sum + worker.running, 0),
      completed: dispatcher.completed,
      crashed: dispatcher.crashed,
      restarts: dispatcher.staff.restarts,
      workers
    }
  })
