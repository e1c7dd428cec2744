/** Stages that wait: all on the test clock. */
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { errorOf } from "../../support/exits.ts"
import { settle } from "../../support/settle.ts"

/** Runs it beside the test; what came out, and when. */
const watched = <A, E>(pipeline: Pipeline.Pipeline<A, E>) =>
  Effect.gen(function* () {
    const seen: Array<readonly [at: number, value: A]> = []
    const fiber = yield* pipeline.pipe(
      Pipeline.runForEach((value) => Effect.map(Clock.currentTimeMillis, (at) => void seen.push([at, value]))),
      Effect.exit,
      Effect.forkChild
    )
    yield* settle
    const pass = (millis: number) => Effect.andThen(TestClock.adjust(millis), settle)
    return { seen, fiber, pass }
  })

const numbers = (count: number): Pipeline.Pipeline<number> => Pipeline.from(Array.from({ length: count }, (_, n) => n))

/** A source that is given its elements by the test. */
const given = Effect.map(Queue.unbounded<number, import("effect/Cause").Done>(), (queue) => ({
  give: (...values: ReadonlyArray<number>) => Effect.andThen(Queue.offerAll(queue, values), settle),
  end: Effect.andThen(Queue.end(queue), settle),
  source: Pipeline.from(Stream.fromQueue(queue))
}))

describe("timeout", () => {
  it.effect("an attempt that takes too long is interrupted, and has failed", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const slow = Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
      const { fiber, pass } = yield* watched(
        Pipeline.map(numbers(3), () => slow, { timeout: 100, concurrency: 2, name: "slow" })
      )
      yield* pass(99)
      assert.equal(interrupted, 0)
      yield* pass(1)
      const error = errorOf(yield* Fiber.join(fiber))
      assert.instanceOf(error, Pipeline.StageTimeout)
      assert.equal((error as Error).message, '"slow" did not end within 100 ms, and was stopped')
      assert.equal(interrupted, 2)
    })
  )

  it.effect("each attempt has the time, and what is in time is not late", () =>
    Effect.gen(function* () {
      let attempts = 0
      const { fiber, pass, seen } = yield* watched(
        Pipeline.map(numbers(1), (n) => Effect.as(Effect.sleep(++attempts > 0 ? 60 : 0), n), { timeout: 100 })
      )
      yield* pass(60)
      assert.deepEqual(seen, [[60, 0]])
      yield* Fiber.join(fiber)
      const tries: Array<number> = []
      const third = Effect.suspend(() => Effect.sleep(tries.push(tries.length) < 3 ? 200 : 50))
      const again = yield* watched(Pipeline.map(numbers(1), () => third, { timeout: 100, retry: Schedule.spaced(10) }))
      yield* pass(100 + 10 + 100 + 10 + 50)
      assert.lengthOf(again.seen, 1)
      assert.lengthOf(tries, 3)
      yield* Fiber.join(again.fiber)
    })
  )
})

describe("retry", () => {
  it.effect("as often as the schedule says; then it has failed; others go on meanwhile", () =>
    Effect.gen(function* () {
      const tries = new Map<number, number>()
      const flaky = (n: number) =>
        Effect.suspend(() => {
          const count = (tries.get(n) ?? 0) + 1
          tries.set(n, count)
          return count <= n ? Effect.fail(`${n} failed` as const) : Effect.succeed(n)
        })
      const retry = Schedule.max([Schedule.spaced(10), Schedule.recurs(2)])
      const { fiber, pass, seen } = yield* watched(
        Pipeline.map(numbers(5), flaky, { retry, concurrency: 5, ordered: false, onError: Pipeline.skip })
      )
      assert.deepEqual(seen, [[0, 0]])
      yield* pass(10)
      yield* pass(10)
      assert.deepEqual(seen, [
        [0, 0],
        [10, 1],
        [20, 2]
      ])
      assert.deepEqual(
        [...tries],
        [
          [0, 1],
          [1, 2],
          [2, 3],
          [3, 3],
          [4, 3]
        ]
      )
      yield* Fiber.join(fiber)
      const failing = Pipeline.map(numbers(4), flaky, { retry: Schedule.recurs(0) })
      tries.clear()
      assert.equal(errorOf(yield* Effect.exit(Pipeline.run(failing))), "1 failed")
    })
  )

  it.effect("not of a defect", () =>
    Effect.gen(function* () {
      let tries = 0
      const broken = Effect.suspend(() => Effect.die(++tries))
      yield* Effect.exit(Pipeline.run(Pipeline.map(numbers(1), () => broken, { retry: Schedule.recurs(5) })))
      assert.equal(tries, 1)
    })
  )
})

it.effect("limiter: each attempt waits for a permit, and its time begins when it has one", () =>
  Effect.gen(function* () {
    let held = 0
    let most = 0
    const queue = yield* Queue.bounded<void>(2)
    yield* Queue.offerAll(queue, [undefined, undefined])
    const limiter: Pipeline.StageLimiter = {
      withPermit: (effect) =>
        Effect.acquireUseRelease(
          Effect.map(Queue.take(queue), () => {
            most = Math.max(most, ++held)
          }),
          () => effect,
          () => {
            held--
            return Queue.offer(queue, undefined)
          }
        )
    }
    const { fiber, pass, seen } = yield* watched(
      Pipeline.map(numbers(6), (n) => Effect.as(Effect.sleep(50), n), { limiter, concurrency: 6, timeout: 60 })
    )
    yield* pass(50)
    yield* pass(50)
    yield* pass(50)
    assert.deepEqual(
      seen.map(([at]) => at),
      [50, 50, 100, 100, 150, 150]
    )
    assert.deepEqual([most, held], [2, 0])
    yield* Fiber.join(fiber)
    const plain = Pipeline.map(numbers(2), (n) => n + held, { limiter })
    assert.deepEqual(yield* Pipeline.runCollect(plain), [1, 2])
  })
)

describe("batch within a time", () => {
  it.effect("full ones at once, others when their first element has waited so long", () =>
    Effect.gen(function* () {
      const { end, give, source } = yield* given
      const { fiber, pass, seen } = yield* watched(Pipeline.batch(source, 3, 100))
      yield* give(1, 2, 3, 4)
      assert.deepEqual(seen, [[0, [1, 2, 3]]])
      yield* pass(60)
      yield* give(5)
      yield* pass(39)
      assert.lengthOf(seen, 1)
      yield* pass(1)
      assert.deepEqual(seen[1], [100, [4, 5]])
      yield* pass(500)
      yield* give(6)
      yield* pass(99)
      assert.lengthOf(seen, 2)
      yield* end
      assert.deepEqual(seen[2], [699, [6]])
      yield* Fiber.join(fiber)
    })
  )

  it.effect("what has come before a failure comes before it", () =>
    Effect.gen(function* () {
      const source = Pipeline.from(Stream.concat(Stream.make(1, 2), Stream.fail("dry" as const)))
      for (const within of [undefined, "1 hour"] as const) {
        const seen: Array<ReadonlyArray<number>> = []
        const run = Pipeline.runForEach(Pipeline.batch(source, 5, within), (all) => void seen.push(all))
        assert.equal(errorOf(yield* Effect.exit(run)), "dry")
        assert.deepEqual(seen, [[1, 2]])
      }
    })
  )
})

it.effect("window of a time: what came in each, nothing for those in which nothing did, and no more than `most`", () =>
  Effect.gen(function* () {
    const { end, give, source } = yield* given
    const { fiber, pass, seen } = yield* watched(Pipeline.window(source, { every: 100, most: 3 }))
    yield* give(1, 2)
    yield* pass(99)
    assert.deepEqual(seen, [])
    yield* pass(1)
    assert.deepEqual(seen, [[100, [1, 2]]])
    yield* pass(250)
    yield* give(3, 4, 5, 6)
    assert.deepEqual(seen[1], [350, [3, 4, 5]])
    yield* pass(50)
    assert.deepEqual(seen[2], [400, [6]])
    yield* give(7)
    yield* end
    assert.deepEqual(seen[3], [400, [7]])
    yield* Fiber.join(fiber)
  })
)

describe("throttle", () => {
  const times = (options: Pipeline.ThrottleOptions, count: number, until: number) =>
    Effect.gen(function* () {
      const { fiber, pass, seen } = yield* watched(Pipeline.throttle(numbers(count), options))
      for (let passed = 0; passed < until; passed += 5) yield* pass(5)
      yield* Fiber.join(fiber)
      return seen.map(([at]) => at)
    })

  it.effect("evenly, or in bursts that are saved up", () =>
    Effect.gen(function* () {
      assert.deepEqual(yield* times({ elements: 10, per: 100 }, 5, 60), [0, 10, 20, 30, 40])
      const burst = yield* times({ elements: 10, per: 100, burst: 3 }, 6, 60)
      assert.deepEqual(
        burst.map((at) => at - (burst[0] as number)),
        [0, 0, 0, 10, 20, 30]
      )
    })
  )

  it.effect("asks for no more than may pass", () =>
    Effect.gen(function* () {
      let read = 0
      const source = Pipeline.from(
        (function* () {
          for (;;) yield read++
        })()
      )
      const { fiber, pass } = yield* watched(Pipeline.throttle(source, { elements: 1, per: 10 }))
      assert.equal(read, 1)
      yield* pass(10)
      assert.equal(read, 2)
      yield* Fiber.interrupt(fiber)
    })
  )
})

describe("observe", () => {
  it.effect("sees the run from its beginning to its end, and the run awaits it", () =>
    Effect.gen(function* () {
      const stats: Array<Pipeline.PipelineStats> = []
      const pipeline = numbers(4).pipe(
        Pipeline.map((n) => (n === 3 ? Effect.fail("no") : Effect.as(Effect.sleep(10), n)), {
          name: "work",
          concurrency: 2,
          onError: Pipeline.skip
        }),
        Pipeline.observe((run) => Stream.runForEach(run.changes(5), (each) => Effect.sync(() => void stats.push(each))))
      )
      const { fiber, pass } = yield* watched(pipeline)
      for (let time = 0; time < 6; time++) yield* pass(5)
      yield* Fiber.join(fiber)
      const last = stats.at(-1)
      assert.isTrue(last?.isDone)
      const work = last?.stages.find(({ name }) => name === "work")
      assert.deepInclude(work, { in: 4, out: 3, failed: 1, skipped: 1, inFlight: 0, queued: 0, concurrency: 2 })
      assert.isTrue(stats.some(({ stages }) => stages.some(({ inFlight }) => inFlight === 2)))
    })
  )

  it.effect("an observer that fails fails the run at its end; one that does not end has a second", () =>
    Effect.gen(function* () {
      const failing = Pipeline.observe(numbers(2), () => Effect.fail("blind" as const))
      assert.equal(errorOf(yield* Effect.exit(Pipeline.run(failing))), "blind")
      let interrupted = false
      const endless = Pipeline.observe(numbers(2), () =>
        Effect.onInterrupt(Effect.never, () =>
          Effect.sync(() => {
            interrupted = true
          })
        )
      )
      const { fiber, pass, seen } = yield* watched(endless)
      assert.lengthOf(seen, 2)
      yield* pass(999)
      assert.isFalse(interrupted)
      yield* pass(1)
      yield* Fiber.join(fiber)
      assert.isTrue(interrupted)
    })
  )
})
