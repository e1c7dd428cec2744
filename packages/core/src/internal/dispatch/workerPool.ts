/**
 * A pool of workers, on whatever transport: the Effect side of `Dispatcher`.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Module, type Pool, type RunOptions, TypeId } from "../../Pool.ts"
import { CallContext, type CallEnd, type CarriedCall, carrying, type Place, placeOnly } from "../codec/CallContext.ts"
import type { TransferList } from "../codec/moves.ts"
import { exitNow } from "../codec/now.ts"
import { type CallCodec, taskCodec } from "../codec/taskCodec.ts"
import { type Sendable, sendable } from "../codec/transfers.ts"
import { callersTimeLeft, deadlineIn, deadlinesAreInUse } from "../deadline.ts"
import type { InvalidOption } from "../errors.ts"
import type { WorkerStartFailed } from "../poolErrors.ts"
import { waitingFor } from "../scope/Member.ts"
import type { Transport } from "../transport/Transport.ts"
import { gather } from "./broadcast.ts"
import type { Call, CallOptions } from "./Call.ts"
import { probeOf, registerProbed } from "./CallProbe.ts"
import { callSettings, retriesOf } from "./callSettings.ts"
import { Dispatcher, type DispatcherOptions } from "./Dispatcher.ts"
import { goesTaskByTask, type MappedTask, type Mapper, mapInChunks, mapSettledWith, mapWith } from "./mapping/map.ts"
import { mapStreamWith } from "./mapStream.ts"
import { type MetricsOption, type MetricsSource, registerMetrics } from "./metrics.ts"
import { moduleCodec } from "./moduleCodec.ts"
import { methodsOf } from "./moduleMethods.ts"
import { closing, controlOf, runningOn } from "./poolControl.ts"
import { type StreamRunner, type TaskRunner, unfitCall, unknownTask, withTimeout } from "./run.ts"
import { type PoolOptions, settingsOf } from "./settings.ts"
import { streamTask } from "./streamTask.ts"
import { stoppedOr } from "./stuck.ts"
import { type Resume, taskCall } from "./TaskCall.ts"
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
    const dispatcher = yield* makeDispatcher(transport, { ...settings, setup: undefined }, options.metrics)
    const window = () => 2 * dispatcher.staff.size.max * settings.concurrency
    const pool = poolOf(dispatcher, transport, group, settings, window)
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
    const dispatcher = yield* makeDispatcher(transport, settings, options.metrics)
    const { place } = transport
    const task = (name: string): PoolTask => ({ name, codec: moduleCodec(name), retries: 0 })
    return methodsOf<M>(controlOf(dispatcher, place, settings.concurrency), {
      method: (name) => {
        const called = task(name)
        return {
          run: (args) => runTask(dispatcher, place, called, args, undefined),
          stream: (args) => streamTask(dispatcher, place, name, called.codec, args, undefined)
        }
      },
      map: (name, inputs, options) => {
        const called = task(name)
        const chunked = mapped(dispatcher, place, called, settings)
        if (!goesTaskByTask(options)) return mapInChunks(chunked, inputs, options, "stop")
        const run: TaskRunner = (_, input, options) => runTask(dispatcher, place, called, [input], options)
        return mapWith(run, () => 2 * chunked.workers)(name, inputs, options)
      }
    })
  })

/** One task of a pool. */
interface PoolTask {
  readonly name: string
  readonly codec: CallCodec
  /** How often it is started again after a crash, if its call says nothing. */
  readonly retries: number
}

const mapped = (
  dispatcher: Dispatcher,
  place: Place,
  task: PoolTask,
  { concurrency }: DispatcherOptions
): MappedTask => ({
  ...task,
  dispatcher,
  place,
  workers: dispatcher.staff.size.max * concurrency
})

/** Starts the workers; they end with the scope. */
const makeDispatcher = (
  transport: Transport,
  options: DispatcherOptions,
  metrics: MetricsOption | undefined
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
      Effect.andThen(registerMetrics(metrics, transport.place, sourceOf(dispatcher, options.concurrency))),
      Effect.as(dispatcher)
    )
  })

const sourceOf = (dispatcher: Dispatcher, concurrency: number): MetricsSource => ({
  queued: () => dispatcher.queued + dispatcher.waiting,
  running: () => runningOn(dispatcher),
  capacity: () => dispatcher.staff.size.max * concurrency,
  completed: () => dispatcher.completed,
  crashed: () => dispatcher.crashed,
  restarts: () => dispatcher.staff.restarts,
  times: dispatcher.watch.times
})

const poolOf = <R extends Rpc.Any>(
  dispatcher: Dispatcher,
  transport: Transport,
  group: RpcGroup.RpcGroup<R>,
  settings: DispatcherOptions,
  window: () => number
): Pool<R> => {
  const tasks = new Map<string, PoolTask>()
  const taskOf = (tag: string): PoolTask | undefined => {
    const known = tasks.get(tag)
    if (known !== undefined) return known
    const rpc = group.requests.get(tag) as Rpc.AnyWithProps | undefined
    if (rpc === undefined) return undefined
    const task = { name: tag, codec: taskCodec(rpc, settings.validate), retries: retriesOf(rpc) }
    tasks.set(tag, task)
    return task
  }
  const withTask = <A>(tag: string, use: (task: PoolTask) => Effect.Effect<A, unknown>): Effect.Effect<A, unknown> => {
    const task = taskOf(tag)
    if (task === undefined) return Effect.fail(unknownTask(tag, group.requests.keys()))
    return task.codec.elements === undefined ? use(task) : Effect.fail(unfitCall(tag, true))
  }
  const { place } = transport
  const run: TaskRunner = (tag, payload, options) =>
    withTask(tag, (task) => runTask(dispatcher, place, task, payload, options))
  const stream: StreamRunner = (tag, payload, options) => {
    const task = taskOf(tag)
    if (task === undefined) return Stream.fail(unknownTask(tag, group.requests.keys()))
    const { codec } = task
    if (codec.elements === undefined) return Stream.fail(unfitCall(tag, false))
    return streamTask(dispatcher, place, tag, codec, payload, options)
  }
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
          : waitingFor(
              () => `a map of ${tag}`,
              mapInChunks(mapped(dispatcher, place, task, settings), payloads, options, mode)
            )
      )
  const control = controlOf(dispatcher, place, settings.concurrency)
  return {
    ...control,
    [TypeId]: TypeId,
    place,
    get size() {
      return dispatcher.staff.size.max
    },
    get capacity() {
      return control.capacity
    },
    group,
    run: run as Pool<R>["run"],
    map: mapTask("stop", mapWith(run, window)) as Pool<R>["map"],
    mapSettled: mapTask("settle", mapSettledWith(run, window)) as Pool<R>["mapSettled"],
    broadcast: broadcast as Pool<R>["broadcast"],
    stream: stream as unknown as Pool<R>["stream"],
    mapStream: mapStreamWith(run, window) as unknown as Pool<R>["mapStream"]
  }
}

const runTask = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  task: PoolTask,
  payload: unknown,
  options: RunOptions | undefined
): Effect.Effect<unknown, unknown> =>
  options === undefined && !task.codec.carriesHandles && task.retries === 0
    ? runPlain(dispatcher, place, task, payload)
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
      const exchange = ({ transfer, wire }: Sendable) =>
        Effect.callback<unknown, unknown>((resume) => {
          const captured = dispatcher.capture.with({ ...callOptions, transfer })
          const submitted = taskCall(name, wire, codec, resume, captured)
          call = submitted
          if (session === undefined) dispatcher.submit(submitted)
          else dispatcher.submitTo(session, submitted)
          return Effect.callback<void>((stopped) => {
            const wasOffered = submitted.host !== undefined
            dispatcher.withdraw(submitted, (stuck) => {
              // Only now: it may have started while it was asked back.
              phase = wasOffered && !submitted.untouched ? "running" : "queued"
              stopped(stoppedOr(stuck))
            })
          })
        })
      const run = (carried: CarriedCall) =>
        Effect.flatMap(Effect.provideService(sendable(codec, payload), CallContext, carried), exchange)
      const end = (): CallEnd => (call?.workerDied === true ? "crashed" : "returned")
      return withTimeout(carrying(place, run, end), name, settings.limit, () => phase)
    })
  )

/** The path of most calls, in as few steps as Effect takes: nothing has to be told of their end, no clock runs. */
const runPlain = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  task: PoolTask,
  payload: unknown
): Effect.Effect<unknown, unknown> =>
  Effect.callback<unknown, unknown>((resume) => {
    // Asked now and not when the call was written down: its caller may have got a deadline in between.
    if (deadlinesAreInUse) return void resume(exchangeTask(dispatcher, place, task, payload, undefined, undefined))
    const { codec, name } = task
    const encoded = codec.encodePayload(payload)
    const done = exitNow(encoded)
    if (done === undefined) return void resume(exchange(dispatcher, place, name, codec, payload))
    if (done._tag === "Failure") return void resume(done)
    return submit(dispatcher, name, codec, done.value, codec.movedWith(payload), resume)
  })

const exchange = (
  dispatcher: Dispatcher,
  place: Transport["place"],
  task: string,
  codec: CallCodec,
  payload: unknown
): Effect.Effect<unknown, unknown> =>
  Effect.flatMap(Effect.provideService(sendable(codec, payload), CallContext, placeOnly(place)), ({ transfer, wire }) =>
    Effect.callback<unknown, unknown>((resume) => submit(dispatcher, task, codec, wire, transfer, resume))
  )

/** Answers with what withdraws the call. */
const submit = (
  dispatcher: Dispatcher,
  task: string,
  codec: CallCodec,
  wire: unknown,
  transfer: TransferList | undefined,
  resume: Resume
): Effect.Effect<void> => {
  const captured = transfer === undefined ? dispatcher.capture.now() : dispatcher.capture.with({ transfer })
  const call = taskCall(task, wire, codec, resume, captured)
  dispatcher.submit(call)
  return new Withdrawal(dispatcher, call)
}

/** Made for every call, and run for few: a closure and an effect around it would be twice as large. */
class Withdrawal extends Effectable.Class<void> {
  private readonly dispatcher: Dispatcher
  private readonly call: Call

  constructor(dispatcher: Dispatcher, call: Call) {
    super()
    this.dispatcher = dispatcher
    this.call = call
  }

  override asEffect(): Effect.Effect<void> {
    return Effect.callback((stopped) => this.dispatcher.withdraw(this.call, (stuck) => stopped(stoppedOr(stuck))))
  }
}
