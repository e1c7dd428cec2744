/** What each stage makes of its elements, and each way to run a pipeline. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { temporaryFolder } from "./support/folders.ts"

const numbers = (count: number): Pipeline.Pipeline<number> => Pipeline.from(Array.from({ length: count }, (_, n) => n))

const collects = <A, E>(name: string, pipeline: Pipeline.Pipeline<A, E>, expected: ReadonlyArray<unknown>): void =>
  void it.effect(name, () =>
    Effect.map(Pipeline.runCollect(pipeline), (all) => assert.deepEqual(all as ReadonlyArray<unknown>, expected))
  )

const later = <A>(value: A): Effect.Effect<A> => Effect.as(Effect.yieldNow, value)

describe("sources", () => {
  collects("an iterable", Pipeline.from(new Set([1, 2])), [1, 2])
  const backwards = Object.defineProperty([1, 2, 3], Symbol.iterator, { value: () => [3, 2, 1].values() })
  collects("an array that is read in a way of its own", Pipeline.from(backwards), [3, 2, 1])
  const growing = [1, 2]
  collects(
    "an array that grows meanwhile, as `for of` would read it",
    Pipeline.from(growing).pipe(Pipeline.map((n) => Effect.sync(() => (n < 3 ? growing.push(n + 2) : n)))),
    [3, 4, 3, 4]
  )
  it.effect("an element that can't be read is a defect, after those before it", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const broken = Object.defineProperty([1, 2, 3], 1, {
        get: () => {
          throw new Error("gone")
        }
      })
      const run = Pipeline.from(broken).pipe(Pipeline.runForEach((n) => void seen.push(n)))
      const cause = yield* Effect.flip(Effect.sandbox(run))
      assert.match(`${Cause.squash(cause)}`, /gone/)
      assert.deepEqual(seen, [1])
    })
  )
  collects("none of them", Pipeline.from<number>([]).pipe(Pipeline.map((n) => n + 1)), [])
  collects(
    "an async iterable",
    Pipeline.from(
      (async function* () {
        yield 1
        yield 2
      })()
    ),
    [1, 2]
  )
  collects("a stream of Node", Pipeline.from(Readable.from(["a", "b"])), ["a", "b"])
  collects(
    "a Stream, whatever the size of its arrays",
    Pipeline.from(Stream.rechunk(Stream.range(1, 5), 2)),
    [1, 2, 3, 4, 5]
  )

  it.effect("lines of a file, with either end, and one without", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "lines")
      const long = "é".repeat(70_000)
      writeFileSync(file, `one\r\n\n${long}\nlast`)
      assert.deepEqual(yield* Pipeline.runCollect(Pipeline.fromLines(file)), ["one", "", long, "last"])
      writeFileSync(file, "")
      assert.deepEqual(yield* Pipeline.runCollect(Pipeline.fromLines(file)), [])
      const missing = yield* Effect.flip(Pipeline.run(Pipeline.fromLines(join(folder, "none"))))
      assert.instanceOf(missing, Pipeline.SourceFailed)
      assert.include(missing.message, "ENOENT")
    })
  )

  it.effect("lines of JSON, and the number of one that is none", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "lines.jsonl")
      writeFileSync(file, '{"n":1}\n{"n":"two"}\n{\n{"n":4}\n')
      const items = Schema.Struct({ n: Schema.Number })
      const error = yield* Effect.flip(Pipeline.run(Pipeline.fromJsonLines(file, items)))
      assert.instanceOf(error, Pipeline.JsonLineInvalid)
      assert.equal(error.line, 2)
      const skipped: Array<number> = []
      const some = Pipeline.fromJsonLines(file, items, {
        onError: ({ error }) => void (error._tag === "JsonLineInvalid" && skipped.push(error.line))
      })
      assert.deepEqual(yield* Pipeline.runCollect(some), [{ n: 1 }, { n: 4 }])
      assert.deepEqual(skipped, [2, 3])
    })
  )
})

describe("stages", () => {
  collects(
    "map: plain values, values that are there, values that come, by index",
    numbers(4).pipe(
      Pipeline.map((n, index) => n + index),
      Pipeline.map((n) => Effect.succeed(n + 1)),
      Pipeline.map((n) => later(n * 10)),
      Pipeline.map((n) => (n % 20 === 0 ? n : later(n)))
    ),
    [10, 30, 50, 70]
  )
  collects("map: an Effect as a value of a map before it is run", numbers(1).pipe(Pipeline.map(() => undefined)), [
    undefined
  ])
  collects(
    "filter, by a plain predicate and by an Effect",
    numbers(9).pipe(
      Pipeline.filter((n) => n % 2 === 0),
      Pipeline.filter((n) => later(n > 2))
    ),
    [4, 6, 8]
  )
  collects(
    "flatMap: iterables, Streams and Effects of them, empty ones too",
    numbers(4).pipe(
      Pipeline.flatMap((n) => Array.from({ length: n }, () => n)),
      Pipeline.flatMap((n) => (n === 1 ? Stream.empty : Stream.make(n, -n))),
      Pipeline.flatMap((n) => later(new Set([n])))
    ),
    [2, -2, 2, -2, 3, -3, 3, -3, 3, -3]
  )
  collects(
    "flatMap: the order of the input, however long the calls take",
    numbers(6).pipe(
      Pipeline.flatMap((n) => Effect.as(n % 2 === 0 ? later(n) : Effect.void, [n, n]), { concurrency: 3 })
    ),
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
  )
  collects("take", numbers(1000).pipe(Pipeline.take(3)), [0, 1, 2])
  collects("take none", numbers(3).pipe(Pipeline.take(0)), [])
  collects("take more than there are", numbers(2).pipe(Pipeline.take(5)), [0, 1])
  collects("batch", numbers(5).pipe(Pipeline.batch(2)), [[0, 1], [2, 3], [4]])
  collects("batch of none", numbers(0).pipe(Pipeline.batch(2)), [])
  collects("window: one after another", numbers(5).pipe(Pipeline.window({ size: 2 })), [[0, 1], [2, 3], [4]])
  collects("window: sliding", numbers(6).pipe(Pipeline.window({ size: 3, step: 2 })), [
    [0, 1, 2],
    [2, 3, 4],
    [4, 5]
  ])
  collects("window: sliding, with nothing new at the end", numbers(5).pipe(Pipeline.window({ size: 3, step: 2 })), [
    [0, 1, 2],
    [2, 3, 4]
  ])
  collects("window: with gaps", numbers(8).pipe(Pipeline.window({ size: 2, step: 3 })), [
    [0, 1],
    [3, 4],
    [6, 7]
  ])
  collects("window: shorter than one", numbers(2).pipe(Pipeline.window({ size: 3, step: 1 })), [[0, 1]])
  collects(
    "dedupe: what was seen last is remembered, and being seen again counts",
    Pipeline.from(["a", "b", "a", "c", "a", "b"]).pipe(Pipeline.dedupe({ capacity: 2 })),
    ["a", "b", "c", "b"]
  )
  collects("dedupe by a key", numbers(6).pipe(Pipeline.dedupe({ key: (n) => n % 3, capacity: 3 })), [0, 1, 2])
  collects(
    "reduce: one total, and of none the initial one",
    numbers(5).pipe(Pipeline.reduce({ initial: () => 10, fold: (a, n: number) => a + n, combine: (a, b) => a + b })),
    [20]
  )
  collects(
    "reduce of nothing",
    numbers(0).pipe(Pipeline.reduce({ initial: () => 10, fold: (a, n: number) => a + n, combine: (a, b) => a + b })),
    [10]
  )

  it.effect("reduce: totals of its own for all that run at the same time, combined at the end", () =>
    Effect.gen(function* () {
      let totals = 0
      let combined = 0
      const sum = numbers(100).pipe(
        Pipeline.reduce(
          {
            initial: () => {
              totals++
              return 0
            },
            fold: (total: number, n: number) => later(total + n),
            combine: (a, b) => {
              combined++
              return later(a + b)
            }
          },
          { concurrency: 4 }
        )
      )
      assert.deepEqual(yield* Pipeline.runCollect(sum), [4950])
      assert.equal(totals, 4)
      assert.equal(combined, 3)
    })
  )

  it.effect("reduce: a total survives an element that it could not take", () =>
    Effect.gen(function* () {
      const sum = numbers(10).pipe(
        Pipeline.reduce(
          {
            initial: () => 0,
            fold: (total: number, n: number) => (n % 3 === 0 ? Effect.fail("no" as const) : later(total + n)),
            combine: (a, b) => a + b
          },
          { concurrency: 2, onError: Pipeline.skip }
        )
      )
      assert.deepEqual(yield* Pipeline.runCollect(sum), [1 + 2 + 4 + 5 + 7 + 8])
    })
  )

  it.effect("groupBy: each key in its order, several keys at a time", () =>
    Effect.gen(function* () {
      const running = new Set<number>()
      let most = 0
      const work = (n: number) =>
        Effect.gen(function* () {
          const key = n % 3
          assert.isFalse(running.has(key), "one of a key at a time")
          running.add(key)
          most = Math.max(most, running.size)
          for (let turn = 0; turn < n % 5; turn++) yield* Effect.yieldNow
          running.delete(key)
          return n
        })
      const all = yield* Pipeline.runCollect(numbers(60).pipe(Pipeline.groupBy((n) => n % 3, work, { concurrency: 2 })))
      assert.equal(most, 2)
      for (const key of [0, 1, 2]) {
        const ofKey = all.filter((n) => n % 3 === key)
        assert.deepEqual(
          ofKey,
          ofKey.toSorted((a, b) => a - b)
        )
      }
      assert.lengthOf(all, 60)
    })
  )

  it.effect("groupBy: results in the order of the input, when asked", () =>
    Effect.gen(function* () {
      const slow = (n: number) => (n % 2 === 0 ? later(n) : Effect.succeed(n))
      const all = yield* Pipeline.runCollect(numbers(20).pipe(Pipeline.groupBy((n) => n % 4, slow, { ordered: true })))
      assert.deepEqual(
        all,
        Array.from({ length: 20 }, (_, n) => n)
      )
    })
  )
})

class Factor extends Context.Service<Factor, number>()("test/Factor") {}

describe("runs", () => {
  it.effect("a pipeline may run many times, each from the beginning", () =>
    Effect.gen(function* () {
      const pipeline = numbers(3).pipe(Pipeline.dedupe({ capacity: 5 }), Pipeline.take(2))
      for (let time = 0; time < 2; time++) assert.deepEqual(yield* Pipeline.runCollect(pipeline), [0, 1])
    })
  )

  it.effect("runFold, by values and by Effects; runForEach; toStream", () =>
    Effect.gen(function* () {
      const sum = (total: number, n: number) => total + n
      assert.equal(yield* Pipeline.runFold(numbers(4), () => 1, sum), 7)
      assert.equal(
        yield* numbers(4).pipe(
          Pipeline.runFold(
            () => 1,
            (total, n) => later(total + n)
          )
        ),
        7
      )
      const seen: Array<number> = []
      yield* numbers(3).pipe(Pipeline.runForEach((n) => later(seen.push(n)), { concurrency: 2 }))
      assert.deepEqual(seen, [0, 1, 2])
      assert.deepEqual(yield* Stream.runCollect(Pipeline.toStream(numbers(40))), Array.from(Array(40).keys()))
      assert.deepEqual(yield* Stream.runCollect(Stream.take(Pipeline.toStream(numbers(40)), 2)), [0, 1])
    })
  )

  it.effect("services are those of who runs it, also in the fibers of stages", () =>
    Effect.gen(function* () {
      const times = (n: number) => Effect.map(Factor, (factor) => n * factor)
      const pipeline = numbers(3).pipe(
        Pipeline.map(times),
        Pipeline.map((n) => Effect.andThen(Effect.yieldNow, times(n)), { concurrency: 2 })
      )
      const run = Effect.provideService(Pipeline.runCollect(pipeline), Factor, 10)
      assert.deepEqual(yield* run, [0, 100, 200])
      const stream = Stream.provideService(Pipeline.toStream(pipeline), Factor, 2)
      assert.deepEqual(yield* Stream.runCollect(stream), [0, 4, 8])
    })
  )

  it.live("a function of a module", () =>
    Effect.gen(function* () {
      const path = yield* FiberPool.module<typeof import("node:path")>(new URL("node:path"))
      const names = Pipeline.from(["/a/one.ts", "/b/two.ts"]).pipe(Pipeline.call(path, "basename"))
      assert.deepEqual(yield* Pipeline.runCollect(names), ["one.ts", "two.ts"])
    })
  )

  it.effect("a stage of calls keeps its pool busy, however wide that is, unless it is told how wide it is itself", () =>
    Effect.gen(function* () {
      const url = new URL("node:path")
      for (const [options, width] of [
        [{ size: 2 }, 64],
        [{ size: 4, concurrency: 100 }, 800]
      ] as const) {
        const path = yield* FiberPool.module<typeof import("node:path")>(url, options)
        const widthOf = (pipeline: Pipeline.Pipeline<unknown, unknown>) =>
          Pipeline.describe(pipeline).nodes[1]?.concurrency
        assert.equal(widthOf(Pipeline.call(Pipeline.from(["/a"]), path, "basename")), width)
        assert.equal(widthOf(Pipeline.call(Pipeline.from(["/a"]), path, "basename", { concurrency: 3 })), 3)
      }
    })
  )

  it.effect("a stage of tasks does so too", () =>
    Effect.gen(function* () {
      const Tasks = RpcGroup.make(Rpc.make("Half", { payload: Schema.Number, success: Schema.Number }))
      const handlers = Tasks.toLayer({ Half: (n) => Effect.succeed(n / 2) })
      const pool = yield* Effect.provide(FiberPool.make(Tasks, { size: 4, concurrency: 100 }), handlers)
      const halves = Pipeline.task(numbers(3), pool, "Half")
      assert.equal(Pipeline.describe(halves).nodes[1]?.concurrency, 800)
      assert.deepEqual(yield* Pipeline.runCollect(halves), [0, 0.5, 1])
    })
  )

  it.effect("describe and toMermaid: stages by name, branches by label, no stage that does nothing", () =>
    Effect.sync(() => {
      const pipeline = Pipeline.from([1], { name: "ones" }).pipe(
        Pipeline.map((n) => n, { name: "same", concurrency: 4, buffer: 2, ordered: false }),
        Pipeline.withOrigin,
        Pipeline.partition((n) => n > 0, { matching: Pipeline.map((n) => n), others: (rest) => rest }),
        Pipeline.take(1)
      )
      const { edges, nodes } = Pipeline.describe(pipeline)
      assert.deepEqual(
        nodes.map(({ kind, name }) => `${kind} ${name}`),
        ["source ones", "map same", "partition partition", "map map", "merge after partition", "take take"]
      )
      assert.deepInclude(nodes[1], { concurrency: 4, buffer: 2, ordered: false, place: "fiber" })
      assert.deepEqual(
        edges.map(({ from, label, to }) => [from, to, label]),
        [
          [0, 1, undefined],
          [1, 2, undefined],
          [2, 3, "matching"],
          [3, 4, undefined],
          [2, 4, "others"],
          [4, 5, undefined]
        ]
      )
      assert.include(Pipeline.toMermaid(pipeline), 'n2 -->|"matching"| n3')
    })
  )
})
