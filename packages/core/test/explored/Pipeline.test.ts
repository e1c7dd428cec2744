/** What holds of a pipeline under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Pipeline from "../../src/Pipeline.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { numbers } from "../support/numbers.ts"

const it = withExplore(base)

/** A source and a stage with books, which are checked at every step. */
const watched = (concurrency: number, buffer: number, ahead = 0) =>
  Effect.gen(function* () {
    const book = { read: 0, running: 0, consumed: 0, opened: 0, closed: 0 }
    yield* Explore.invariant("no more run than the concurrency", () => book.running <= concurrency)
    yield* Explore.invariant(
      "no more is held than the concurrency and the buffer, and what the consumer has",
      () => book.read - book.consumed <= concurrency + buffer + ahead
    )
    const source: Iterable<number> = {
      *[Symbol.iterator]() {
        book.opened++
        try {
          while (book.read < 5) yield book.read++
        } finally {
          book.closed++
        }
      }
    }
    const work = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.acquireUseRelease(
        Effect.sync(() => void book.running++),
        () => Effect.andThen(Effect.yieldNow, effect),
        () => Effect.sync(() => void book.running--)
      )
    const consume = Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => void book.consumed++)
    )
    const isOver = () => assert.deepEqual([book.running, book.opened - book.closed], [0, 0])
    return { book, source: Pipeline.from(source), work, consume, isOver }
  })

const orders = [true, false]

describe("a window, explored", () => {
  for (const ordered of orders) {
    const how = ordered ? "in order" : "as they come"

    it.explore(
      `every element once, ${how}, with a slow consumer`,
      Effect.gen(function* () {
        const { consume, isOver, source, work } = yield* watched(2, 1, 1)
        const seen: Array<number> = []
        yield* source.pipe(
          Pipeline.map((n) => work(Effect.succeed(n)), { concurrency: 2, buffer: 1, ordered }),
          Pipeline.runForEach((n) => Effect.map(consume, () => void seen.push(n)))
        )
        assert.deepEqual(ordered ? seen : seen.toSorted(), numbers(5))
        isOver()
      }),
      { schedules: 500 }
    )

    it.explore(
      `a failure while it is full: ${how}`,
      Effect.gen(function* () {
        const { consume, isOver, source, work } = yield* watched(3, 0, 1)
        const exit = yield* source.pipe(
          Pipeline.map((n) => work(n === 2 ? Effect.fail("no" as const) : Effect.succeed(n)), {
            concurrency: 3,
            ordered
          }),
          Pipeline.runForEach(() => consume),
          Effect.exit
        )
        assert.deepEqual(Exit.isFailure(exit) && Cause.squash(exit.cause), "no")
        isOver()
      }),
      { schedules: 500 }
    )

    it.explore(
      `interrupted anywhere: ${how}`,
      Effect.gen(function* () {
        const { consume, isOver, source, work } = yield* watched(2, 1, 1)
        yield* Explore.interrupted(
          source.pipe(
            Pipeline.map((n) => work(Effect.succeed(n)), { concurrency: 2, buffer: 1, ordered }),
            Pipeline.runForEach(() => consume)
          )
        )
        isOver()
      }),
      { schedules: 500 }
    )
  }

  it.explore(
    "adversarial schedules",
    Effect.gen(function* () {
      const { consume, isOver, source, work } = yield* watched(2, 0, 1)
      yield* source.pipe(
        Pipeline.map((n) => work(Effect.succeed(n)), { concurrency: 2, ordered: false }),
        Pipeline.runForEach(() => consume)
      )
      isOver()
    }),
    { strategy: Explore.pct({ depth: 3 }), schedules: 500 }
  )
})

describe("whole pipelines, explored", () => {
  it.explore(
    "one that takes enough stops all before it",
    Effect.gen(function* () {
      const { isOver, source, work } = yield* watched(2, 0, 4)
      const first = yield* source.pipe(
        Pipeline.map((n) => work(Effect.succeed(n)), { concurrency: 2 }),
        Pipeline.map((n) => Effect.as(Effect.yieldNow, n), { concurrency: 2 }),
        Pipeline.take(2),
        Pipeline.runCollect
      )
      assert.deepEqual(first, [0, 1])
      isOver()
    }),
    { schedules: 500 }
  )

  it.explore(
    "branches: each element comes out of each, whichever is slower",
    Effect.gen(function* () {
      const { isOver, source, work } = yield* watched(1, 0, 20)
      const all = yield* source.pipe(
        Pipeline.broadcast(
          [Pipeline.map((n) => work(Effect.succeed(n))), Pipeline.map((n) => Effect.as(Effect.yieldNow, n))],
          { buffer: 1 }
        ),
        Pipeline.runCollect
      )
      assert.deepEqual(all.toSorted(), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
      isOver()
    }),
    { schedules: 300 }
  )

  it.explore(
    "branches: interrupted anywhere",
    Effect.gen(function* () {
      const { isOver, source, work } = yield* watched(1, 0, 20)
      yield* Explore.interrupted(
        source.pipe(
          Pipeline.partition((n) => n % 2 === 0, {
            matching: Pipeline.map((n) => work(Effect.succeed(n))),
            others: (odd) => odd.pipe(Pipeline.batch(2), Pipeline.take(1))
          }),
          Pipeline.run
        )
      )
      isOver()
    }),
    { schedules: 300 }
  )

  it.explore(
    "merged, then gathered in time: everything comes, and no more waits than the buffers hold",
    Effect.gen(function* () {
      const { isOver, source, work } = yield* watched(1, 0, 20)
      const all = yield* source.pipe(
        Pipeline.map((n) => work(Effect.succeed(n))),
        Pipeline.merge(Pipeline.from([10, 11, 12]), { buffer: 1 }),
        Pipeline.batch(2, 1),
        Pipeline.flatMap((some) => some.values()),
        Pipeline.runCollect
      )
      assert.deepEqual(all.toSorted(), [0, 1, 10, 11, 12, 2, 3, 4])
      isOver()
    }),
    { schedules: 500 }
  )

  it.explore(
    "keys: one of each at a time, in its order",
    Effect.gen(function* () {
      const running = new Set<number>()
      const seen: Array<number> = []
      const work = (n: number) =>
        Effect.gen(function* () {
          assert.equal(running.has(n % 2), false)
          running.add(n % 2)
          yield* Effect.yieldNow
          running.delete(n % 2)
          return n
        })
      yield* Pipeline.from(numbers(5)).pipe(
        Pipeline.groupBy((n) => n % 2, work, { concurrency: 2, buffer: 2 }),
        Pipeline.runForEach((n) => void seen.push(n))
      )
      assert.deepEqual(
        [seen.filter((n) => n % 2 === 0), seen.filter((n) => n % 2 === 1)],
        [
          [0, 2, 4],
          [1, 3]
        ]
      )
    }),
    { schedules: 500 }
  )

  it.explore(
    "a checkpoint: what is noted has come out, and after a run to its end everything is",
    Effect.gen(function* () {
      const out = new Set<string>()
      const done = new Set<string>()
      yield* Explore.invariant("what is done has come out", () => [...done].every((key) => out.has(key)))
      const store = {
        has: (key: string) => Effect.sync(() => done.has(key)),
        markDone: (keys: ReadonlyArray<string>) =>
          Effect.andThen(
            Effect.yieldNow,
            Effect.sync(() => keys.forEach((key) => void done.add(key)))
          )
      }
      const run = Pipeline.from(numbers(4)).pipe(
        Pipeline.checkpoint(store, String),
        Pipeline.map((n) => Effect.as(Effect.yieldNow, n), { concurrency: 2, ordered: false }),
        Pipeline.runForEach((n) =>
          Effect.andThen(
            Effect.yieldNow,
            Effect.sync(() => void out.add(`${n}`))
          )
        )
      )
      yield* Explore.interrupted(run)
      yield* run
      assert.deepEqual([...done].toSorted(), ["0", "1", "2", "3"])
    }),
    { schedules: 300 }
  )

  it.explore(
    "an observer is awaited, and sees the end",
    Effect.gen(function* () {
      let sawEnd = false
      const fiber = yield* Pipeline.from(numbers(2)).pipe(
        Pipeline.map((n) => Effect.as(Effect.yieldNow, n)),
        Pipeline.observe((run) =>
          Effect.forever(
            Effect.flatMap(run.stats, ({ isDone }) => {
              sawEnd = isDone
              return isDone ? Effect.fail("seen" as const) : Effect.yieldNow
            })
          )
        ),
        Pipeline.run,
        Effect.exit,
        Effect.forkChild
      )
      const exit = yield* Fiber.join(fiber)
      assert.equal(sawEnd, true)
      assert.equal(Exit.isFailure(exit) && Cause.squash(exit.cause), "seen")
    }),
    { schedules: 200 }
  )
})
