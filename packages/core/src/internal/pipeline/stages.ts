/**
 * The stages of one input and one outlet, as `Pipeline` makes them.
 *
 * @internal
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { CheckpointStore } from "../../CheckpointStore.ts"
import type { Pipeline } from "../../Pipeline.ts"
import { type AnyModule, ModuleControl } from "../../Pool.ts"
import type { Place } from "../codec/CallContext.ts"
import { count } from "../options.ts"
import { batchOf, batchWithin, windowEvery, windowOf } from "./batch.ts"
import { openCheckpoint } from "./checkpoint.ts"
import { drop, type Element, isNow, type Pull } from "./Element.ts"
import { flatMapEach } from "./flatten.ts"
import { append, fromStage } from "./implementation.ts"
import { decodeLine, type Path } from "./lines.ts"
import type { RunStats } from "./observe.ts"
import { upstreamOf } from "./open.ts"
import { showOrigin } from "./origin.ts"
import { dropRepeated, slowDown, type ThrottleOptions, takeFirst } from "./passing.ts"
import { type LooseReducer, reduceAll } from "./reduce.ts"
import type { Observer, Opening, StageInfo } from "./Stage.ts"
import { type Defaults, type LooseOptions, shown } from "./StageOptions.ts"
import { fromLines } from "./sources.ts"
import { type EachOptions, workEach } from "./workEach.ts"

type AnyPipeline = Pipeline<any, any, any>
type Call = (value: any, index: number) => unknown

interface EachStage extends EachOptions {
  readonly kind: string
  readonly name: string
  readonly place?: Place | undefined
}

/** A stage that works on each element. */
const each = (self: AnyPipeline, { kind, name, place, ...work }: EachStage): AnyPipeline => {
  const { defaults, options } = work
  return append(self, { info: { kind, place, ...shown(name, options, defaults) }, open: workEach(work) })
}

const replaceValue = (element: Element, answer: unknown): void => {
  element.value = answer
}

export const map = (self: AnyPipeline, f: Call, options: LooseOptions = {}, kind = "map"): AnyPipeline =>
  each(self, { kind, name: f.name || kind, place: "fiber", call: f, land: replaceValue, options })

export const filter = (self: AnyPipeline, predicate: Call, options: LooseOptions = {}): AnyPipeline => {
  const land = (element: Element, answer: unknown): void => {
    if (answer !== true) drop(element)
  }
  return each(self, {
    kind: "filter",
    name: predicate.name || "filter",
    place: "fiber",
    call: predicate,
    land,
    options
  })
}

export const flatMap = (self: AnyPipeline, f: Call, options: LooseOptions = {}): AnyPipeline =>
  append(self, {
    info: { kind: "flatMap", place: "fiber", ...shown(f.name || "flatMap", options) },
    open: flatMapEach(f, options)
  })

export const fromJsonLines = (
  path: Path,
  schema: Schema.Codec<any, any, any, any>,
  options: LooseOptions = {}
): AnyPipeline => map(fromStage(fromLines(path)), decodeLine(path, schema), { name: "decode", ...options }, "decode")

interface Runs {
  readonly place: Place
  readonly capacity: number
  readonly run: (tag: string, payload: unknown, options: object | undefined) => Effect.Effect<unknown, unknown>
}

const leastAtWorkers = 64

/**
 * As many as run, and as many that wait behind them. Short tasks want more on their way to a worker: with 16 a task that does
 * nothing takes more than twice the time.
 */
const atWorkers = (capacity: number): Defaults => ({
  concurrency: Math.max(leastAtWorkers, Number.isFinite(capacity) ? 2 * capacity : 0)
})

export const task = (self: AnyPipeline, pool: Runs, tag: string, options: LooseOptions = {}): AnyPipeline => {
  const { timeout } = options
  const runOptions = timeout === undefined ? undefined : { timeout }
  return each(self, {
    kind: "task",
    name: tag,
    place: pool.place,
    call: (payload) => pool.run(tag, payload, runOptions),
    land: replaceValue,
    options,
    defaults: atWorkers(pool.capacity),
    isTimed: true
  })
}

type Methods = AnyModule & Readonly<Record<string, (input: unknown) => unknown>>

export const call = (self: AnyPipeline, module: Methods, name: string, options: LooseOptions = {}): AnyPipeline => {
  const call = (input: unknown): unknown => module[name]?.(input)
  const defaults = atWorkers(module[ModuleControl].capacity)
  return each(self, { kind: "call", name, call, land: replaceValue, options, defaults })
}

/** How many elements it may look through for one whose key is free. */
const groupDefaults = { concurrency: 16, buffer: 16, ordered: false }

export const groupBy = (
  self: AnyPipeline,
  keyOf: (value: any) => unknown,
  f: Call,
  options: LooseOptions = {}
): AnyPipeline =>
  each(self, {
    kind: "groupBy",
    name: f.name || "groupBy",
    place: "fiber",
    call: f,
    land: replaceValue,
    options,
    defaults: groupDefaults,
    keyOf
  })

export const reduce = (self: AnyPipeline, reducer: LooseReducer, options: LooseOptions = {}): AnyPipeline =>
  append(self, {
    info: { kind: "reduce", place: "fiber", ...shown("reduce", options, { concurrency: 1, ordered: false }) },
    open: reduceAll(reducer, options)
  })

/** A stage of which nothing is to be said but its name. */
const plain = (
  self: AnyPipeline,
  kind: string,
  open: (opening: Opening) => Effect.Effect<Pull, unknown>
): AnyPipeline => append(self, { info: { kind, name: kind } satisfies StageInfo, open })

export const batch = (self: AnyPipeline, size: number, within?: Duration.Input): AnyPipeline =>
  plain(self, "batch", within === undefined ? batchOf(size) : batchWithin(size, within))

export type WindowOptions =
  | { readonly size: number; readonly step?: number | undefined }
  | { readonly every: Duration.Input; readonly most?: number | undefined }

/** Of a window of time: how many elements it holds, unless said. */
const mostInWindow = 1024

export const window = (self: AnyPipeline, options: WindowOptions): AnyPipeline =>
  plain(
    self,
    "window",
    "every" in options
      ? windowEvery(options.every, options.most ?? mostInWindow)
      : windowOf(options.size, options.step ?? options.size)
  )

export const take = (self: AnyPipeline, most: number): AnyPipeline => plain(self, "take", takeFirst(most))

export const throttle = (self: AnyPipeline, options: ThrottleOptions): AnyPipeline =>
  plain(self, "throttle", slowDown(options))

export interface DedupeOptions {
  readonly capacity: number
  readonly key?: ((value: any) => unknown) | undefined
}

export const dedupe = (self: AnyPipeline, { capacity, key = (value) => value }: DedupeOptions): AnyPipeline =>
  plain(self, "dedupe", dropRepeated(key, capacity))

export const checkpoint = (self: AnyPipeline, store: CheckpointStore, key: (value: any) => string): AnyPipeline =>
  plain(self, "checkpoint", openCheckpoint(store, key))

export const withOrigin = (self: AnyPipeline): AnyPipeline =>
  append(self, {
    info: undefined,
    open: (opening) =>
      Effect.map(upstreamOf(opening), (upstream) => (most) => {
        const pulled = upstream(most)
        return isNow(pulled) ? pulled : Effect.catchCause(pulled, (cause) => Effect.failCause(showOrigin(cause)))
      })
  })

export const withSpans = (self: AnyPipeline, { every }: { readonly every: number }): AnyPipeline =>
  append(self, {
    info: undefined,
    open: (opening) => Effect.flatMap(count("every", every), (spanEvery) => upstreamOf({ ...opening, spanEvery }))
  })

export const observe = (
  self: AnyPipeline,
  observer: (run: RunStats) => Effect.Effect<unknown, any, any>
): AnyPipeline =>
  append(self, {
    info: undefined,
    open: (opening) => Effect.tap(upstreamOf(opening), () => Effect.sync(() => opening.run.watch(observer as Observer)))
  })
