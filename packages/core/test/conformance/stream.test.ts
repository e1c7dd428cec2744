/** What a pool owes to each task that answers with a stream, in every place. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as places from "../fixtures/streams/places.ts"
import { Point, Refused } from "../fixtures/tasks.ts"
import { collect } from "../support/collect.ts"
import { errorOf } from "../support/exits.ts"
import { numbers } from "../support/numbers.ts"

const made = (lines: ReadonlyArray<string>): number => lines.filter((line) => line.startsWith("made")).length

/** Consumes until its first element, and never comes back from that. */
const stuck = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.gen(function* () {
    const first = yield* Deferred.make<void>()
    const consumer = yield* Effect.forkChild(
      Stream.runForEach(stream, () => Effect.andThen(Deferred.succeed(first, undefined), Effect.never))
    )
    yield* Deferred.await(first)
    return consumer
  })

const whole = (pool: { readonly stats: Effect.Effect<Pool.PoolStats> }) =>
  Effect.map(pool.stats, ({ crashed, queued, restarts, running }) =>
    assert.deepEqual({ crashed, queued, restarts, running }, { crashed: 0, queued: 0, restarts: 0, running: 0 })
  )

for (const place of places.all) {
  describe(place.name, () => {
    it.live("answers with the elements in their order, as many as there are", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        for (const count of [0, 1, 127, 128, 129, 5000]) {
          assert.deepEqual(yield* Stream.runCollect(pool.stream("Range", { count })), numbers(count))
        }
        for (const window of [1, 2, 3]) {
          assert.deepEqual(yield* Stream.runCollect(pool.stream("Range", { count: 10 }, { window })), numbers(10))
        }
        assert.deepEqual(yield* Stream.runCollect(pool.stream("Queued", { count: 50 })), numbers(50))
        yield* whole(pool)
      })
    )

    it.live("elements are of their own class", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const points = yield* Stream.runCollect(pool.stream("Points", { count: 300 }, { window: 7 }))
        assert.instanceOf(points[299], Point)
        assert.deepEqual(
          points.map(({ x, y }) => [x, y + 0]),
          numbers(300).map((n) => [n, 0 - n])
        )
      })
    )

    it.live("a stream is a task each time it is run, and none before", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const stream = pool.stream("Range", { count: 3 })
        assert.equal((yield* pool.stats).completed, 0)
        assert.deepEqual(yield* Stream.runCollect(Stream.concat(stream, stream)), [0, 1, 2, 0, 1, 2])
        assert.equal((yield* pool.stats).completed, 2)
      })
    )

    for (const window of [1, 4, 5]) {
      it.live(
        `W29: a task makes exactly its window (${window}) of elements for a consumer that does not come back`,
        () =>
          Effect.gen(function* () {
            const { heard, pool, said } = yield* place.make()
            const consumer = yield* stuck(pool.stream("Count", { label: "x" }, { window }))
            yield* heard(`made ${window - 1}`)
            yield* Fiber.interrupt(consumer)
            yield* heard("finalized x")
            assert.equal(made(said()), window)
          })
      )
    }

    it.live("W29: a slow consumer is never more than the window behind", () =>
      Effect.gen(function* () {
        const { heard, pool, said } = yield* place.make()
        const window = 6
        let done = 0
        let furthest = 0
        yield* pool.stream("Count", { label: "x" }, { window }).pipe(
          Stream.take(200),
          Stream.runForEach(() =>
            Effect.map(Effect.yieldNow, () => {
              furthest = Math.max(furthest, made(said()) - done)
              done++
            })
          )
        )
        yield* heard("finalized x")
        assert.isAtMost(furthest, window)
        assert.isAtMost(made(said()), 200 + window)
      })
    )

    it.live("promise 2: a consumer that has enough ends the task, and goes on when its finalizers have run", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make()
        const taken = yield* pool.stream("Count", { label: "x" }).pipe(Stream.take(3), Stream.runCollect)
        assert.deepEqual(taken, [0, 1, 2])
        assert.equal((yield* pool.stats).running, 0)
        yield* heard("finalized x")
        assert.deepEqual(yield* Stream.runCollect(pool.stream("Range", { count: 2 })), [0, 1])
        yield* whole(pool)
      })
    )

    it.live("a consumer that fails, or is interrupted before its first element, ends the task", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make()
        const failed = pool
          .stream("Count", { label: "failed" })
          .pipe(Stream.runForEach((n) => (n === 5 ? Effect.fail("enough" as const) : Effect.void)))
        assert.equal(yield* Effect.flip(failed), "enough")
        yield* heard("finalized failed")
        // The only place is taken: this one waits in the queue.
        const running = yield* stuck(pool.stream("Count", { label: "running" }))
        const queued = yield* Effect.forkChild(Stream.runDrain(pool.stream("Count", { label: "queued" })), {
          startImmediately: true
        })
        assert.equal((yield* pool.stats).queued + (yield* pool.stats).running, 2)
        yield* Fiber.interrupt(queued)
        yield* Fiber.interrupt(running)
        yield* heard("finalized running")
        yield* whole(pool)
      })
    )

    it.live("P42: errors come after the elements before them, of their own class", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        for (const count of [0, 1, 300]) {
          const stream = yield* collect(pool.stream("Refuse", { count, how: "stream" }))
          assert.deepEqual(stream.values, numbers(count))
          assert.instanceOf(errorOf(stream.exit), Refused)
          const call = yield* collect(pool.stream("Refuse", { count, how: "call" }))
          assert.deepEqual(call.values, numbers(count))
          assert.equal(errorOf(call.exit), "refused")
        }
        const died = yield* collect(pool.stream("Refuse", { count: 2, how: "die" }))
        assert.deepEqual(died.values, [0, 1])
        const defect = Exit.isFailure(died.exit) ? Cause.squash(died.exit.cause) : undefined
        assert.instanceOf(defect, TypeError)
        const interrupted = yield* collect(pool.stream("Refuse", { count: 2, how: "interrupt" }))
        assert.deepEqual(interrupted.values, [0, 1])
        assert.isTrue(Exit.isFailure(interrupted.exit) && Cause.hasInterruptsOnly(interrupted.exit.cause))
        yield* whole(pool)
      })
    )

    it.live("P38: a payload that its schema refuses, and options that make no sense, start nothing", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const payload = errorOf((yield* collect(pool.stream("Range", { count: "2" as never }))).exit)
        assert.instanceOf(payload, Pool.EncodeFailed)
        for (const options of [{ window: 0 }, { window: 1.5 }, { timeout: -1 }]) {
          const error = errorOf((yield* collect(pool.stream("Range", { count: 2 }, options))).exit)
          assert.instanceOf(error, Pool.InvalidOption)
        }
        const untyped = pool as unknown as {
          readonly run: (tag: string, payload: unknown) => Effect.Effect<unknown, unknown>
          readonly stream: (tag: string, payload: unknown) => Stream.Stream<unknown, unknown>
        }
        assert.instanceOf(yield* Effect.flip(untyped.run("Range", { count: 1 })), Pool.InvalidOption)
        for (const tag of ["Add", "Nowhere"]) {
          assert.instanceOf(errorOf((yield* collect(untyped.stream(tag, { a: 1, b: 2 }))).exit), Pool.InvalidOption)
        }
        yield* whole(pool)
      })
    )

    it.live("P47: 16 MiB in one stream", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const sizes = yield* pool.stream("Blocks", { count: 16, bytes: 2 ** 20 }, { window: 4 }).pipe(
          Stream.map((block) => block.length + (block[0] ?? 0) + (block[2 ** 20 - 1] ?? 0)),
          Stream.runCollect
        )
        assert.deepEqual(
          sizes,
          numbers(16).map((n) => 2 ** 20 + 2 * n)
        )
      })
    )

    it.live("elements of all sizes come in their order", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const seen = yield* pool.stream("Mixed", { count: 250 }, { window: 250 }).pipe(
          Stream.map((block) => block[0]),
          Stream.runCollect
        )
        assert.deepEqual(seen, numbers(250))
      })
    )

    it.live("two streams of one worker, each at its own pace", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ concurrency: 2 })
        const slow = yield* stuck(pool.stream("Count", { label: "slow" }, { window: 2 }))
        // The slow one holds up nobody.
        assert.equal(yield* Stream.runCount(pool.stream("Range", { count: 3000 }, { window: 8 })), 3000)
        const [a, b] = [
          pool.stream("Range", { count: 500 }, { window: 3 }),
          pool.stream("Range", { count: 500 }, { window: 2 })
        ]
        yield* Fiber.interrupt(slow)
        yield* heard("finalized slow")
        const pairs = yield* Stream.runCollect(Stream.zip(a, b))
        assert.deepEqual(
          pairs,
          numbers(500).map((n) => [n, n] as const)
        )
      })
    )

    it.live("W10: a thousand short streams leave nothing behind", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ concurrency: 4 })
        const counts = yield* Effect.forEach(
          numbers(1000),
          (n) => Stream.runCount(Stream.take(pool.stream("Range", { count: n % 7 }, { window: 2 }), 4)),
          { concurrency: 8 }
        )
        assert.deepEqual(
          counts,
          numbers(1000).map((n) => Math.min(n % 7, 4))
        )
        yield* whole(pool)
      })
    )

    it.live("a timeout stops the task, and comes after what had arrived", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make()
        const values: Array<number> = []
        const late = yield* pool.stream("Count", { label: "late" }, { window: 3, timeout: 200 }).pipe(
          Stream.runForEach((n) =>
            n === 0 ? Effect.asVoid(heard("finalized late")) : Effect.sync(() => void values.push(n))
          ),
          Effect.flip
        )
        assert.instanceOf(late, Pool.TaskTimeout)
        assert.equal(late._tag === "TaskTimeout" && late.phase, "running")
        assert.deepEqual(values, [1, 2])
        const running = yield* stuck(pool.stream("Count", { label: "running" }))
        const queued = errorOf((yield* collect(pool.stream("Range", { count: 1 }, { timeout: 1 }))).exit)
        assert.equal(queued._tag === "TaskTimeout" && queued.phase, "queued")
        yield* Fiber.interrupt(running)
        yield* whole(pool)
      })
    )

    it.live("a pool that closes fails its streams with PoolClosed, after what had arrived", () =>
      Effect.gen(function* () {
        const closed = yield* Deferred.make<void>()
        const started = yield* Deferred.make<void>()
        const values: Array<number> = []
        const consumer = yield* Effect.scoped(
          Effect.gen(function* () {
            const { heard, pool } = yield* place.make()
            const consume = Stream.runForEach(pool.stream("Count", { label: "x" }, { window: 4 }), (n) => {
              values.push(n)
              return Effect.andThen(Deferred.succeed(started, undefined), Deferred.await(closed))
            })
            const fiber = yield* Effect.forkDetach(consume)
            yield* Deferred.await(started)
            yield* heard("made 3")
            return fiber
          })
        )
        yield* Deferred.succeed(closed, undefined)
        assert.instanceOf(errorOf(yield* Fiber.await(consumer)), Pool.PoolClosed)
        assert.deepEqual(values.slice(0, 2), [0, 1])
      })
    )
  })
}
