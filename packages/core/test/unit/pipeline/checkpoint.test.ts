/** What a store knows of the elements of a run: exactly those of which nothing is left in the pipeline. */
import { assert, describe, it } from "@effect/vitest"
import * as CheckpointStore from "@ropewalk/core/CheckpointStore"
import type * as DeadLetter from "@ropewalk/core/DeadLetter"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { errorOf } from "../../support/exits.ts"
import { settle } from "../../support/settle.ts"

const numbers = (count: number): Pipeline.Pipeline<number> => Pipeline.from(Array.from({ length: count }, (_, n) => n))

const later = <A>(value: A): Effect.Effect<A> => Effect.as(Effect.yieldNow, value)

/** A store whose keys the test sees. */
const book = (done: ReadonlyArray<string> = []) => {
  const keys = new Set(done)
  const store: CheckpointStore.CheckpointStore = {
    has: (key) => Effect.sync(() => keys.has(key)),
    markDone: (more) =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => more.forEach((key) => void keys.add(key)))
      )
  }
  return { store, done: () => [...keys].toSorted() }
}

const all = ["0", "1", "2", "3", "4", "5"]

describe("a run to its end has done everything, through", () => {
  const ways: ReadonlyArray<
    readonly [name: string, add: <E>(p: Pipeline.Pipeline<number, E>) => Pipeline.Pipeline<unknown, unknown>]
  > = [
    ["map", Pipeline.map(later, { concurrency: 3 })],
    ["filter", Pipeline.filter((n) => n === 0)],
    ["flatMap, none and many", Pipeline.flatMap((n) => Array.from({ length: n }, () => n))],
    ["flatMap of streams", Pipeline.flatMap((n) => Stream.range(1, n))],
    ["batch", Pipeline.batch(4)],
    ["batch in time", Pipeline.batch(4, "1 hour")],
    ["windows that overlap", Pipeline.window({ size: 3, step: 1 })],
    ["windows with nothing new at the end", Pipeline.window({ size: 4, step: 2 })],
    ["windows with gaps", Pipeline.window({ size: 1, step: 3 })],
    ["a longer window than there is", Pipeline.window({ size: 9, step: 1 })],
    [
      "reduce",
      Pipeline.reduce(
        { initial: () => 0, fold: (a, n: number) => later(a + n), combine: (a, b) => a + b },
        { concurrency: 2 }
      )
    ],
    ["skip", Pipeline.map((n) => Effect.fail(n), { onError: Pipeline.skip })],
    ["dedupe", Pipeline.dedupe({ capacity: 2, key: () => 1 })],
    ["groupBy", Pipeline.groupBy((n) => n % 2, later)],
    ["branches", Pipeline.broadcast([Pipeline.map(later), Pipeline.filter(() => false), Pipeline.take(1)])],
    ["partition", Pipeline.partition((n) => n > 2, { matching: Pipeline.batch(2), others: Pipeline.map((n) => n) })],
    ["merge", Pipeline.merge(numbers(2))],
    ["an inner checkpoint", Pipeline.checkpoint(book(["3"]).store, String)],
    ["a stream of skipped rests", Pipeline.flatMap(() => Stream.fail("no"), { onError: Pipeline.skip })]
  ]
  for (const [name, add] of ways) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const { done, store } = book()
        yield* Pipeline.run(add(Pipeline.checkpoint(numbers(6), store, String)))
        assert.deepEqual(done(), all)
        const again = yield* numbers(6).pipe(Pipeline.checkpoint(store, String), Pipeline.runCollect)
        assert.deepEqual(again, [])
        const other = book()
        yield* Stream.runDrain(Pipeline.toStream(add(Pipeline.checkpoint(numbers(6), other.store, String))))
        assert.deepEqual(other.done(), all)
      })
    )
  }
})

it.effect("what an earlier run has done is left out", () =>
  Effect.gen(function* () {
    const { done, store } = book(["1", "4"])
    const rest = numbers(6).pipe(Pipeline.checkpoint(store, String), Pipeline.runCollect)
    assert.deepEqual(yield* rest, [0, 2, 3, 5])
    assert.deepEqual(done(), all)
  })
)

it.effect("an element is not done while any of what was made of it is on its way", () =>
  Effect.gen(function* () {
    const { done, store } = book()
    const go = yield* Deferred.make<void>()
    const fiber = yield* numbers(3).pipe(
      Pipeline.checkpoint(store, String),
      Pipeline.flatMap((n) => [n, n + 0.5]),
      Pipeline.map((n) => (n === 0.5 ? Effect.as(Deferred.await(go), n) : later(n)), {
        concurrency: 9,
        ordered: false
      }),
      Pipeline.run,
      Effect.forkChild
    )
    yield* settle
    assert.deepEqual(done(), ["1", "2"])
    yield* Deferred.succeed(go, undefined)
    yield* Fiber.join(fiber)
    assert.deepEqual(done(), ["0", "1", "2"])
  })
)

it.effect("a failure and an interrupt leave what was done noted, and nothing else", () =>
  Effect.gen(function* () {
    for (const end of ["failure", "interrupt"] as const) {
      const { done, store } = book()
      const stop = end === "failure" ? Effect.fail("no" as const) : Effect.never
      const fiber = yield* numbers(6).pipe(
        Pipeline.checkpoint(store, String),
        Pipeline.map((n) => (n === 3 ? stop : later(n)), { concurrency: 1 }),
        Pipeline.run,
        Effect.exit,
        Effect.forkChild
      )
      yield* settle
      yield* end === "failure" ? Fiber.join(fiber) : Fiber.interrupt(fiber)
      assert.deepEqual(done(), ["0", "1", "2"])
    }
  })
)

it.effect("a Stream's consumer that stops has not done what it was given last", () =>
  Effect.gen(function* () {
    const { done, store } = book()
    const pipeline = numbers(40).pipe(Pipeline.checkpoint(store, String), Pipeline.toStream)
    yield* Stream.runDrain(Stream.take(pipeline, 1))
    assert.deepEqual(done(), [])
    yield* Stream.runDrain(pipeline)
    assert.lengthOf(done(), 40)
  })
)

it.effect("what a dead-letter sink has taken is done; what it could not take is not", () =>
  Effect.gen(function* () {
    const { done, store } = book()
    const letters: Array<unknown> = []
    const sink: DeadLetter.DeadLetter<number, string | Pipeline.StageTimeout> = {
      write: ({ cause, index, input, stage }) =>
        Effect.sync(() => void letters.push([stage, index, input, cause.reasons.length]))
    }
    yield* numbers(6).pipe(
      Pipeline.checkpoint(store, String),
      Pipeline.map((n) => (n % 2 === 0 ? later(n) : Effect.fail(`${n}`)), {
        name: "even",
        onError: Pipeline.deadLetter(sink)
      }),
      Pipeline.run
    )
    assert.deepEqual(letters, [
      ["even", 1, 1, 1],
      ["even", 3, 3, 1],
      ["even", 5, 5, 1]
    ])
    assert.deepEqual(done(), all)
  })
)

describe("a store that fails", () => {
  const failed = new CheckpointStore.CheckpointFailed({ store: "test", doing: "write", cause: "full" })

  it.effect("to read fails the run", () =>
    Effect.gen(function* () {
      const store = { ...book().store, has: () => Effect.fail(failed) }
      assert.equal(errorOf(yield* Effect.exit(Pipeline.run(Pipeline.checkpoint(numbers(1), store, String)))), failed)
    })
  )

  it.effect("to write fails the run: the next time it is asked, or at the end", () =>
    Effect.gen(function* () {
      const store = { ...book().store, markDone: () => Effect.fail(failed) }
      let seen = 0
      const many = numbers(1000).pipe(
        Pipeline.checkpoint(store, String),
        Pipeline.runForEach(() =>
          Effect.andThen(
            Effect.yieldNow,
            Effect.sync(() => seen++)
          )
        )
      )
      assert.equal(errorOf(yield* Effect.exit(many)), failed)
      assert.isBelow(seen, 20)
      const last = numbers(1).pipe(Pipeline.checkpoint(store, String), Pipeline.run)
      assert.equal(errorOf(yield* Effect.exit(last)), failed)
    })
  )
})
