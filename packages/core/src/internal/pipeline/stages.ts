/**
 * The stages that work on one element at a time, as `Pipeline` makes them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Pipeline } from "../../Pipeline.ts"
import type { Place } from "../codec/CallContext.ts"
import { afterPull, drop, type Element, isNow } from "./Element.ts"
import { flatMapEach } from "./flatten.ts"
import { append } from "./implementation.ts"
import { upstreamOf } from "./open.ts"
import { showOrigin } from "./origin.ts"
import { type LooseOptions, shownConcurrency } from "./StageOptions.ts"
import { takeFirst } from "./take.ts"
import { type EachOptions, workEach } from "./workEach.ts"

type AnyPipeline = Pipeline<any, any, any>
type Call = (value: unknown, index: number) => unknown

interface EachStage extends EachOptions {
  readonly kind: string
  readonly name: string
  readonly place?: Place | undefined
}

/** A stage that works on each element. */
export const each = (self: AnyPipeline, { kind, name, place, ...work }: EachStage): AnyPipeline => {
  const { defaults, options } = work
  const info = {
    kind,
    name: options.name ?? name,
    place,
    concurrency: shownConcurrency(options.concurrency, defaults?.concurrency ?? 1),
    buffer: options.buffer ?? defaults?.buffer ?? 0,
    ordered: options.ordered ?? defaults?.ordered ?? true
  }
  return append(self, { info, open: workEach(work) })
}

export const replaceValue = (element: Element, answer: unknown): void => {
  element.value = answer
}

export const map = (self: AnyPipeline, f: Call, options: LooseOptions = {}, kind = "map"): AnyPipeline =>
  each(self, { kind, name: f.name || kind, place: "fiber", call: f, land: replaceValue, options })

export const filter = (self: AnyPipeline, predicate: Call, options: LooseOptions = {}): AnyPipeline => {
  const land = (element: Element, answer: unknown): void => {
    if (answer !== true) drop(element)
  }
  return each(self, { kind: "filter", name: predicate.name || "filter", place: "fiber", call: predicate, land, options })
}

export const flatMap = (self: AnyPipeline, f: Call, options: LooseOptions = {}): AnyPipeline => {
  const info = {
    kind: "flatMap",
    name: options.name ?? (f.name || "flatMap"),
    place: "fiber" as const,
    concurrency: shownConcurrency(options.concurrency, 1),
    buffer: options.buffer ?? 0,
    ordered: options.ordered ?? true
  }
  return append(self, { info, open: flatMapEach(f, options) })
}

interface Runs {
  readonly place: Place
  readonly size: number
  readonly run: (tag: string, payload: unknown, options: object | undefined) => Effect.Effect<unknown, unknown>
}

/** Short tasks want more on their way to a worker than one running and one waiting. */
const leastAtWorkers = 64

export const task = (self: AnyPipeline, pool: Runs, tag: string, options: LooseOptions = {}): AnyPipeline => {
  const { timeout } = options
  const runOptions = timeout === undefined ? undefined : { timeout }
  const size = Number.isFinite(pool.size) ? pool.size : 0
  return each(self, {
    kind: "task",
    name: tag,
    place: pool.place,
    call: (payload) => pool.run(tag, payload, runOptions),
    land: replaceValue,
    options,
    defaults: { concurrency: Math.max(2 * size, leastAtWorkers) },
    isTimed: true
  })
}

export const call = (
  self: AnyPipeline,
  module: Readonly<Record<string, (input: unknown) => unknown>>,
  name: string,
  options: LooseOptions = {}
): AnyPipeline =>
  each(self, {
    kind: "call",
    name,
    call: (input) => module[name]?.(input),
    land: replaceValue,
    options,
    defaults: { concurrency: leastAtWorkers }
  })

export const take = (self: AnyPipeline, most: number): AnyPipeline =>
  append(self, { info: { kind: "take", name: "take" }, open: takeFirst(most) })

export const withOrigin = (self: AnyPipeline): AnyPipeline =>
  append(self, {
    info: { kind: "withOrigin", name: "withOrigin" },
    open: (opening) =>
      Effect.map(upstreamOf(opening), (upstream) => {
        const { meter } = opening
        const pass = (elements: ReadonlyArray<Element>): ReadonlyArray<Element> => {
          meter.in += elements.length
          meter.out += elements.length
          return elements
        }
        return (most) => {
          const pulled = afterPull(upstream(most), pass)
          if (isNow(pulled)) return pulled
          return Effect.catchCause(pulled, (cause) => Effect.failCause(showOrigin(cause)))
        }
      })
  })
