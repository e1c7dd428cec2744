/** Pipelines that divide and join. */
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const numbers = (count: number): Pipeline.Pipeline<number> => Pipeline.from(Array.from({ length: count }, (_, n) => n))

const later = <A>(value: A): Effect.Effect<A> => Effect.as(Effect.yieldNow, value)

const isText = (value: string | number): value is string => typeof value === "string"
const isNumber = (value: string | number): value is number => typeof value === "number"
const mixed: Pipeline.Pipeline<string | number> = Pipeline.from([1, "a", 2, "b"])

describe("branches", () => {
  const sorted = <A, E>(name: string, pipeline: Pipeline.Pipeline<A, E>, expected: ReadonlyArray<unknown>): void =>
    void it.effect(name, () =>
      Effect.map(Pipeline.runCollect(pipeline), (all) =>
        assert.deepEqual(all.map(String).toSorted(), expected.map(String).toSorted())
      )
    )

  sorted("merge", numbers(3).pipe(Pipeline.merge(Pipeline.from(["a"]))), [0, 1, 2, "a"])
  sorted("merge with itself: each runs on its own", Pipeline.merge(numbers(2), numbers(2)), [0, 0, 1, 1])
  sorted(
    "partition",
    mixed.pipe(
      Pipeline.partition(isText, {
        matching: Pipeline.map((text) => text.toUpperCase()),
        others: Pipeline.map((n) => later(n * 10))
      })
    ),
    ["A", "B", 10, 20]
  )
  sorted(
    "route: the first way that takes it",
    mixed.pipe(
      Pipeline.route(
        Pipeline.when(
          "big",
          (value: string | number) => value === 2,
          Pipeline.map(() => "big")
        ),
        Pipeline.when(
          "texts",
          isText,
          Pipeline.map((text) => text.toUpperCase())
        ),
        Pipeline.when(
          "numbers",
          isNumber,
          Pipeline.map((n) => n * 10)
        )
      )
    ),
    ["A", "B", 10, "big"]
  )
  sorted(
    "broadcast: each element to each",
    numbers(3).pipe(Pipeline.broadcast([Pipeline.map((n) => `a${n}`), (all) => all.pipe(Pipeline.batch(2))])),
    ["a0", "a1", "a2", [0, 1], [2]]
  )
  sorted(
    "a branch that ends early, or ignores what it is given, holds up no other",
    numbers(200).pipe(
      Pipeline.broadcast([
        (all) => Pipeline.take(all, 1),
        () => Pipeline.from(["own"]),
        Pipeline.filter((n) => n > 197)
      ])
    ),
    [0, "own", 198, 199]
  )
  sorted(
    "branches within branches",
    numbers(4).pipe(
      Pipeline.partition((n) => n < 2, {
        matching: Pipeline.broadcast([Pipeline.map((n) => n), Pipeline.map((n) => -n)]),
        others: (rest) => rest.pipe(Pipeline.merge(Pipeline.from([9])))
      })
    ),
    [0, 0, 1, -1, 2, 3, 9]
  )

  it.effect("the source ends when no branch wants more", () =>
    Effect.gen(function* () {
      const endless = Pipeline.from(Stream.iterate(0, (n) => n + 1))
      const first = endless.pipe(Pipeline.broadcast([Pipeline.take(1), Pipeline.take(2)]))
      assert.deepEqual((yield* Pipeline.runCollect(first)).toSorted(), [0, 0, 1])
    })
  )

  it.effect("what a branch was given does not run outside of it", () =>
    Effect.gen(function* () {
      let leaked: Pipeline.Pipeline<number> | undefined
      numbers(1).pipe(
        Pipeline.broadcast([
          (all) => {
            leaked = all
            return all
          },
          (all) => all
        ])
      )
      const exit = yield* Effect.exit(Pipeline.run(leaked as Pipeline.Pipeline<number>))
      assert.include(String(exit), "outside of it")
    })
  )
})
