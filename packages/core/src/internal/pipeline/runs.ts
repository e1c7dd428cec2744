/**
 * The ways to run a pipeline.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Pipeline } from "../../Pipeline.ts"
import { endOf } from "./implementation.ts"
import { drain } from "./run.ts"
import type { LooseOptions } from "./StageOptions.ts"
import { map } from "./stages.ts"

type AnyPipeline = Pipeline<any, any, any>

export const run = (self: AnyPipeline): Effect.Effect<void, any, any> => drain(endOf(self), () => {})

export const runCollect = (self: AnyPipeline): Effect.Effect<Array<any>, any, any> =>
  Effect.suspend(() => {
    const all: Array<unknown> = []
    const collected = drain(endOf(self), (elements) => {
      for (const { value } of elements) all.push(value)
    })
    return Effect.as(collected, all)
  })

export const runForEach = (
  self: AnyPipeline,
  f: (value: any, index: number) => unknown,
  options: LooseOptions | undefined
): Effect.Effect<void, any, any> => run(map(self, f, options, "forEach"))

/** One step after another: each is told what the one before it made. */
export const runFold = (
  self: AnyPipeline,
  initial: () => unknown,
  f: (total: any, value: any) => unknown
): Effect.Effect<any, any, any> =>
  Effect.suspend(() => {
    let total = initial()
    const keep = (next: unknown): void => {
      total = next
    }
    const fold = (value: unknown): unknown => {
      const next = f(total, value)
      return Effect.isEffect(next) ? Effect.map(next, keep) : keep(next)
    }
    return Effect.map(run(map(self, fold, { name: "fold" }, "fold")), () => total)
  })
