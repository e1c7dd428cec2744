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
import { CallContext, type CallEnd, type CarriedCall, carrying, type Place, placeOnly } from "../codec/CallContext.ts"
import { exitNow } from "../codec/now.ts"
import { type TaskCodec, taskCodec } from "../codec/taskCodec.ts"
import { callersTimeLeft, deadlinesAreInUse, monotonicMillis } from "../deadline.ts"
import type { InvalidOption } from "../errors.ts"
import type { WorkerStartFailed } from "../poolErrors.ts"
import type { RunExtras, Transport } from "../transport/Transport.ts"
import { gather } from "./broadcast.ts"
import { Call, type CallOptions, type Outcome } from "./Call.ts"
import { probeOf, registerProbed } from "./CallProbe.ts"
import { callSettings, retriesOf } from "./callSettings.ts"
import { Dispatcher, type DispatcherOptions } from "./Dispatcher.ts"
import { goesTaskByTask, type MappedTask, type Mapper, mapInChunks, mapSettledWith, mapWith } from "./mapping/map.ts"
import { moduleCodec } from "./moduleCodec.ts"
import { methodsOf } from "./moduleMethods.ts"
import { type TaskRunner, unknownTask, withTimeout } from "./run.ts"
import { type PoolOptions, settingsOf } from "./settings.ts"
import type { WorkerSession } from "./WorkerSession.ts"

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
    const { place } = transport
    const task = (name: string): PoolTask => ({ name, codec: moduleCodec(name), retries: 0 })
    return methodsOf<M>(statsOf(dispatcher, transport, settings), {
      method: (name) => {
        const called = task(name)
        return (...args) => runTask(dispatcher, place, called, args, undefined)
      },
      map: (name, inputs, options) => {
        const called = task(name)
        const chunked = mapped(dispatcher, place, called, settings)
        if (!goesTaskByTask(options)) return mapInChunks(chunked, inputs, options, "stop")
        const run: TaskRunner = (_, input, options) => runTask(dispatcher, place, called, [input], options)
        return mapWith(run, 2 * chunked.workers)(name, inputs, options)
      }
    })
  })

/** One task of a pool. */
interface PoolTask {
  readonly name: string
  readonly codec: Pick<TaskCodec, "crossesAsIs" | "encodePayload" | "answersAsIs" | "decodeExit" | "carriesHandles">
  /** How often it is started again after a crash, if its call says nothing. */
  readonly retries: number
}

const mapped = (
  dispatcher: Dispatcher,
  place: Place,
  task: PoolTask,
  { concurrency, size }: DispatcherOptions
): MappedTask => ({
  ...task,
  dispatcher,
  place,
  workers: size * concurrency
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
  settings: DispatcherOptions,
  window: number
): Pool<R> => {
  const tasks = new Map<string, PoolTask>()
  const taskOf = (tag: string): PoolTask | undefined => {
    const known = tasks.get(tag)
    if (known !== undefined) return known
    const rpc = group.requests.get(tag) as Rpc.AnyWithProps | undefined
    if (rpc === undefined) return undefined
    const task = { name: tag, codec: taskCodec(rpc), retries: retriesOf(rpc) }
    tasks.set(tag, task)
    return task
  }
  const withTask = <A>(tag: string, use: (task: PoolTask) => Effect.Effect<A, unknown>): Effect.Effect<A, unknown> => {
    const task = taskOf(tag)
    return task === undefined ? Effect.fail(unknownTask(tag, group.requests.keys())) : use(task)
  }
  const { place } = transport
  const run: TaskRunner = (tag, payload, options) =>
    withTask(tag, (task) => runTask(dispatcher, place, task, payload, options))
  const broadcast: TaskRunner = (tag, payload, options) =>
    withTask(tag, (task) =>
      Effect.suspend(() =>
        gather(dispatcher.audience.map((session) => exchangeTask(dispatcher, place, task, payload, options, session)))
      )
    )
  const mapTask =
    (mode: "stop" | "settle", taskByTask: Mapper): Mapper =>
    (tag, payloads, options) =>
      withTask(tag, (task) =>
        task.codec.carriesHandles || goesTaskByTask(options)
          ? taskByTask(tag, payloads, options)
          : mapInChunks(mapped(dispatcher, place, task, settings), payloads, options, mode)
      )
  return {
    [TypeId]: TypeId,
    place,
    size: settings.size,
    group,
    run: run as Pool<R>["run"],
    map: mapTask("stop", mapWith(run, window)) as Pool<R>["map"],
    mapSettled: mapTask("settle", mapSettledWith(run, window)) as Pool<R>["mapSettled"],
    broadcast: broadcast as Pool<R>["broadcast"],
    stats: statsOf(dispatcher, transport, settings)
  }
}

const runTask = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  task: PoolTask,
  payload: unknown,
  options: RunOptions | undefined
): Effect.Effect<unknown, unknown> =>
  options === undefined && !task.codec.carriesHandles && task.retries === 0 && !deadlinesAreInUse
    ? runPlain(dispatcher, place, task.name, task.codec, payload)
    : exchangeTask(dispatcher, place, task, payload, options, undefined)

/** The path of a call of which there is something to say. `session`: the one worker that is to run it. */
const exchangeTask = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  { codec, name, retries }: PoolTask,
  payload: unknown,
  options: RunOptions | undefined,
  session: WorkerSession | undefined
): Effect.Effect<unknown, unknown> =>
  Effect.flatMap(callSettings(options, retries), (settings) =>
    Effect.flatMap(callersTimeLeft, (left) => {
      const callOptions: CallOptions = {
        priority: settings.priority,
        key: settings.key,
        // What the task of a dead worker held is told so, once: such a call is not started again.
        retries: codec.carriesHandles ? 0 : settings.retries,
        probe: probeOf(options),
        patient: session !== undefined,
        extras: deadlineIn(Math.min(left, settings.limit ?? Number.POSITIVE_INFINITY))
      }
      let call: Call | undefined
      let phase: "queued" | "running" = "queued"
      const exchange = (wire: unknown) =>
        Effect.callback<unknown, unknown>((resume) => {
          const submitted = new Call(name, wire, outcomeTo(codec, resume), callOptions)
          call = submitted
          if (session === undefined) dispatcher.submit(submitted)
          else dispatcher.submitTo(session, submitted)
          return Effect.callback<void>((stopped) => {
            phase = submitted.host?.hasStarted(submitted) === true ? "running" : "queued"
            dispatcher.withdraw(submitted, () => stopped(Effect.void))
          })
        })
      const run = (carried: CarriedCall) =>
        Effect.flatMap(Effect.provideService(codec.encodePayload(payload), CallContext, carried), exchange)
      const end = (): CallEnd => (call?.workerDied === true ? "crashed" : "returned")
      return withTimeout(carrying(place, run, end), name, settings.limit, () => phase)
    })
  )

/** Milliseconds from now: what the worker is told of the time that the call has. */
const deadlineIn = (millis: number): RunExtras | undefined =>
  millis === Number.POSITIVE_INFINITY ? undefined : { deadline: monotonicMillis() + millis }

/** The path of most calls, in as few steps as Effect takes: nothing has to be told of their end, no clock runs. */
const runPlain = (
  dispatcher: Dispatcher,
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
      return void resume(Effect.flatMap(placed, (wire) => exchange(dispatcher, task, codec, wire)))
    }
    if (done._tag === "Failure") return void resume(done)
    return submit(dispatcher, task, codec, done.value, resume)
  })

const exchange = (
  dispatcher: Dispatcher,
  task: string,
  codec: Pick<TaskCodec, "decodeExit">,
  wire: unknown
): Effect.Effect<unknown, unknown> =>
  Effect.callback<unknown, unknown>((resume) => submit(dispatcher, task, codec, wire, resume))

/** Answers with what withdraws the call. */
const submit = (
  dispatcher: Dispatcher,
  task: string,
  codec: Pick<TaskCodec, "decodeExit">,
  wire: unknown,
  resume: (effect: Effect.Effect<unknown, unknown>) => void
): Effect.Effect<void> => {
  const call = new Call(task, wire, outcomeTo(codec, resume))
  dispatcher.submit(call)
  return Effect.callback<void>((stopped) => dispatcher.withdraw(call, () => stopped(Effect.void)))
}

const outcomeTo =
  (codec: Pick<TaskCodec, "decodeExit">, resume: (effect: Effect.Effect<unknown, unknown>) => void) =>
  (outcome: Outcome): void => {
    if (outcome.kind === "replied") resume(codec.decodeExit(outcome.exit))
    else if (outcome.kind === "failed") resume(Exit.fail(outcome.error))
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
