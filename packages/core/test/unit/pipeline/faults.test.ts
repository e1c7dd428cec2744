/** What goes wrong at a stage, and what is left of it afterwards: nothing that runs, nothing that is open. */
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { errorOf } from "../../support/exits.ts"
import { forever } from "../../support/forever.ts"
import { settle } from "../../support/settle.ts"

const numbers = (count: number): Pipeline.Pipeline<number> => Pipeline.from(Array.from({ length: count }, (_, n) => n))

const later = <A>(value: A): Effect.Effect<A> => Effect.as(Effect.yieldNow, value)

const ways: ReadonlyArray<
  readonly [name: string, options: Pick<Pipeline.StageOptions, "concurrency" | "buffer" | "ordered">]
> = [
  ["at a time", {}],
  ["with a buffer", { buffer: 2 }],
  ["in order", { concurrency: 3 }],
  ["as they come", { concurrency: 3, ordered: false }],
  ["without a limit", { concurrency: "unbounded" }]
]

for (const [name, options] of ways) {
  describe(`a stage, ${name}`, () => {
    const faults: ReadonlyArray<readonly [name: string, f: (n: number) => unknown, cause: Cause.Cause<unknown>]> = [
      ["fails", () => Effect.fail("no"), Cause.fail("no")],
      ["fails later", () => Effect.andThen(Effect.yieldNow, Effect.fail("no")), Cause.fail("no")],
      ["fails with the sign for the end of a stream", () => Effect.fail(Cause.Done()), Cause.fail(Cause.Done())],
      ["dies", () => Effect.die("broken"), Cause.die("broken")],
      [
        "throws",
        () => {
          throw "thrown"
        },
        Cause.die("thrown")
      ],
      [
        "throws null",
        () => {
          throw null
        },
        Cause.die(null)
      ],
      [
        "throws in an Effect",
        () =>
          Effect.sync(() => {
            throw undefined
          }),
        Cause.die(undefined)
      ]
    ]
    for (const [fault, f, cause] of faults) {
      it.effect(`${fault}: the elements before come, the cause is kept`, () =>
        Effect.gen(function* () {
          const seen: Array<unknown> = []
          const run = numbers(9).pipe(
            Pipeline.map((n) => (n === 2 ? f(n) : n), options),
            Pipeline.runForEach((n) => void seen.push(n)),
            Effect.exit
          )
          const exit = yield* run
          assert.isTrue(Exit.isFailure(exit))
          if (Exit.isFailure(exit)) {
            assert.deepEqual(
              exit.cause.reasons.map((reason) => [reason._tag, "error" in reason ? reason.error : undefined]),
              cause.reasons.map((reason) => [reason._tag, "error" in reason ? reason.error : undefined])
            )
            assert.deepEqual(
              exit.cause.reasons.map((reason) => ("defect" in reason ? reason.defect : undefined)),
              cause.reasons.map((reason) => ("defect" in reason ? reason.defect : undefined))
            )
          }
          assert.deepEqual(seen.slice(0, 2), [0, 1])
        })
      )
    }

    it.effect("interrupts itself", () =>
      Effect.gen(function* () {
        const fiber = yield* numbers(3).pipe(
          Pipeline.map(() => Effect.interrupt, options),
          Pipeline.run,
          Effect.forkDetach
        )
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      })
    )

    it.effect("skips what fails, with a report; a defect is not skipped", () =>
      Effect.gen(function* () {
        const failed: Array<Pipeline.Failed<number, unknown>> = []
        const kept = yield* numbers(4).pipe(
          Pipeline.map((n) => (n % 2 === 0 ? later(n) : Effect.fail(`${n} is odd`)), {
            ...options,
            name: "even",
            onError: (failure) => void failed.push(failure)
          }),
          Pipeline.runCollect
        )
        assert.deepEqual(kept.toSorted(), [0, 2])
        assert.deepEqual(
          failed.map(({ at, error, index, input, stage }) => ({ at, error, index, input, stage })),
          [1, 3].map((n) => ({ at: 0, error: `${n} is odd`, index: n, input: n, stage: "even" }))
        )
        assert.isTrue(failed.every(({ cause }) => Cause.hasFails(cause)))
        const dies = numbers(3).pipe(
          Pipeline.map(() => Effect.die("broken"), { ...options, onError: Pipeline.skip }),
          Pipeline.run
        )
        assert.include(String(yield* Effect.exit(dies)), "broken")
      })
    )

    it.effect("an onError that fails, or throws, fails the pipeline", () =>
      Effect.gen(function* () {
        const fails = Pipeline.map(numbers(3), () => Effect.fail("no"), {
          ...options,
          onError: () => Effect.fail("sink")
        })
        assert.equal(errorOf(yield* Effect.exit(Pipeline.run(fails))), "sink")
        const throws = Pipeline.map(numbers(3), () => Effect.fail("no"), {
          ...options,
          onError: () => {
            throw "sink"
          }
        })
        assert.include(String(yield* Effect.exit(Pipeline.run(throws))), "sink")
      })
    )

    it.effect("an interrupt of the run stops what it works on, and awaits that", () =>
      Effect.gen(function* () {
        const { book, work } = forever()
        const run = yield* Effect.forkChild(Pipeline.run(Pipeline.map(numbers(10), work, options)))
        yield* settle
        const running = book.running
        assert.isAtLeast(running, 1)
        yield* Fiber.interrupt(run)
        assert.deepEqual(book, { running: 0, ended: running })
      })
    )

    it.effect("so does a failure, after it and before it, and a consumer that has enough", () =>
      Effect.gen(function* () {
        const { book, work } = forever()
        const go = yield* Deferred.make<void>()
        const both = numbers(10).pipe(
          Pipeline.map((n) => (n === 0 ? Effect.succeed(n) : work()), options),
          Pipeline.merge(
            Pipeline.from([Effect.andThen(Deferred.await(go), Effect.fail("no"))]).pipe(Pipeline.map((f) => f))
          )
        )
        const run = yield* Effect.forkChild(Effect.exit(Pipeline.run(both)))
        yield* settle
        assert.isAtLeast(book.running, 1)
        yield* Deferred.succeed(go, undefined)
        assert.equal(errorOf(yield* Fiber.join(run)), "no")
        assert.equal(book.running, 0)
        const first = numbers(10).pipe(
          Pipeline.map((n) => (n === 0 ? Effect.succeed(n) : work()), options),
          Pipeline.take(1)
        )
        assert.deepEqual(yield* Pipeline.runCollect(first), [0])
        assert.equal(book.running, 0)
        assert.deepEqual(yield* Stream.runCollect(Stream.take(Pipeline.toStream(first), 1)), [0])
        assert.equal(book.running, 0)
      })
    )
  })
}
