/**
 * The functions of a plain module on fibers of this thread.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ModuleOptions } from "../../FiberPool.ts"
import {
  DecodeFailed,
  type InvalidOption,
  type Module,
  type ModuleHooks,
  RemoteError,
  type RunOptions,
  WorkerStartFailed
} from "../../Pool.ts"
import type { Emit } from "../stream/effects.ts"
import { fiberDispatcher } from "./fiberDispatcher.ts"
import { fiberStream } from "./fiberStream.ts"
import { mapWith } from "./mapping/map.ts"
import { methodsOf } from "./moduleMethods.ts"
import { settingsOf, workerUrl } from "./settings.ts"

export const makeFiberModule = <M>(
  url: URL,
  options: ModuleOptions<M>
): Effect.Effect<Module<M>, WorkerStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const { href } = yield* workerUrl("module", url)
    const exports = yield* Effect.tryPromise({
      try: (): Promise<Record<string, unknown>> => import(href),
      catch: (cause) => new WorkerStartFailed({ worker: href, cause, attempts: 1 })
    })
    yield* runHooks(href, exports, options)
    const dispatcher = yield* fiberDispatcher(settings, options.metrics)
    const withFunction = <A>(name: string, use: (target: Callable) => A, otherwise: (error: DecodeFailed) => A): A => {
      const target = exports[name]
      if (typeof target === "function") return use(target as Callable)
      const cause = new Error(`${url.href} exports no function "${name}"`)
      return otherwise(new DecodeFailed({ task: name, what: "payload", path: [], cause }))
    }
    const run = (name: string, args: ReadonlyArray<unknown>, options?: RunOptions): Effect.Effect<unknown, unknown> =>
      withFunction(name, (target) => dispatcher.run(name, callFunction(name, target, args), options), Effect.fail)
    const stream = (name: string, args: ReadonlyArray<unknown>): Stream.Stream<unknown, unknown> =>
      withFunction(
        name,
        (target) =>
          fiberStream(
            name,
            (emit) => dispatcher.run(name, drainFunction(name, target, args, emit), undefined),
            undefined
          ),
        Stream.fail
      )
    return methodsOf<M>(dispatcher.control, {
      method: (name) => ({ run: (args) => run(name, args), stream: (args) => stream(name, args) }),
      map: mapWith(
        (name, input, options) => run(name, [input], options),
        () => 2 * dispatcher.control.capacity
      )
    })
  })

/** The thread of the caller is the one worker: its first task is the pool's, and so is its last. */
const runHooks = (
  worker: string,
  exports: Record<string, unknown>,
  { initialise, teardown }: ModuleHooks<any>
): Effect.Effect<void, WorkerStartFailed, Scope.Scope> => {
  const call = (hook: { readonly call: string; readonly args?: ReadonlyArray<unknown> | undefined } | undefined) =>
    hook === undefined ? Effect.void : callFunction(hook.call, functionOf(exports, hook.call), hook.args ?? [])
  const print = (cause: unknown) => Effect.logError(`The teardown of ${worker} failed`, cause)
  return Effect.asVoid(
    Effect.acquireRelease(
      Effect.catchCause(call(initialise), (cause) =>
        Effect.fail(new WorkerStartFailed({ worker, cause: Cause.squash(cause), attempts: 1 }))
      ),
      () => Effect.catchCause(call(teardown), print)
    )
  )
}

const functionOf = (exports: Record<string, unknown>, name: string): Callable => {
  const target = exports[name]
  return typeof target === "function"
    ? (target as Callable)
    : () => {
        throw new Error(`The module exports no function "${name}"`)
      }
}

type Callable = (...args: ReadonlyArray<unknown>) => unknown

const callFunction = (
  task: string,
  target: Callable,
  args: ReadonlyArray<unknown>
): Effect.Effect<unknown, unknown> => {
  const thrown = (cause: unknown) => RemoteError.thrownBy(task, cause)
  return Effect.flatMap(Effect.try({ try: () => target(...args), catch: thrown }), (returned) =>
    Effect.isEffect(returned)
      ? (returned as Effect.Effect<unknown, unknown>)
      : Effect.tryPromise({ try: async () => returned, catch: thrown })
  )
}

/** Calls a function that answers with many values, and gives them away. */
const drainFunction = (
  task: string,
  target: Callable,
  args: ReadonlyArray<unknown>,
  emit: Emit
): Effect.Effect<unknown, unknown> => {
  const thrown = (cause: unknown) => RemoteError.thrownBy(task, cause)
  const returned = Effect.tryPromise({ try: async () => target(...args), catch: thrown })
  return Effect.flatMap(returned, (value) => {
    if (Stream.isStream(value)) return Stream.runForEachArray(value as Stream.Stream<unknown, unknown>, emit)
    if (isAsyncIterable(value)) return Stream.runForEachArray(Stream.fromAsyncIterable(value, thrown), emit)
    return Effect.fail(thrown(new TypeError(`"${task}" returned no async iterable and no Stream`)))
  })
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value
