/** How many elements of the source are done with, in the middle of a run and at its end. */
import { describe, expect, it } from "@effect/vitest"
import * as CheckpointStore from "@ropewalk/core/CheckpointStore"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { settle } from "../../support/settle.ts"

const numbers = (count: number): Pipeline.Pipeline<number> => Pipeline.from(Array.from({ length: count }, (_, n) => n))

/** A stage that lets so many pass, and is still at work on all others. */
const stuckAfter = (count: number, concurrency = 1) =>
  Pipeline.map(
    <A>(value: A, index: number): Effect.Effect<A> => (index < count ? Effect.succeed(value) : Effect.never),
    {
      concurrency
    }
  )

/** What is to be seen of a run when nothing goes on in it any more, or so many seconds have passed. */
const statsOf = <A, E>(pipeline: Pipeline.Pipeline<A, E>, seconds = 60) =>
  Effect.gen(function* () {
    let stats: Effect.Effect<Pipeline.PipelineStats> | undefined
    const watched = pipeline.pipe(Pipeline.observe((run) => Effect.sync(() => (stats = run.stats))))
    const fiber = yield* Effect.forkChild(Pipeline.run(watched), { startImmediately: true })
    for (let second = 0; second < seconds; second++) yield* Effect.andThen(settle, TestClock.adjust("1 second"))
    const seen = yield* stats ?? Effect.die("It was not begun")
    yield* Fiber.interrupt(fiber)
    return seen
  })

const counts = <E>(name: string, pipeline: Pipeline.Pipeline<unknown, E>, done: number, given?: number): void =>
  void it.effect(name, () =>
    Effect.gen(function* () {
      const stats = yield* statsOf(pipeline)
      expect(stats.done).toBe(done)
      if (given !== undefined) expect(stats.stages[0]?.out).toBe(given)
    })
  )

/** So many files, of so many lines each. */
const files = (count: number, lines: number) =>
  numbers(count).pipe(Pipeline.flatMap((n) => Array.from({ length: lines }, () => n)))

const isEven = (n: number) => n % 2 === 0
const failOdd = (n: number) => (isEven(n) ? Effect.succeed(n) : Effect.fail("odd" as const))
const total = { initial: () => 0, fold: (sum: number, n: number) => sum + n, combine: (a: number, b: number) => a + b }

describe("what is done in the middle of a run", () => {
  counts("has left the last stage: not what waits and is worked on", numbers(20).pipe(stuckAfter(3, 4)), 3, 7)
  counts(
    "nor what waits between stages, wherever",
    numbers(50).pipe(
      Pipeline.map((n) => n, { concurrency: 4, buffer: 8 }),
      Pipeline.map((n) => Effect.as(Effect.yieldNow, n), { concurrency: 2, buffer: 2, ordered: false }),
      stuckAfter(5, 3)
    ),
    5
  )
  counts("what a filter leaves out", numbers(20).pipe(Pipeline.filter(isEven), stuckAfter(0, 5)), 4, 9)
  counts(
    "what is skipped, whatever the stage",
    numbers(20).pipe(Pipeline.map(failOdd, { onError: Pipeline.skip }), stuckAfter(0, 5)),
    4,
    9
  )
  it.effect("what is repeated, and what an earlier run has done", () =>
    Effect.gen(function* () {
      const store = yield* CheckpointStore.memory(["2"])
      const fresh = Pipeline.from([1, 1, 2, 2, 3, 4]).pipe(
        Pipeline.dedupe({ capacity: 10 }),
        Pipeline.checkpoint(store, (n) => `${n}`),
        stuckAfter(0, 8)
      )
      expect((yield* statsOf(fresh)).done).toBe(3)
    })
  )
  counts(
    "of those of each key too",
    numbers(40).pipe(Pipeline.groupBy(isEven, (n) => (isEven(n) ? Effect.succeed(n) : Effect.never), { buffer: 8 })),
    20
  )
  counts(
    "half of what flatMap makes of one is half of it",
    numbers(4).pipe(
      Pipeline.flatMap((n) => [n, n]),
      stuckAfter(3)
    ),
    1.5
  )
  counts(
    "of a collection that is being read nothing is known",
    numbers(1).pipe(
      Pipeline.flatMap((n) => Stream.concat(Stream.make(n, n, n), Stream.never)),
      Pipeline.map((n) => n)
    ),
    0,
    1
  )
  counts(
    "what flatMap makes nothing of",
    numbers(10).pipe(
      Pipeline.flatMap((n) => (isEven(n) ? [n] : [])),
      stuckAfter(1)
    ),
    2,
    3
  )
  counts("all that is in a batch that has left", numbers(10).pipe(Pipeline.batch(3), stuckAfter(1)), 3, 6)
  counts(
    "not what a batch has gathered",
    Pipeline.from(Stream.concat(Stream.make(1, 2, 3, 4, 5), Stream.never)).pipe(Pipeline.batch(3)),
    3,
    5
  )
  counts(
    "not what a window has gathered",
    Pipeline.from(Stream.concat(Stream.make(1, 2, 3, 4, 5), Stream.never)).pipe(Pipeline.window({ size: 3 })),
    3,
    5
  )
  counts(
    "lines of files, in batches, by what they are on average",
    files(4, 6).pipe(Pipeline.batch(4), stuckAfter(3)),
    2
  )
  counts(
    "what is folded, long before the total is there",
    numbers(10).pipe(
      Pipeline.map((n) => (n < 4 ? Effect.succeed(n) : Effect.never)),
      Pipeline.reduce(total)
    ),
    4
  )
  counts("all, while something is done with the total", numbers(10).pipe(Pipeline.reduce(total), stuckAfter(0)), 10)
  counts(
    "half of what one of two branches has",
    numbers(4).pipe(Pipeline.broadcast([Pipeline.map((n) => n), stuckAfter(0)])),
    2,
    4
  )
  counts(
    "what went the way that isn't blocked",
    numbers(10).pipe(Pipeline.partition(isEven, { matching: Pipeline.map((n) => n), others: stuckAfter(1) })),
    6
  )
  counts("of two sources both", numbers(3).pipe(stuckAfter(1), Pipeline.merge(numbers(5))), 6)
})

describe("what is done in the end", () => {
  const all = 24
  const same = Pipeline.map((n: number) => n)
  for (const [name, end] of Object.entries<(self: Pipeline.Pipeline<number>) => Pipeline.Pipeline<unknown, unknown>>({
    filter: Pipeline.filter(isEven),
    map: Pipeline.map(failOdd, { concurrency: 3, onError: Pipeline.skip }),
    flatMap: Pipeline.flatMap((n) => Array.from({ length: n % 7 }, () => n)),
    groupBy: Pipeline.groupBy(isEven, (n) => n),
    batch: Pipeline.batch(7),
    batchWithin: Pipeline.batch(7, "1 second"),
    window: Pipeline.window({ size: 5, step: 2 }),
    gaps: Pipeline.window({ size: 2, step: 5 }),
    windowEvery: Pipeline.window({ every: "1 second" }),
    reduce: Pipeline.reduce(total, { concurrency: 2 }),
    throttle: Pipeline.throttle({ elements: 1, per: "1 second" }),
    broadcast: Pipeline.broadcast([same, Pipeline.batch(5), Pipeline.filter(isEven)]),
    partition: Pipeline.partition(isEven, { matching: Pipeline.flatMap((n) => [n, n, n]), others: same })
  })) {
    counts(`is all, after ${name}`, numbers(all).pipe(end), all, all)
    counts(
      `is all, after ${name} between other stages`,
      numbers(all).pipe(
        Pipeline.flatMap((n) => [n, n]),
        end,
        Pipeline.map((made) => Effect.as(Effect.yieldNow, made), { concurrency: 2 }),
        Pipeline.batch(3)
      ),
      all
    )
  }
  counts("is no more than what `take` let through", numbers(all).pipe(stuckAfter(all), Pipeline.take(5)), 5)
  counts("is none of no elements", numbers(0).pipe(Pipeline.batch(2)), 0, 0)

  counts(
    "is not what failed, nor what was stopped by that",
    numbers(10).pipe(
      Pipeline.map((n) => (n === 3 ? Effect.fail("no") : n < 3 ? Effect.succeed(n) : Effect.never), { concurrency: 8 }),
      Pipeline.withOrigin
    ),
    3
  )
})

it.effect("it never falls, however unlike the collections are", () =>
  Effect.gen(function* () {
    const seen: Array<number> = []
    // The long one is not known to be long when the short ones have left.
    const lengths = Stream.mapEffect(Stream.make(1, 1, 1, 40, 1), (n) => Effect.as(Effect.sleep("10 seconds"), n))
    const run = Pipeline.from(lengths).pipe(
      Pipeline.flatMap((length) => Array.from({ length }, (_, n) => n)),
      Pipeline.map((n) => Effect.as(Effect.sleep("1 second"), n), { concurrency: 2, buffer: 16 }),
      Pipeline.observe((run) =>
        Stream.runForEach(run.changes("1 second"), ({ done }) => Effect.sync(() => void seen.push(done)))
      ),
      Pipeline.run
    )
    const fiber = yield* Effect.forkChild(run, { startImmediately: true })
    yield* TestClock.adjust("2 minutes")
    yield* Fiber.join(fiber)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(5)
    expect(new Set(seen).size).toBeGreaterThan(3)
  })
)
