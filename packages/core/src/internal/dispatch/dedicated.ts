/**
 * One worker for one task: what `Thread` and `Process` have in common.
 *
 * @internal
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { CallContext, CarriedCall } from "../codec/CallContext.ts"
import { type CallCodec, taskCodec } from "../codec/taskCodec.ts"
import { sendable } from "../codec/transfers.ts"
import { Capture } from "../context/capture.ts"
import { callersTimeLeft, deadlineIn } from "../deadline.ts"
import type { EncodeFailed, InvalidOption } from "../errors.ts"
import { millis } from "../options.ts"
import { PoolClosed, TaskTimeout, WorkerCrashed, WorkerStartFailed } from "../poolErrors.ts"
import * as KeepAlive from "../transport/KeepAlive.ts"
import type { Transport, WorkerExit } from "../transport/Transport.ts"
import { type Call, ObservedCall, type Outcome } from "./Call.ts"
import type { DispatcherOptions } from "./Dispatcher.ts"
import { moduleCodec } from "./moduleCodec.ts"
import { unknownTask } from "./run.ts"
import { settingsOf } from "./settings.ts"
import { stoppedOr } from "./stuck.ts"
import { WorkerSession } from "./WorkerSession.ts"

type StartError = EncodeFailed | WorkerStartFailed | InvalidOption

export interface DedicatedOptions {
  readonly name: string
  readonly grace?: Duration.Input | undefined
  readonly startTimeout?: Duration.Input | undefined
  readonly validate?: boolean | undefined
}

export interface Dedicated {
  readonly name: string
  readonly id: number
  readonly isAlive: () => boolean
  readonly join: Effect.Effect<unknown, unknown>
  readonly joinWithin: (limit: Duration.Input) => Effect.Effect<unknown, unknown>
  readonly exit: Effect.Effect<WorkerExit>
  readonly interrupt: Effect.Effect<void>
  readonly stop: Effect.Effect<void>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Called once, when the worker has ended. */
  readonly onGone: (callback: () => void) => void
}

/** Starts a worker for one task of a group. */
export const startTaskOn = <R extends Rpc.Any>(
  transport: Transport,
  group: RpcGroup.RpcGroup<R>,
  tag: string,
  payload: unknown,
  options: DedicatedOptions
): Effect.Effect<Dedicated, StartError, Scope.Scope> => {
  const rpc = group.requests.get(tag)
  return rpc === undefined
    ? Effect.fail(unknownTask(tag, group.requests.keys()))
    : startDedicated(transport, options, tag, taskCodec(rpc as unknown as Rpc.AnyWithProps, options.validate), payload)
}

/** Starts a worker for one call of a function of a plain module. */
export const startFunctionOn = (
  transport: Transport,
  name: string,
  args: ReadonlyArray<unknown>,
  options: DedicatedOptions
): Effect.Effect<Dedicated, StartError, Scope.Scope> =>
  startDedicated(transport, options, name, moduleCodec(name), args)

/** Starts a worker and gives it its task. It ends when the task has ended, and at the latest with the scope. */
const startDedicated = (
  transport: Transport,
  options: DedicatedOptions,
  task: string,
  codec: CallCodec,
  payload: unknown
): Effect.Effect<Dedicated, StartError, Scope.Scope> =>
  Effect.gen(function* () {
    // Its worker has one caller: what is logged there is logged here, also outside of the task.
    const settings = yield* settingsOf(options)
    const carried = new CarriedCall(transport.place)
    yield* Effect.addFinalizer(() => Effect.sync(() => carried.settle("returned")))
    const { transfer, wire } = yield* Effect.provideService(sendable(codec, payload), CallContext, carried)
    const settled = yield* Deferred.make<unknown, unknown>()
    const gone = yield* Deferred.make<WorkerExit>()
    const ready = yield* Deferred.make<void, WorkerStartFailed>()

    const settle = (outcome: Outcome): void => {
      carried.settle(call.workerDied ? "crashed" : "returned")
      Deferred.doneUnsafe(settled, exitOf(outcome, codec))
    }
    const extras = deadlineIn(yield* callersTimeLeft)
    const captured = new Capture([], settings.logs?.level).with({ transfer, extras })
    const call = new ObservedCall(task, wire, settle, captured)
    const session = yield* Effect.acquireRelease(
      Effect.sync(() => open(transport, settings, call, { gone, ready })),
      closing
    )
    yield* Effect.onInterrupt(awaiting(Deferred.await(ready)), () => closing(session))
    // One task is all it was started for.
    Effect.runFork(Deferred.await(settled)).addObserver(() => session.close(() => {}))

    const join = awaiting(Deferred.await(settled))
    return {
      name: options.name,
      id: session.id,
      isAlive: () => session.state !== "gone",
      join,
      joinWithin: (limit) => within(join, task, limit),
      exit: awaiting(Deferred.await(gone)),
      interrupt: awaiting(
        Effect.callback<void>((resume) => {
          if (call.host === undefined) resume(Effect.void)
          else call.host.interrupt(call, (stuck) => resume(stoppedOr(stuck)))
        })
      ),
      stop: Effect.andThen(
        Effect.sync(() => session.stop()),
        Effect.asVoid(awaiting(Deferred.await(gone)))
      ),
      kill: (signal) => Effect.sync(() => session.kill(signal)),
      onGone: (callback) => session.whenGone(callback)
    }
  })

const exitOf = (outcome: Outcome, codec: CallCodec): Effect.Effect<unknown, unknown> => {
  switch (outcome.kind) {
    case "replied":
      return Effect.suspend(() => codec.decodeExit(outcome.exit))
    case "failed":
      return Exit.fail(outcome.error)
    case "withdrawn":
      return Effect.interrupt
  }
}

interface Life {
  readonly ready: Deferred.Deferred<void, WorkerStartFailed>
  readonly gone: Deferred.Deferred<WorkerExit>
}

/** Starts the worker. It is given its call in the step in which it is ready: whatever ends it after that settles the call. */
const open = (
  transport: Transport,
  options: Pick<DispatcherOptions, "grace" | "startTimeout" | "logs" | "validate">,
  call: Call,
  life: Life
): WorkerSession => {
  const { grace, logs, startTimeout, validate } = options
  const session = new WorkerSession(
    transport,
    0,
    { concurrency: 1, grace, logs, validate },
    {
      onReady: () => {
        clearTimeout(timeout)
        session.offer(call)
        Deferred.doneUnsafe(life.ready, Exit.void)
      },
      onRoom: () => {},
      onPace: () => {},
      // Its worker ended before it took it, and there is no other.
      onReturned: ({ task }) => {
        const { id, reason } = session
        call.fail(reason === undefined ? new PoolClosed({ task }) : new WorkerCrashed({ task, worker: id, reason }))
      },
      onGone: (_, failure) => {
        clearTimeout(timeout)
        if (session.exit !== undefined) Deferred.doneUnsafe(life.gone, Exit.succeed(session.exit))
        // Closed while it started: nobody else would tell who waits. Says nothing to one that was ready.
        const cause = failure === undefined ? new Error("It was closed before it was ready") : failure.cause
        const error = new WorkerStartFailed({ worker: transport.workerFile, cause, attempts: 1 })
        Deferred.doneUnsafe(life.ready, Exit.fail(error))
      }
    }
  )
  const timeout = setTimeout(
    () => session.giveUpStart(new Error(`It was not ready after ${startTimeout} ms`)),
    startTimeout
  ).unref()
  return session
}

const closing = (session: WorkerSession): Effect.Effect<void> =>
  awaiting(Effect.callback<void>((resume) => session.close(() => resume(stoppedOr(session.stuck)))))

/** Whoever waits keeps the program alive; the worker itself does not. */
const awaiting = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.acquireUseRelease(
    Effect.sync(KeepAlive.hold),
    () => effect,
    () => Effect.sync(KeepAlive.release)
  )

const within = (
  join: Effect.Effect<unknown, unknown>,
  task: string,
  input: Duration.Input
): Effect.Effect<unknown, unknown | InvalidOption> =>
  Effect.flatMap(millis("limit", input), (limit) =>
    Effect.timeoutOrElse(join, {
      duration: Duration.millis(limit),
      orElse: () => Effect.fail(new TaskTimeout({ task, phase: "running", millis: limit }))
    })
  )
