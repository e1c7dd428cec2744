/** How a pipeline ends when it is not a stage's function that goes wrong: its source, a collection, a branch, an option. */
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { errorOf } from "../../support/exits.ts"
import { forever } from "../../support/forever.ts"
import { settle } from "../../support/settle.ts"

const numbers = (count: number): Pipeline.Pipeline<number> => Pipeline.from(Array.from({ length: count }, (_, n) => n))

const later = <A>(value: A): Effect.Effect<A> => Effect.as(Effect.yieldNow, value)

describe("a source", () => {
  it.effect("that fails midway does so after what it gave before, and is closed", () =>
    Effect.gen(function* () {
      let closed = 0
      const source = Stream.concat(Stream.make(1, 2), Stream.fail("dry" as const)).pipe(
        Stream.ensuring(Effect.sync(() => closed++))
      )
      for (const concurrency of [1, 4]) {
        const seen: Array<number> = []
        const run = Pipeline.from(source).pipe(
          Pipeline.map(later, { concurrency }),
          Pipeline.runForEach((n) => void seen.push(n))
        )
        assert.equal(errorOf(yield* Effect.exit(run)), "dry")
        assert.deepEqual(seen, [1, 2])
      }
      assert.equal(closed, 2)
    })
  )

  it.effect("that throws: an iterable is a defect, an async iterable fails typed; null as well", () =>
    Effect.gen(function* () {
      function* broken() {
        yield 1
        throw null
      }
      const exit = yield* Effect.exit(Pipeline.run(Pipeline.from(broken())))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      const rejecting = async function* () {
        yield 1
        throw null
      }
      const seen: Array<number> = []
      const read = Pipeline.from(rejecting(), { name: "feed" }).pipe(Pipeline.runForEach((n) => void seen.push(n)))
      const error = yield* Effect.flip(read)
      assert.instanceOf(error, Pipeline.SourceFailed)
      assert.include(error.message, '"feed"')
      assert.deepEqual(seen, [1])
      const unopened = {
        [Symbol.asyncIterator]: () => {
          throw new Error("shut")
        }
      } as AsyncIterable<number>
      assert.include((yield* Effect.flip(Pipeline.run(Pipeline.from(unopened)))).message, "shut")
    })
  )

  it.effect("is closed once: at its end, at a failure, when it is left, when its reader is interrupted", () =>
    Effect.gen(function* () {
      const book = { opened: 0, closed: 0 }
      const source: AsyncIterable<number> = {
        [Symbol.asyncIterator]() {
          book.opened++
          let next = 0
          return {
            next: async () => ({ value: next++, done: false }),
            return: async () => {
              book.closed++
              return { value: undefined, done: true }
            }
          }
        }
      }
      yield* Pipeline.run(Pipeline.take(Pipeline.from(source), 2))
      assert.deepEqual(book, { opened: 1, closed: 1 })
      yield* Effect.exit(Pipeline.run(Pipeline.map(Pipeline.from(source), () => Effect.fail("no"))))
      assert.deepEqual(book, { opened: 2, closed: 2 })
      const run = yield* Effect.forkChild(Pipeline.run(Pipeline.map(Pipeline.from(source), () => Effect.never)))
      while (book.opened < 3) yield* Effect.yieldNow
      yield* Fiber.interrupt(run)
      assert.deepEqual(book, { opened: 3, closed: 3 })
      yield* Pipeline.run(Pipeline.from(new Set([1])))
    })
  )

  it.effect("one whose closing throws is a defect of the run, and the rest is closed", () =>
    Effect.gen(function* () {
      const source: Iterable<number> = {
        [Symbol.iterator]: () => ({
          next: () => ({ value: 1, done: false }),
          return: () => {
            throw "stuck"
          }
        })
      }
      const exit = yield* Effect.exit(Pipeline.run(Pipeline.take(Pipeline.from(source), 1)))
      assert.include(String(exit), "stuck")
    })
  )
})

describe("flatMap", () => {
  it.effect("a stream that fails after some elements: they come, then the failure, or the next stream", () =>
    Effect.gen(function* () {
      let closed = 0
      const some = (n: number) =>
        Stream.concat(Stream.make(n), n === 1 ? Stream.fail("no" as const) : Stream.make(-n)).pipe(
          Stream.ensuring(Effect.sync(() => closed++))
        )
      const seen: Array<number> = []
      const strict = Pipeline.runForEach(Pipeline.flatMap(numbers(3), some), (n) => void seen.push(n))
      assert.equal(errorOf(yield* Effect.exit(strict)), "no")
      assert.deepEqual(seen, [0, -0, 1])
      assert.equal(closed, 2)
      const failed: Array<unknown> = []
      const lenient = Pipeline.flatMap(numbers(3), some, {
        onError: ({ error, index, input }) => void failed.push([input, index, error])
      })
      assert.deepEqual(yield* Pipeline.runCollect(lenient), [0, -0, 1, 2, -2])
      assert.deepEqual(failed, [[1, 1, "no"]])
      assert.equal(closed, 5)
    })
  )

  it.effect("what is no collection is a defect, and one that is left is closed", () =>
    Effect.gen(function* () {
      const none = Pipeline.flatMap(numbers(1), () => 5 as unknown as Array<number>)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Pipeline.run(none))))
      let closed = 0
      const endless = Pipeline.flatMap(numbers(1), () =>
        Stream.ensuring(
          Stream.make(1, 2, 3),
          Effect.sync(() => closed++)
        )
      )
      assert.deepEqual(yield* Pipeline.runCollect(Pipeline.take(endless, 1)), [1])
      assert.equal(closed, 1)
    })
  )
})

describe("a branch", () => {
  it.effect("that fails fails the whole, and stops the others", () =>
    Effect.gen(function* () {
      const { book, work } = forever()
      const both = numbers(4).pipe(
        Pipeline.broadcast([
          Pipeline.map(() => work()),
          Pipeline.map((n) => (n === 2 ? Effect.andThen(settle, Effect.fail("no" as const)) : later(n)))
        ])
      )
      assert.equal(errorOf(yield* Effect.exit(Pipeline.run(both))), "no")
      assert.equal(book.running, 0)
      assert.equal(book.ended, 1)
    })
  )

  it.effect("a predicate that throws is a defect", () =>
    Effect.gen(function* () {
      const thrown = () => {
        throw "no branch"
      }
      const parts = { matching: (p: Pipeline.Pipeline<number>) => p, others: (p: Pipeline.Pipeline<number>) => p }
      const routes = [
        Pipeline.partition(numbers(2), thrown as (n: number) => boolean, parts),
        Pipeline.groupBy(numbers(2), thrown, (n) => n),
        Pipeline.dedupe(numbers(2), { capacity: 1, key: thrown })
      ]
      for (const pipeline of routes) assert.include(String(yield* Effect.exit(Pipeline.run(pipeline))), "no branch")
    })
  )

  it.effect("an element that fits no way, whatever its type says, is a defect", () =>
    Effect.gen(function* () {
      const never = (_: number): _ is number => false
      const exit = yield* Effect.exit(
        Pipeline.run(numbers(1).pipe(Pipeline.route(Pipeline.when("all", never, (p) => p))))
      )
      assert.include(String(exit), "No route takes this element")
    })
  )
})

describe("withOrigin", () => {
  it.effect("says of an error where it is from, of all stages before it and of none after", () =>
    Effect.gen(function* () {
      const odd = (n: number) => (n === 3 ? Effect.fail("odd" as const) : Effect.succeed(n))
      const at = (stage: "first" | "last") =>
        numbers(5).pipe(
          Pipeline.filter((n) => n > 0, { name: "positive" }),
          Pipeline.map((n) => (stage === "first" ? odd(n) : Effect.succeed(n)), { name: "first", concurrency: 2 }),
          Pipeline.withOrigin,
          Pipeline.map((n) => (stage === "last" ? odd(n) : Effect.succeed(n)), { name: "last" })
        )
      const error = errorOf(yield* Effect.exit(Pipeline.run(at("first"))))
      assert.instanceOf(error, Pipeline.StageFailed)
      const { error: inner, index, stage } = error as Pipeline.StageFailed<string>
      assert.deepEqual({ inner, index, stage }, { inner: "odd", index: 2, stage: "first" })
      assert.equal((error as Error).message, '"first" failed for its element 2: odd')
      assert.equal(errorOf(yield* Effect.exit(Pipeline.run(at("last")))), "odd")
    })
  )

  it.effect("of a source and of what flatMap reads, too; defects stay what they are; twice is once", () =>
    Effect.gen(function* () {
      const dry = Pipeline.from(Stream.concat(Stream.make(1), Stream.fail("dry" as const)), { name: "well" })
      const error = errorOf(yield* Effect.exit(Pipeline.run(Pipeline.withOrigin(Pipeline.withOrigin(dry)))))
      assert.deepInclude(error, { _tag: "StageFailed", stage: "well", index: 1, error: "dry" })
      const inner = numbers(2).pipe(Pipeline.flatMap(() => Stream.fail("no" as const), { name: "read" }))
      assert.deepInclude(errorOf(yield* Effect.exit(Pipeline.run(Pipeline.withOrigin(inner)))), {
        stage: "read",
        index: 0
      })
      const dies = numbers(2).pipe(
        Pipeline.map(() => Effect.die("broken")),
        Pipeline.withOrigin
      )
      const exit = yield* Effect.exit(Pipeline.run(dies))
      assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) === "broken")
    })
  )
})

it.effect("options that make no sense are refused, and nothing was read", () =>
  Effect.gen(function* () {
    let read = 0
    const source = Pipeline.from(
      (function* () {
        read++
        yield 1
      })()
    )
    const refused: ReadonlyArray<readonly [option: string, pipeline: Pipeline.Pipeline<unknown, unknown>]> = [
      ["concurrency", Pipeline.map(source, (n) => n, { concurrency: 0 })],
      ["concurrency", Pipeline.map(source, (n) => n, { concurrency: Number.NaN })],
      ["buffer", Pipeline.map(source, (n) => n, { buffer: -1 })],
      ["timeout", Pipeline.map(source, (n) => n, { timeout: -1 })],
      ["concurrency", Pipeline.flatMap(source, (n) => [n], { concurrency: 1.5 })],
      ["size", Pipeline.batch(source, 0)],
      ["within", Pipeline.batch(source, 1, Number.NaN)],
      ["size", Pipeline.window(source, { size: 0 })],
      ["step", Pipeline.window(source, { size: 1, step: 0 })],
      ["most", Pipeline.window(source, { every: 1, most: 0 })],
      ["every", Pipeline.window(source, { every: -1 })],
      ["take", Pipeline.take(source, -1)],
      ["elements", Pipeline.throttle(source, { elements: 0, per: 1 })],
      ["per", Pipeline.throttle(source, { elements: 1, per: -1 })],
      ["burst", Pipeline.throttle(source, { elements: 1, per: 1, burst: 0 })],
      ["capacity", Pipeline.dedupe(source, { capacity: 0 })],
      ["buffer", Pipeline.merge(source, source, { buffer: 0 })],
      ["buffer", Pipeline.broadcast(source, [(p) => p, (p) => p], { buffer: 0 })]
    ]
    for (const [option, pipeline] of refused) {
      const error = errorOf(yield* Effect.exit(Pipeline.run(pipeline)))
      assert.instanceOf(error, Pipeline.InvalidOption)
      assert.equal((error as Pipeline.InvalidOption).option, option)
      const withOrigin = errorOf(yield* Effect.exit(Pipeline.run(Pipeline.withOrigin(pipeline))))
      assert.instanceOf(withOrigin, Pipeline.InvalidOption)
    }
    assert.equal(read, 0)
  })
)
