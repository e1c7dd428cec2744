/** What a stage of a pipeline costs an element: one that does nothing, and one that computes on two threads. */
import { Readable } from "node:stream"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import pMap from "p-map"
import { beside } from "../beside.ts"
import { type Case, type Contender, named, type Setting, times } from "../Case.ts"
import { pythonContender } from "../peers/python.ts"
import { acquire } from "../peers/TaskPool.ts"
import type * as functions from "../work/functions.ts"
import { fib as compute } from "../work/functions.ts"
import { microsEach, millisOf } from "./onPools.ts"

const metric = { name: "an element", unit: "µs" }

/** All at once, a million promises and streams of some contenders need more memory than the machine has. */
const fullOf = (concurrency: Concurrency): number => (concurrency === "unbounded" ? 100_000 : 1_000_000)

type Concurrency = 1 | 16 | "unbounded"

/** A whole run over so many elements. */
type Run = (inputs: ReadonlyArray<number>, concurrency: Concurrency) => Promise<unknown>

/** An effect that has nothing to do, and is not known to have nothing to do before it is run. */
const effect = (n: number): Effect.Effect<number> => Effect.sync(() => n)
const known = (n: number): Effect.Effect<number> => Effect.succeed(n)
const plain = (n: number): number => n
const ignore = (): void => {}
const promise = async (n: number): Promise<number> => n

const pipelined =
  <B>(f: (n: number) => B): Run =>
  (inputs, concurrency) =>
    Effect.runPromise(Pipeline.run(Pipeline.map(Pipeline.from(inputs), f, { concurrency })) as Effect.Effect<void>)

const streamed =
  (f: (n: number) => Effect.Effect<number>): Run =>
  (inputs, concurrency) =>
    Effect.runPromise(Stream.runDrain(Stream.mapEffect(Stream.fromIterable(inputs), f, { concurrency })))

/** Node has no map without a bound: as many as there are. */
const boundOf = (inputs: ReadonlyArray<number>, concurrency: Concurrency): number =>
  concurrency === "unbounded" ? inputs.length : concurrency

const contender = (name: string, role: Contender["role"], run: Run, concurrency: Concurrency): Contender => ({
  name,
  role,
  start: async (setting: Setting) => {
    const inputs = Array.from({ length: times(setting, fullOf(concurrency)) }, (_, n) => n)
    await run(inputs, concurrency)
    return {
      round: async () => ({ [metric.name]: await microsEach(inputs.length, () => run(inputs, concurrency)) }),
      stop: async () => undefined
    }
  }
})

const names = {
  effect: "Pipeline.map, an Effect",
  known: "Pipeline.map, Effect.succeed",
  plain: "Pipeline.map, a plain value",
  streamEffect: "Stream.mapEffect, an Effect",
  streamKnown: "Stream.mapEffect, Effect.succeed"
}

const noOp = (concurrency: Concurrency): Case => ({
  name: `pipeline-${concurrency}`,
  title: `a stage that does nothing, over ${fullOf(concurrency).toLocaleString("en-US")} numbers, concurrency ${concurrency}`,
  metrics: [metric],
  workers: [1],
  contenders: [
    contender(names.effect, "ours", pipelined(effect), concurrency),
    contender(names.known, "ours", pipelined(known), concurrency),
    contender(names.plain, "ours", pipelined(plain), concurrency),
    contender(names.streamEffect, "peer", streamed(effect), concurrency),
    contender(names.streamKnown, "peer", streamed(known), concurrency),
    contender(
      "p-map",
      "peer",
      (inputs, at) => pMap(inputs, promise, { concurrency: at === "unbounded" ? Number.POSITIVE_INFINITY : at }),
      concurrency
    ),
    contender(
      "Readable.map",
      "peer",
      (inputs, at) =>
        Readable.from(inputs)
          .map(promise, { concurrency: boundOf(inputs, at) })
          .forEach(ignore),
      concurrency
    ),
    pythonContender("Pool", "imap_unordered", {
      task: "increment",
      metric: metric.name,
      count: (quick) => (quick ? 2000 : 20_000)
    })
  ],
  goals: [
    { metric: metric.name, ours: names.known, against: named(names.streamKnown), atMost: 1 },
    { metric: metric.name, ours: names.effect, against: named(names.streamEffect), atMost: 1 }
  ]
})

export const pipelineNoOp: ReadonlyArray<Case> = [noOp(1), noOp(16), noOp("unbounded")]

const millis = { name: "all of them", unit: "ms" }

const fibs = (setting: Setting) => Array<number>(times(setting, 64)).fill(30)

const module = beside(import.meta.url, "../work/functions")

const onThreads: Contender = {
  name: "Pipeline.call, thread module",
  role: "ours",
  start: async (setting) => {
    const { close, value: work } = await acquire(ThreadPool.module<typeof functions>(module, { size: setting.workers }))
    const round = () =>
      millisOf(millis, () =>
        Effect.runPromise(Pipeline.runCollect(Pipeline.call(Pipeline.from(fibs(setting)), work, "fib")))
      )
    await round()
    return { round, stop: close }
  }
}

const inline: Contender = {
  name: "one thread, inline",
  role: "note",
  start: async (setting) => {
    const round = () => millisOf(millis, () => fibs(setting).map(compute))
    await round()
    return { round, stop: async () => undefined }
  }
}

export const pipelineFib: Case = {
  name: "pipeline-fib",
  title: "64 × fib(30) as a stage of a pipeline",
  metrics: [millis],
  workers: [2],
  contenders: [onThreads, inline],
  goals: [{ metric: millis.name, ours: onThreads.name, against: named(inline.name), atLeast: 1.9 }]
}
