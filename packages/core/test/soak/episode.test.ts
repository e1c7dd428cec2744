/** Episodes on real pools; and on pools that break a promise, which has to be found out. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Course, Settings } from "../../soak/episode.ts"
import { runEpisode } from "../../soak/episode.ts"
import { judge } from "../../soak/judge.ts"
import type { SoakPool } from "../../soak/kinds.ts"
import type { Episode, Place } from "../../soak/Plan.ts"

const quiet = (place: Place, calls: Episode["calls"]): Episode => ({
  number: 0,
  weather: "storm",
  place,
  size: 2,
  concurrency: 1,
  graceMillis: 20,
  heapLimit: undefined,
  window: 4,
  audited: true,
  calls,
  strikes: [],
  end: { kind: "idle" }
})

const mixes = (count: number): Episode["calls"] =>
  Array.from({ length: count }, (_, n) => ({ token: 1000 + n, kind: "mix", n, leave: { kind: "stay" } }))

const problemsOf = ({ problems, trial }: Course): ReadonlyArray<string> => [...problems, ...judge(trial)]

/** Every call goes through `change`, which is told how many came before it. */
const tampering =
  (
    change: (call: Effect.Effect<unknown, unknown>, index: number) => Effect.Effect<unknown, unknown>
  ): Settings["wrap"] =>
  (pool) => {
    let calls = 0
    const run = pool.run as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>
    return { ...pool, run: (...args: ReadonlyArray<unknown>) => change(run(...args), calls++) } as unknown as SoakPool
  }

for (const place of ["thread", "process"] as const) {
  describe(place, () => {
    it.live("a pool that keeps its promises", () =>
      Effect.gen(function* () {
        const course = yield* runEpisode(quiet(place, mixes(40)))
        assert.deepEqual(problemsOf(course), [])
        assert.equal(course.trial.runs.length, 40)
      })
    )
  })
}

describe("a pool that", () => {
  const episode = (wrap: Settings["wrap"], patience: Settings["patience"] = "1 minute") =>
    Effect.map(runEpisode(quiet("thread", mixes(8)), { wrap: wrap as NonNullable<typeof wrap>, patience }), problemsOf)

  it.live("forgets a call", () =>
    Effect.gen(function* () {
      const problems = yield* episode(
        tampering((call, index) => (index === 3 ? Effect.never : call)),
        "300 millis"
      )
      assert.include(problems, "not every call was answered in time")
      assert.include(problems, "mix 1003 was never answered")
    })
  )

  it.live("gives a caller the answer of another", () =>
    Effect.gen(function* () {
      let first: unknown
      const wrap = tampering((call, index) =>
        Effect.map(call, (value) => {
          first ??= value
          return index === 3 ? first : value
        })
      )
      const problems = yield* episode(wrap)
      assert.equal(problems.length, 1)
      assert.match(problems[0] ?? "", /^mix 1003 got what it can't be answered with: Success\(\{"token":100/)
    })
  )

  it.live("runs a task twice", () =>
    Effect.gen(function* () {
      const wrap = tampering((call, index) => (index === 3 ? Effect.andThen(call, call) : call))
      assert.deepEqual(yield* episode(wrap), ["mix 1003 was started 2 times, and then was answered"])
    })
  )

  it.live("answers what it did not run", () =>
    Effect.gen(function* () {
      const wrap = tampering((call, index) => (index === 3 ? Effect.interrupt : call))
      assert.deepEqual(yield* episode(wrap), ["mix 1003 was interrupted, and nobody had asked for that"])
    })
  )
})
