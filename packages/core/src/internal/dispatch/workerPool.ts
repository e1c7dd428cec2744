/**
 * A pool of workers, on whatever transport: the Effect side of `Dispatcher`.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Module, type Pool, type RunOptions, TypeId } from "../../Pool.ts"
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
import { mapStreamWith } from "./mapStream.ts"
import { moduleCodec } from "./moduleCodec.ts"
import { methodsOf } from "./moduleMethods.ts"
import { closing, controlOf } from "./poolControl.ts"
import { mapWith, type StreamRunner, type TaskRunner, unfitCall, unknownTask, withTimeout } from "./run.ts"
import { type PoolOptions, settingsOf } from "./settings.ts"
import { streamTask } from "./streamTask.ts"
import { stoppedOr } from "./stuck.ts"

/** A pool for the tasks of a group. */
export const makePool = <R extends Rpc.Any>(
  group: RpcGroup.RpcGroup<R>,
  makeTransport: Effect.Effect<Transport, InvalidOption>,
  options: PoolOptions
): Effect.Effect<Pool<R>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const transport = yield* makeTransport
    const dispatcher = yield* makeDispatcher(transport, { ...settings, setup: undefined })
    const window = () => 2 * dispatcher.staff.size.max * settings.concurrency
    const pool = poolOf(dispatcher, transport, group, settings.validate, window)
    return registerProbed(pool, { window: window(), heapLimit: options.heapLimit })
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
    return methodsOf<M>(controlOf(dispatcher, transport.place), (name) => {
      const codec = moduleCodec(name)
      return {
        run: (args) => runTask(dispatcher, transport.place, name, codec, args, undefined),
        stream: (args) =>
          streamTask(dispatcher, transport.place, name, { ...codec, elements: undefined }, args, undefined)
      }
    })
  })

/** Starts the workers; they end with the scope. */
const makeDispatcher = (
  transport: Transport,
  options: DispatcherOptions
): Effect.Effect<Dispatcher, WorkerStartFailed, Scope.Scope> =>
  Effect.contextWith((context: Context.Context<Scope.Scope>) => {
    // What the restart schedule logs, draws or reads of the time is its caller's.
    const dispatcher = new Dispatcher(transport, { ...options, restart: { ...options.restart, context } })
    const start = Effect.callback<void, WorkerStartFailed>((resume) => {
      // Closed while they start: the pool's maker has been interrupted.
      dispatcher.staff.start((failure) =>
        resume(failure?._tag === "WorkerStartFailed" ? Effect.fail(failure) : Effect.void)
      )
    })
    const close = closing(dispatcher)
    return Effect.addFinalizer(() => close).pipe(
      Effect.andThen(start),
      Effect.onError(() => close),
      Effect.as(dispatcher)
    )
  })

const poolOf = <R extends Rpc.Any>(
  dispatcher: Dispatcher,
  transport: Transport,
  group: RpcGroup.RpcGroup<R>,
  validate: boolean,
  window: () => number
): Pool<R> => {
  const run: TaskRunner = (tag, payload, options) => {
    const rpc = group.requests.get(tag)
    if (rpc === undefined) return Effect.fail(unknownTask(tag, group.requests.keys()))
    const codec = taskCodec(rpc as unknown as Rpc.AnyWithProps, validate)
    if (codec.elements !== undefined) return Effect.fail(unfitCall(tag, true))
    return runTask(dispatcher, transport.place, tag, codec, payload, options)
  }
  const stream: StreamRunner = (tag, payload, options) => {
    const rpc = group.requests.get(tag)
    if (rpc === undefined) return Stream.fail(unknownTask(tag, group.requests.keys()))
    const codec = taskCodec(rpc as unknown as Rpc.AnyWithProps, validate)
    if (codec.elements === undefined) return Stream.fail(unfitCall(tag, false))
    return streamTask(dispatcher, transport.place, tag, codec, payload, options)
  }
  return {
    [TypeId]: TypeId,
    place: transport.place,
    get size() {
      return dispatcher.staff.size.max
    },
    group,
    run: run as Pool<R>["run"],
    map: mapWith(run, window) as Pool<R>["map"],
    stream: stream as unknown as Pool<R>["stream"],
    mapStream: mapStreamWith(run, window) as unknown as Pool<R>["mapStream"],
    ...controlOf(dispatcher, transport.place)
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
              dispatcher.withdraw(submitted, (stuck) => stopped(stoppedOr(stuck)))
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
  return Effect.callback<void>((stopped) => dispatcher.withdraw(call, (stuck) => stopped(stoppedOr(stuck))))
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
