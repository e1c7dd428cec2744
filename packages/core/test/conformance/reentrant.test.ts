/** A call may be settled while another one is being made: whoever calls from a `forEach` of bounded concurrency must not notice. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as places from "../fixtures/places.ts"

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("each item of a bounded forEach is called once, and gets its own answer", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 1 })
        const called: Array<number> = []
        // The first keeps the only worker until it dies. Two that can't be sent wait behind it, and fail one after the other when
        // the new worker is ready: the failure of one starts the next item, in the midst of which the other one fails.
        const call = (n: number) => {
          called.push(n)
          const run = n === 0 ? pool.run("Exit", { code: 1 }) : pool.run("Echo", { value: n < 3 ? () => n : n })
          return Effect.match(run, { onSuccess: (value): unknown => value, onFailure: (error) => error._tag })
        }
        const items = Array.from({ length: 8 }, (_, n) => n)
        const answers = yield* Effect.forEach(items, (n) => Effect.suspend(() => call(n)), { concurrency: 3 })
        assert.deepEqual(called, items)
        assert.deepEqual(answers, ["WorkerCrashed", "EncodeFailed", "EncodeFailed", 3, 4, 5, 6, 7])
      })
    )
  })
}
