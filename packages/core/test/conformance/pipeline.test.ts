/** The same pipeline with its tasks in every place. */
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Pool from "@ropewalk/core/Pool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as places from "../fixtures/places.ts"
import { Refused } from "../fixtures/tasks.ts"
import { errorOf } from "../support/exits.ts"
import { numbers } from "../support/numbers.ts"
import { idle } from "../support/pools.ts"

for (const place of places.all) {
  describe(place.name, () => {
    it.live("a task between other stages, in order and as they come", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        for (const ordered of [true, false]) {
          const sums = yield* Pipeline.from(numbers(500)).pipe(
            Pipeline.map((n) => ({ a: n, b: n })),
            Pipeline.task(pool, "Add", { ordered }),
            Pipeline.filter((n) => n % 4 === 0),
            Pipeline.runCollect
          )
          assert.deepEqual(
            ordered ? sums : sums.toSorted((a, b) => a - b),
            numbers(250).map((n) => 4 * n)
          )
        }
        assert.equal(Pipeline.describe(Pipeline.task(Pipeline.from([1]), pool, "Halve")).nodes[1]?.place, place.name)
        yield* idle(pool)
      })
    )

    it.live("P57: map-reduce by chunks", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        const total = yield* Pipeline.from(numbers(1000)).pipe(
          Pipeline.batch(50),
          Pipeline.map((all) => ({ a: all.reduce((a, b) => a + b, 0), b: 0 })),
          Pipeline.task(pool, "Add"),
          Pipeline.reduce({ initial: () => 0, fold: (a, b: number) => a + b, combine: (a, b) => a + b }),
          Pipeline.runCollect
        )
        assert.deepEqual(total, [499_500])
      })
    )

    it.live("the task's own error keeps its class; onError sees it, retry repeats it, withOrigin places it", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const refused = Pipeline.from([{ code: 7 }])
        const error = errorOf(yield* Effect.exit(Pipeline.run(Pipeline.task(refused, pool, "Refuse"))))
        assert.instanceOf(error, Refused)
        assert.equal((error as Refused).advice, "refused with 7")
        const seen: Array<Refused | Pool.PoolError> = []
        yield* refused.pipe(
          Pipeline.task(pool, "Refuse", { retry: Schedule.recurs(1), onError: ({ error }) => void seen.push(error) }),
          Pipeline.run
        )
        assert.instanceOf(seen[0], Refused)
        const placed = yield* refused.pipe(
          Pipeline.task(pool, "Refuse"),
          Pipeline.withOrigin,
          Pipeline.run,
          Effect.flip
        )
        assert.deepInclude(placed, { _tag: "StageFailed", stage: "Refuse", index: 0 })
        yield* idle(pool)
      })
    )

    it.live("a task that dies does so here, and is not skipped", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const dies = Pipeline.from([{ what: "error" as const }]).pipe(
          Pipeline.task(pool, "Throw", { onError: Pipeline.skip }),
          Pipeline.run
        )
        const exit = yield* Effect.exit(dies)
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
        assert.include(String(exit), "wrong")
        yield* idle(pool)
      })
    )

    it.live("a payload that its schema refuses is an error of that element", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const seen: Array<string> = []
        const halves = yield* Pipeline.from([2, "three" as unknown as number, 4]).pipe(
          Pipeline.task(pool, "Halve", {
            onError: ({ error }) => void seen.push(typeof error === "string" ? error : error._tag)
          }),
          Pipeline.runCollect
        )
        assert.deepEqual(halves, [1, 2])
        assert.deepEqual(seen, ["EncodeFailed"])
      })
    )

    it.live("an interrupt, a failure and a consumer that has enough withdraw what is queued and what runs", () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1 })
        const waits = (label: string) =>
          Pipeline.from(numbers(200)).pipe(
            Pipeline.map((n) => ({ label: `${label} ${n}` })),
            Pipeline.task(pool, "Wait", { concurrency: 100 })
          )
        const run = yield* Effect.forkChild(Pipeline.run(waits("interrupt")))
        yield* heard("started interrupt 0")
        yield* Fiber.interrupt(run)
        yield* heard("finalized interrupt 0")
        yield* idle(pool)

        const fails = Pipeline.merge(
          waits("failure"),
          Pipeline.from([1]).pipe(Pipeline.map(() => Effect.andThen(heard("started failure 0"), Effect.fail("no"))))
        )
        assert.equal(errorOf(yield* Effect.exit(Pipeline.run(fails))), "no")
        yield* heard("finalized failure 0")
        yield* idle(pool)

        const first = Pipeline.merge(
          waits("enough"),
          Pipeline.from([1]).pipe(Pipeline.map(() => Effect.asVoid(heard("started enough 0"))))
        ).pipe(Pipeline.take(1))
        yield* Pipeline.run(first)
        yield* heard("finalized enough 0")
        yield* idle(pool)
        yield* Stream.runDrain(Stream.take(Pipeline.toStream(first), 1))
        yield* idle(pool)
      })
    )

    it.live("a timeout is the task's own", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const late = Pipeline.from([{ label: "late" }]).pipe(Pipeline.task(pool, "Wait", { timeout: 50 }))
        assert.instanceOf(errorOf(yield* Effect.exit(Pipeline.run(late))), Pool.TaskTimeout)
        yield* idle(pool)
      })
    )
  })
}

for (const place of places.isolated) {
  it.live(`${place.name}: a worker that dies under an element fails that one, and the pipeline goes on`, () =>
    Effect.gen(function* () {
      const { pool } = yield* place.make({ size: 2 })
      const crashed: Array<readonly [input: number, tag: string]> = []
      const halves = yield* Pipeline.from([2, -1, 4, -2, 6]).pipe(
        Pipeline.task(pool, "Halve", {
          onError: ({ error, input }) => void crashed.push([input, typeof error === "string" ? error : error._tag])
        }),
        Pipeline.runCollect
      )
      assert.deepEqual(halves, [1, 2, 3])
      assert.deepEqual(
        crashed.toSorted(([a], [b]) => b - a),
        [
          [-1, "WorkerCrashed"],
          [-2, "WorkerCrashed"]
        ]
      )
      const strict = Pipeline.from([2, -1]).pipe(Pipeline.task(pool, "Halve"), Pipeline.run, Effect.exit)
      const error = errorOf(yield* strict)
      assert.instanceOf(error, Pool.WorkerCrashed)
      yield* idle(pool)
    })
  )
}

it.live("a function of a module on threads, and what it throws", () =>
  Effect.gen(function* () {
    const path = yield* ThreadPool.module<typeof import("node:path")>(new URL("node:path"), { size: 1 })
    const names = Pipeline.from(["/a/one.ts", "/b/two.ts"]).pipe(Pipeline.call(path, "basename"))
    assert.deepEqual(yield* Pipeline.runCollect(names), ["one.ts", "two.ts"])
    const wrong = Pipeline.from([5 as unknown as string]).pipe(Pipeline.call(path, "basename", { name: "base" }))
    const error = errorOf(yield* Effect.exit(Pipeline.run(wrong)))
    assert.instanceOf(error, Pool.RemoteError)
    yield* idle(Pool.controlOf(path))
  })
)
