/** One task for each element of a stream, in every place. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as places from "../fixtures/streams/places.ts"
import { Refused } from "../fixtures/tasks.ts"
import { numbers } from "../support/numbers.ts"
import { idle } from "../support/pools.ts"
import { settle } from "../support/settle.ts"

for (const place of places.all) {
  describe(place.name, () => {
    it.live("answers in the order of the input, however its elements come", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        for (const count of [0, 1, 500]) {
          for (const chunk of [1, 7, 1000]) {
            const input = Stream.fromArray(numbers(count).map((a) => ({ a, b: a }))).pipe(Stream.rechunk(chunk))
            for (const concurrency of [1, 3, undefined]) {
              const sums = yield* Stream.runCollect(pool.mapStream("Add", input, { concurrency }))
              assert.deepEqual(
                sums,
                numbers(count).map((n) => 2 * n)
              )
            }
          }
        }
        yield* idle(pool)
      })
    )

    it.live("W29: an infinite input is read no more than the window ahead", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        let read = 0
        const input = Stream.iterate(0, (n) => n + 1).pipe(
          Stream.rechunk(1),
          Stream.map((a) => {
            read++
            return { a, b: 0 }
          })
        )
        const first = yield* Deferred.make<void>()
        let got = 0
        const consumer = yield* pool.mapStream("Add", input, { concurrency: 5 }).pipe(
          Stream.rechunk(1),
          Stream.runForEach(() => {
            got++
            return got < 10 ? Effect.void : Effect.andThen(Deferred.succeed(first, undefined), Effect.never)
          }),
          Effect.forkChild
        )
        yield* Deferred.await(first)
        yield* settle
        // What was answered at once came in one array, of at most a window: those are the consumer's.
        assert.isAtMost(read, 9 + 5 + 5)
        yield* Fiber.interrupt(consumer)
        yield* idle(pool)
      })
    )

    it.live("unordered: results as they come, and a slow task holds up nobody", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, concurrency: 3 })
        const input = Stream.make({ n: 1 }, { n: -1 }, { n: -2 }, { n: -3 })
        const results = yield* pool
          .mapStream("Work", input, { concurrency: 2, unordered: true })
          .pipe(Stream.take(3), Stream.runCollect)
        assert.deepEqual(results, [-1, -2, -3])
        yield* heard("finalized 1")
        yield* idle(pool)
      })
    )

    it.live("the first failure comes after what was ready, and interrupts what is left", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, concurrency: 3 })
        const go = yield* Deferred.make<void>()
        const input = Stream.concat(
          Stream.make({ n: -1 }, { n: 2 }),
          Stream.fromEffect(Effect.as(Deferred.await(go), { n: 7 }))
        )
        const seen: Array<number> = []
        const mapped = yield* pool.mapStream("Work", input, { concurrency: 3 }).pipe(
          Stream.runForEach((n) => Effect.sync(() => void seen.push(n))),
          Effect.flip,
          Effect.forkChild
        )
        yield* heard("running 2")
        yield* Deferred.succeed(go, undefined)
        assert.instanceOf(yield* Fiber.join(mapped), Refused)
        assert.deepEqual(seen, [-1])
        yield* heard("finalized 2")
        yield* idle(pool)
      })
    )

    it.live("an input that fails, does so after the results of what it gave before", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const input = Stream.concat(Stream.make({ a: 1, b: 1 }, { a: 2, b: 2 }), Stream.fail("no more" as const))
        const seen: Array<number> = []
        const error = yield* pool.mapStream("Add", input).pipe(
          Stream.runForEach((n) => Effect.sync(() => void seen.push(n))),
          Effect.flip
        )
        assert.equal(error, "no more")
        assert.deepEqual(seen, [2, 4])
      })
    )

    it.live("an interrupt stops the tasks and the input", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1, concurrency: 2 })
        let closed = false
        const input = Stream.concat(Stream.make({ n: 1 }, { n: 2 }), Stream.never).pipe(
          Stream.ensuring(
            Effect.sync(() => {
              closed = true
            })
          )
        )
        const fiber = yield* Effect.forkChild(Stream.runDrain(pool.mapStream("Work", input)))
        yield* Effect.all([heard("running 1"), heard("running 2")])
        yield* Fiber.interrupt(fiber)
        assert.isTrue(closed)
        yield* Effect.all([heard("finalized 1"), heard("finalized 2")])
        yield* idle(pool)
      })
    )

    it.live("a concurrency that makes no sense is refused, and a timeout is for each task", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const input = Stream.make({ n: 1 })
        const refused = yield* Effect.flip(Stream.runDrain(pool.mapStream("Work", input, { concurrency: 0 })))
        assert.instanceOf(refused, Pool.InvalidOption)
        const late = yield* Effect.flip(Stream.runDrain(pool.mapStream("Work", input, { timeout: 1 })))
        assert.instanceOf(late, Pool.TaskTimeout)
        yield* idle(pool)
      })
    )

    it.live("a stream of one task is the input of another", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ concurrency: 3 })
        const source = pool.stream("Count", { label: "x" }, { window: 4 })
        const sums = pool.mapStream(
          "Add",
          Stream.map(source, (a) => ({ a, b: 1 })),
          { concurrency: 2 }
        )
        assert.deepEqual(yield* Stream.runCollect(Stream.take(sums, 5)), [1, 2, 3, 4, 5])
        yield* idle(pool)
      })
    )
  })
}
