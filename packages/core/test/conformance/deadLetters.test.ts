/** What becomes of the elements that a stage can't handle. */
import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as DeadLetter from "../../src/DeadLetter.ts"
import * as Pipeline from "../../src/Pipeline.ts"
import { temporaryFolder } from "../support/folders.ts"

class Odd extends Schema.TaggedError<Odd>()("Odd", { n: Schema.Number }) {}

const half = (n: number) => (n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail(new Odd({ n })))

describe("dead letters", () => {
  it.effect("can be read back as elements, and run again", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "odd.jsonl")
      const options = { input: Schema.Number, error: Odd }
      const halves = yield* Effect.scoped(
        Effect.flatMap(DeadLetter.file(path, options), (sink) =>
          Pipeline.from([1, 2, 3, 4, 5]).pipe(
            Pipeline.map(half, { name: "half", concurrency: 2, onError: Pipeline.deadLetter(sink) }),
            Pipeline.runCollect
          )
        )
      )
      expect(halves).toEqual([1, 2])
      const again = yield* Pipeline.fromJsonLines(path, DeadLetter.schema(options)).pipe(
        Pipeline.map(
          ({ error, index, input, stage }) => [stage, index, error._tag === "Odd" ? error.n : 0, input + 1] as const
        ),
        Pipeline.runCollect
      )
      expect(again.toSorted()).toEqual([
        ["half", 0, 1, 2],
        ["half", 2, 3, 4],
        ["half", 4, 5, 6]
      ])
    })
  )

  it.effect("fail the pipeline, typed, when they can't be kept", () =>
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<DeadLetter.Letter<number, unknown>>()
      yield* Queue.shutdown(queue)
      const run = Pipeline.from([2, 1, 4]).pipe(
        Pipeline.map(half, { name: "half", onError: Pipeline.deadLetter(DeadLetter.queue(queue)) }),
        Pipeline.runCollect
      )
      const error: DeadLetter.DeadLetterFailed = yield* Effect.flip(run)
      expect([error._tag, error.stage]).toEqual(["DeadLetterFailed", "half"])
    })
  )

  it.effect("are not made of defects", () =>
    Effect.gen(function* () {
      const sink = yield* DeadLetter.collect<number, unknown>()
      const exit = yield* Pipeline.from([1]).pipe(
        Pipeline.map(() => Effect.die("broken"), { onError: Pipeline.deadLetter(sink) }),
        Pipeline.run,
        Effect.exit
      )
      assert.isTrue(Exit.hasDies(exit))
      expect(yield* sink.letters).toEqual([])
    })
  )
})
