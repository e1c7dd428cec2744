/** What is said of a job that was measured beside one thread. */
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { measure } from "../../src/internal/job/measure.ts"
import type { JobSettings } from "../../src/internal/job/options.ts"
import { ShowProgress, watched } from "../../src/internal/watched.ts"

const settings = (compare: boolean): JobSettings => ({ place: "process", workers: 1, seed: 1, size: 1, compare })

/** Takes these seconds, one after the other each time it is run, and answers with them. */
const taking = (...seconds: ReadonlyArray<number>) => {
  let run = 0
  return Effect.suspend(() => {
    const taken = seconds[run++ % seconds.length]!
    return Effect.as(TestClock.adjust(taken * 1000), taken)
  })
}

describe("measure", () => {
  it.effect("without a comparison runs the job once, and the other not at all", () =>
    Effect.gen(function* () {
      const measured = yield* measure(settings(false), {
        one: Effect.die("not asked for"),
        many: taking(2, 100),
        isSame: () => false
      })
      assert.deepStrictEqual(measured, { result: 2, seconds: 2, shown: "2.00 s on 1 process" })
    })
  )

  it.effect("takes the medians of all rounds but the first", () =>
    Effect.gen(function* () {
      const measured = yield* measure(settings(true), {
        one: taking(90, 8, 6, 7),
        many: taking(0.1, 3.5, 4, 3),
        isSame: () => true
      })
      assert.strictEqual(measured.seconds, 3.5)
      assert.deepStrictEqual(measured.beside, { seconds: 7, ideal: 7, isSame: true })
      assert.strictEqual(measured.shown, "3.50 s on 1 process, and 7.00 s on one thread: 2.00 times as fast")
    })
  )

  it.effect("says when one of the results is another one", () =>
    Effect.gen(function* () {
      const measured = yield* measure(settings(true), {
        one: taking(1),
        many: taking(1, 1, 2, 1),
        isSame: (one, many) => one === many
      })
      assert.isFalse(measured.beside?.isSame)
      assert.match(measured.shown, /with another result$/)
    })
  )

  it.effect("shows progress of the job that is run once, where it is asked for, and none of many", () =>
    Effect.gen(function* () {
      const drawn: Array<string> = []
      const stream = {
        isTTY: false,
        write: (text: string | Uint8Array) => drawn.push(String(text)) > 0,
        on: () => {},
        off: () => {}
      }
      const job = Pipeline.from([1, 2, 3]).pipe(watched(3), Pipeline.runCollect)
      const programs = { one: job, many: job, isSame: () => true }
      yield* measure(settings(false), programs)
      yield* measure(settings(true), programs).pipe(Effect.provideService(ShowProgress, { stream }))
      assert.deepStrictEqual(drawn, [])
      yield* measure(settings(false), programs).pipe(Effect.provideService(ShowProgress, { stream }))
      assert.match(drawn.join(""), /^100 %/)
    })
  )
})
