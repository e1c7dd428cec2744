/** Chaos for tasks that answer with streams: struck and booked as all others are. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as places from "../fixtures/streams/places.ts"
import { defectOf } from "../support/chaos.ts"

for (const place of places.all) {
  describe(place.name, () => {
    it.live("fail: the stream dies typed; each run of it is in the ledger, also one whose consumer had enough", () =>
      Effect.gen(function* () {
        const { pool: inner } = yield* place.make()
        const { ledger, pool } = yield* Chaos.wrap(inner, Chaos.plan([Chaos.at(2, Chaos.fail())]))
        const numbers = pool.stream("Range", { count: 3 }, { window: 2 })
        assert.deepEqual(yield* Stream.runCollect(numbers), [0, 1, 2])
        const struck = yield* Effect.exit(Stream.runCollect(numbers))
        assert.equal((defectOf(struck) as Error).name, "InjectedFailure")
        assert.deepEqual(yield* Stream.runCollect(Stream.take(numbers, 1)), [0])
        assert.deepEqual(yield* Stream.runCollect(pool.mapStream("Add", Stream.make({ a: 1, b: 2 }))), [3])
        const { accepted, outcomes, settled } = yield* ledger.check
        assert.deepEqual([accepted, settled, outcomes.succeeded, outcomes.died], [4, 4, 3, 1])
      })
    )
  })
}

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("kill: what had arrived, and then WorkerCrashed", () =>
      Effect.gen(function* () {
        const { pool: inner } = yield* place.make()
        const { ledger, pool } = yield* Chaos.wrap(inner, Chaos.plan([Chaos.at(1, Chaos.kill({ after: 20 }))]))
        const seen: Array<number> = []
        const error = yield* pool.stream("Count", { label: "x" }, { window: 4 }).pipe(
          Stream.runForEach((n) => Effect.sync(() => void seen.push(n))),
          Effect.flip
        )
        assert.instanceOf(error, Pool.WorkerCrashed)
        assert.deepEqual(
          seen,
          seen.map((_, index) => index)
        )
        assert.equal((yield* ledger.check).outcomes.crashed, 1)
      })
    )
  })
}
