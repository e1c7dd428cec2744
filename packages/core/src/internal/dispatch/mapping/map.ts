/**
 * `map` and `mapSettled`, as the pools of all places offer them.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { MapOptions, SettleOptions } from "../../../Pool.ts"
import { CallContext, type Place, placeOnly } from "../../codec/CallContext.ts"
import { callersTimeLeft, deadlinesAreInUse, monotonicMillis } from "../../deadline.ts"
import type { InvalidOption } from "../../errors.ts"
import { count } from "../../options.ts"
import { callSettings } from "../callSettings.ts"
import type { Dispatcher } from "../Dispatcher.ts"
import type { TaskRunner } from "../run.ts"
import { ChunkSize } from "./ChunkSize.ts"
import { type ChunkCodec, submitChunk } from "./chunkCalls.ts"
import { Mapping } from "./Mapping.ts"
import { mapOnFibers } from "./mapOnFibers.ts"
import { asCompleted, ordered } from "./results.ts"

export type Mapper = (
  tag: string,
  payloads: Iterable<unknown>,
  options?: MapOptions
) => Effect.Effect<Array<unknown>, unknown>

export type SettledMapper = (
  tag: string,
  payloads: Iterable<unknown>,
  options?: SettleOptions
) => Effect.Effect<Array<Exit.Exit<unknown, unknown>>, InvalidOption>

/** Over a pool that is called task by task. `window`: how many of a map are in it at the same time, asked when the map begins. */
export const mapWith =
  (run: TaskRunner, window: () => number): Mapper =>
  (tag, payloads, options) =>
    Effect.flatMap(checked(options, window()), ({ window }) =>
      mapOnFibers((payload) => run(tag, payload, options), payloads, window, options?.ordered !== false)
    )

export const mapSettledWith =
  (run: TaskRunner, window: () => number): SettledMapper =>
  (tag, payloads, options) =>
    Effect.flatMap(checked(options, window()), ({ window }) =>
      mapOnFibers((payload) => Effect.exit(run(tag, payload, options)), payloads, window, true)
    ) as Effect.Effect<Array<Exit.Exit<unknown, unknown>>, InvalidOption>

/** A task of a pool of workers, as far as a map is concerned with it. */
export interface MappedTask {
  readonly dispatcher: Dispatcher
  readonly place: Place
  readonly name: string
  readonly codec: ChunkCodec
  /** How often it is started again after a crash, if the map says nothing. */
  readonly retries: number
  /** How many of its tasks the pool runs at the same time. */
  readonly workers: number
}

/** By chunks. An `undefined` one is chosen by measured time. */
export const mapInChunks = (
  task: MappedTask,
  payloads: Iterable<unknown>,
  options: MapOptions | undefined,
  mode: "stop" | "settle"
): Effect.Effect<Array<unknown>, unknown> =>
  Effect.gen(function* () {
    const { chunk } = yield* checked(options, task.workers)
    const { key, priority, retries } = yield* callSettings(options, task.retries)
    const left = deadlinesAreInUse ? yield* callersTimeLeft : Number.POSITIVE_INFINITY
    const extras = left === Number.POSITIVE_INFINITY ? undefined : { deadline: monotonicMillis() + left }
    const context = Context.add(yield* Effect.context<never>(), CallContext, placeOnly(task.place))
    const results = options?.ordered === false ? asCompleted() : ordered()
    const calls = { ...task, task: task.name, mode, options: { key, priority, retries, extras }, context }
    // What crashes, or runs out of time, should take as little as possible with it: chunks only if wanted.
    const size = new ChunkSize(mode === "settle" ? (chunk ?? 1) : chunk, task.workers)
    return yield* Effect.callback<Array<unknown>, unknown>((resume) => {
      const mapping = new Mapping(
        payloads,
        { window: options?.concurrency, size, submit: submitChunk(calls), onResults: results.add },
        (exit) => resume(exit._tag === "Success" ? Exit.succeed(results.all()) : Exit.failCause(exit.cause))
      )
      mapping.pump()
      return Effect.callback<void>((stopped) => mapping.stop(() => stopped(Effect.void)))
    })
  })

/** Whether a map has to call task by task: a timeout is one task's, and a chunk's task would wait for those before it. */
export const goesTaskByTask = (options: MapOptions | undefined): boolean => options?.timeout !== undefined

const checked = (
  options: MapOptions | undefined,
  window: number
): Effect.Effect<{ readonly window: number; readonly chunk: number | undefined }, InvalidOption> =>
  Effect.all({
    window: count("concurrency", options?.concurrency ?? window),
    chunk: options?.chunk === undefined || options.chunk === "auto" ? Effect.undefined : count("chunk", options.chunk)
  })
