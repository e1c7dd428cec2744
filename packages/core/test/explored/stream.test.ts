/** What holds of the credit of a stream under every schedule that was looked at: both ends as they are, and slow wires. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as FiberPool from "../../src/FiberPool.ts"
import { emitTo, pullFrom } from "../../src/internal/stream/effects.ts"
import { StreamInbox } from "../../src/internal/stream/StreamInbox.ts"
import { StreamOutlet } from "../../src/internal/stream/StreamOutlet.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { numbers } from "../support/numbers.ts"

const it = withExplore(base)

/** A producer and a consumer, with a wire in each direction on which messages take their time, and keep their order. */
const wired = (window: number, count: number) =>
  Effect.gen(function* () {
    const state = { made: 0, done: 0, refused: false }
    yield* Explore.invariant("no more than the window under way", () => state.made - state.done <= window)
    yield* Explore.invariant("nothing comes that was not granted", () => !state.refused)
    const elements = yield* Queue.unbounded<Array<unknown>>()
    const credits = yield* Queue.unbounded<number>()
    const outlet = new StreamOutlet(window, (values) => void Queue.offerUnsafe(elements, [...values]))
    const inbox = new StreamInbox<void>(window, (count) => void Queue.offerUnsafe(credits, count))
    const wires = [
      Effect.forever(
        Effect.map(Queue.take(elements), (values) => {
          if (values.length === 0) inbox.finish()
          else state.refused ||= !inbox.receive(values)
        })
      ),
      Effect.forever(Effect.map(Queue.take(credits), (count) => outlet.grant(count)))
    ]
    for (const wire of wires) yield* Effect.forkChild(wire)
    const emit = emitTo(outlet)
    const produce = Effect.forEach(
      numbers(count),
      (n) =>
        Effect.andThen(
          Effect.sync(() => void state.made++),
          emit([n])
        ),
      { discard: true }
    )
    yield* Effect.forkChild(
      Effect.andThen(
        produce,
        Effect.sync(() => void Queue.offerUnsafe(elements, []))
      )
    )
    const pull = pullFrom(inbox, undefined, () => Effect.interrupt, "Count")
    const taken: Array<unknown> = []
    while (taken.length < count) {
      for (const value of yield* Effect.orDie(pull)) {
        yield* Effect.yieldNow
        taken.push(value)
        state.done++
      }
    }
    assert.deepEqual(taken, numbers(count))
  })

class Tasks extends RpcGroup.make(Rpc.make("Count", { success: Schema.Number, stream: true })) {}

describe("streams, explored", () => {
  for (const window of [1, 2, 3]) {
    it.explore(`the credit protocol, window ${window}: all arrive in order, none without credit`, wired(window, 5), {
      schedules: 500
    })
  }

  it.explore("the credit protocol, adversarial schedules", wired(2, 4), {
    strategy: Explore.pct({ depth: 3 }),
    schedules: 500
  })

  it.explore(
    "a consumer that is interrupted anywhere has ended the task, and left its place",
    Effect.gen(function* () {
      const running = { now: 0 }
      const handlers = Tasks.toLayer({
        Count: () =>
          Stream.unwrap(
            Effect.map(
              Effect.acquireRelease(
                Effect.sync(() => void running.now++),
                () => Effect.sync(() => void running.now--)
              ),
              () =>
                Stream.iterate(0, (n) => n + 1).pipe(
                  Stream.rechunk(1),
                  Stream.tap(() => Effect.yieldNow)
                )
            )
          )
      })
      const pool = yield* Effect.provideContext(FiberPool.make(Tasks, { size: 1 }), yield* Layer.build(handlers))
      const consumer = yield* Effect.forkChild(Stream.runDrain(pool.stream("Count", undefined, { window: 2 })))
      const other = yield* Effect.forkChild(Stream.runCollect(Stream.take(pool.stream("Count"), 2)))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(consumer)
      assert.deepEqual(yield* Fiber.await(other), Exit.succeed([0, 1]))
      assert.equal(running.now, 0)
      const stats = yield* pool.stats
      assert.deepEqual([stats.queued, stats.running], [0, 0])
    }),
    { schedules: 500 }
  )
})

class Doubles extends RpcGroup.make(Rpc.make("Double", { payload: { n: Schema.Number }, success: Schema.Number })) {}

describe("mapStream, explored", () => {
  for (const unordered of [false, true]) {
    it.explore(
      `answers every element once, ${unordered ? "as they come" : "in order"}, and runs no more than its window at a time`,
      Effect.gen(function* () {
        const state = { running: 0 }
        yield* Explore.invariant("no more than the window runs", () => state.running <= 2)
        const handlers = Doubles.toLayer({
          Double: ({ n }) =>
            Effect.acquireUseRelease(
              Effect.sync(() => void state.running++),
              () => Effect.as(Effect.yieldNow, 2 * n),
              () => Effect.sync(() => void state.running--)
            )
        })
        const pool = yield* Effect.provideContext(FiberPool.make(Doubles, { size: 3 }), yield* Layer.build(handlers))
        const input = Stream.fromArray(numbers(4).map((n) => ({ n }))).pipe(Stream.rechunk(1))
        const results = yield* Stream.runCollect(pool.mapStream("Double", input, { concurrency: 2, unordered }))
        const expected = numbers(4).map((n) => 2 * n)
        assert.deepEqual(unordered ? results.toSorted((a, b) => a - b) : results, expected)
        assert.equal(state.running, 0)
      }),
      { schedules: 500 }
    )
  }
})
