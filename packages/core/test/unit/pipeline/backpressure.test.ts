/** How much of an input is in memory: what the concurrencies and buffers of the stages allow, and no more. */
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { settle } from "../../support/settle.ts"

/** An endless input that counts what was taken of it, and knows whether it was closed. */
const endless = () => {
  const state = { read: 0, closed: 0 }
  const source: Iterable<number> = {
    *[Symbol.iterator]() {
      try {
        for (;;) yield state.read++
      } finally {
        state.closed++
      }
    }
  }
  return { state, source: Pipeline.from(source) }
}

/** The consumer takes ten elements, and stops there. */
const stall = (pipeline: Pipeline.Pipeline<unknown, unknown>) =>
  Effect.gen(function* () {
    let got = 0
    const reached = yield* Deferred.make<void>()
    const consumer = yield* pipeline.pipe(
      Pipeline.runForEach(() => {
        got++
        const stop = got === 10
        return Effect.suspend(() =>
          stop ? Effect.andThen(Deferred.succeed(reached, undefined), Effect.never) : Effect.void
        )
      }),
      Effect.forkChild
    )
    yield* Deferred.await(reached)
    yield* settle
    return consumer
  })

const later = <A>(value: A): Effect.Effect<A> => Effect.as(Effect.yieldNow, value)

describe("an endless input and a consumer that has stopped", () => {
  const cases: ReadonlyArray<
    readonly [name: string, atMost: number, add: (p: Pipeline.Pipeline<number>) => Pipeline.Pipeline<unknown, unknown>]
  > = [
    ["no stage", 0, (p) => p],
    ["a plain function", 0, Pipeline.map((n) => n)],
    ["an Effect at a time", 0, Pipeline.map(later)],
    ["a buffer", 1 + 7, Pipeline.map(later, { buffer: 7 })],
    ["a window, in order", 5, Pipeline.map(later, { concurrency: 5 })],
    ["a window, as they come", 5, Pipeline.map(later, { concurrency: 5, ordered: false })],
    ["a window of plain functions", 5, Pipeline.map((n) => n, { concurrency: 5 })],
    ["a window and its buffer", 8, Pipeline.map(later, { concurrency: 5, buffer: 3 })],
    [
      "windows after each other",
      3 + 4 + 5,
      (p) =>
        p.pipe(
          Pipeline.map(later, { concurrency: 3 }),
          Pipeline.map((n) => n),
          Pipeline.map(later, { concurrency: 4, ordered: false }),
          Pipeline.filter((n) => later(n >= 0), { concurrency: 5 })
        )
    ],
    ["collections of two", 1, Pipeline.flatMap((n) => [n, n])],
    ["batches", 20 + 2, Pipeline.batch(2)],
    ["batches in time", 20 + 2 + 2, Pipeline.batch(2, "1 hour")],
    ["keys", 2 + 3, Pipeline.groupBy((n) => n % 2, later, { concurrency: 2, buffer: 3 })],
    ["a rate", 0, Pipeline.throttle({ elements: 1000, per: 1, burst: 1000 })],
    ["all to two branches", 2 * 4, Pipeline.broadcast([Pipeline.map((n) => n), Pipeline.map(later)], { buffer: 4 })]
  ]
  for (const [name, atMost, add] of cases) {
    it.effect(`${name}: at most ${atMost} more are read than were consumed`, () =>
      Effect.gen(function* () {
        const { source, state } = endless()
        const consumer = yield* stall(add(source))
        assert.isAtLeast(state.read, 4)
        assert.isAtMost(state.read, 10 + atMost)
        yield* Fiber.interrupt(consumer)
        assert.equal(state.closed, 1)
      })
    )
  }

  it.effect("who has only answered at once, and does not any more, has had no more than 16 ahead", () =>
    Effect.gen(function* () {
      const { source, state } = endless()
      const stopped = yield* Deferred.make<void>()
      const consume = (n: number) =>
        n < 100 ? undefined : Effect.andThen(Deferred.succeed(stopped, undefined), Effect.never)
      const consumer = yield* Effect.forkChild(Pipeline.runForEach(source, consume))
      yield* Deferred.await(stopped)
      assert.isAtMost(state.read, 100 + 16)
      yield* Fiber.interrupt(consumer)
    })
  )

  for (const ordered of [true, false]) {
    it.effect(`the first element stalls, ${ordered ? "in order" : "as they come"}`, () =>
      Effect.gen(function* () {
        const { source, state } = endless()
        const go = yield* Deferred.make<void>()
        const seen: Array<number> = []
        const work = (n: number) => (n === 0 ? Effect.as(Deferred.await(go), n) : later(n))
        const fiber = yield* source.pipe(
          Pipeline.map(work, { concurrency: 4, buffer: 2, ordered }),
          Pipeline.take(20),
          Pipeline.runForEach((n) => void seen.push(n)),
          Effect.forkChild
        )
        yield* settle
        // In order, what is done behind it waits, and holds its place. As they come, the rest goes on.
        if (ordered) {
          assert.deepEqual(seen, [])
          assert.isAtMost(state.read, 4 + 2)
        } else {
          assert.lengthOf(seen, 20)
        }
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(fiber)
        if (ordered) assert.deepEqual(seen, Array.from(seen.keys()))
        assert.equal(state.closed, 1)
      })
    )
  }

  it.effect("no more run at the same time than the concurrency", () =>
    Effect.gen(function* () {
      let running = 0
      let most = 0
      const work = (n: number) =>
        Effect.gen(function* () {
          most = Math.max(most, ++running)
          yield* Effect.yieldNow
          return n
        }).pipe(Effect.ensuring(Effect.sync(() => running--)))
      const { source } = endless()
      yield* source.pipe(Pipeline.map(work, { concurrency: 3, buffer: 9 }), Pipeline.take(50), Pipeline.run)
      assert.equal(most, 3)
      assert.equal(running, 0)
    })
  )

  it.effect("a buffer lets a stage work while the next one does", () =>
    Effect.gen(function* () {
      const done: Array<string> = []
      const go = yield* Deferred.make<void>()
      const fiber = yield* Pipeline.from([1, 2, 3]).pipe(
        Pipeline.map((n) => Effect.map(Effect.yieldNow, () => void done.push(`made ${n}`)), { buffer: 1 }),
        Pipeline.runForEach(() => Deferred.await(go)),
        Effect.forkChild
      )
      yield* settle
      assert.deepEqual(done, ["made 1", "made 2", "made 3"])
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(fiber)
    })
  )

  it.effect("a Stream's consumer is never more than an array of 16 behind", () =>
    Effect.gen(function* () {
      const { source, state } = endless()
      const first = yield* Stream.runCollect(Stream.take(Pipeline.toStream(Pipeline.map(source, (n) => n)), 20))
      assert.lengthOf(first, 20)
      assert.isAtMost(state.read, 20 + 16)
      assert.equal(state.closed, 1)
    })
  )
})

it.live("a million elements through many stages, in flat memory", () =>
  Effect.gen(function* () {
    const count = 1_000_000
    let live = 0
    let most = 0
    function* made() {
      for (let n = 0; n < count; n++) {
        live++
        most = Math.max(most, live)
        yield n
      }
    }
    const total = yield* Pipeline.from(made()).pipe(
      Pipeline.map((n) => n + 1, { concurrency: 8 }),
      Pipeline.filter((n) => n % 2 === 0),
      Pipeline.map((n) => Effect.sync(() => n), { concurrency: 16, ordered: false }),
      Pipeline.batch(10),
      Pipeline.flatMap((all) => new Set(all)),
      Pipeline.runFold(
        () => 0,
        (total, n) => {
          live -= 2
          return total + n
        }
      )
    )
    assert.equal(total, (count / 2) * (count / 2 + 1))
    assert.isAtMost(most, 100)
  })
)
