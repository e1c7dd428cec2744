/** Functions of plain modules that answer with many values, in every place. */
import { describe, expect, it } from "@effect/vitest"
import { EncodeFailed, RemoteError } from "@ropewalk/core/Pool"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { collect } from "../../support/collect.ts"
import { numbers } from "../../support/numbers.ts"
import { fixture, type Maker, places, workers } from "./places.ts"

type Streams = typeof import("./fixtures/streams.ts")

for (const [name, make] of Object.entries(places) as Array<[string, Maker]>) {
  describe(`on a ${name}`, () => {
    /** The module, and the lines that its functions say. */
    const open = Effect.gen(function* () {
      const lines: Array<string> = []
      const finished = yield* Deferred.make<void>()
      const say = (line: string) => {
        lines.push(line)
        if (line === "finally") Deferred.doneUnsafe(finished, Exit.void)
      }
      const streams = yield* make<Streams>(fixture("streams.ts"), ({ line }) => Effect.sync(() => say(line)))
      return { streams, lines, finished, say: name === "fiber" ? say : undefined }
    })

    it.live("generators, readables, promises of iterables, Streams: all elements, in their order", () =>
      Effect.gen(function* () {
        const { streams } = yield* open
        for (const to of [0, 1, 1000]) {
          expect(yield* Stream.runCollect(streams.count(to))).toEqual(numbers(to))
          expect(yield* Stream.runCollect(streams.later(to))).toEqual(numbers(to))
        }
        expect(yield* Stream.runCollect(streams.effectful(500))).toEqual(numbers(500))
        expect(yield* Stream.runCollect(streams.readable(["a", "b"]))).toEqual(["a", "b"])
        expect(yield* Stream.runCollect(Stream.zip(streams.count(3), Stream.make("a", "b", "c")))).toHaveLength(3)
        expect(yield* streams.add(1, 2)).toBe(3)
      })
    )

    it.live("a generator whose consumer has enough runs its finally, before the consumer goes on", () =>
      Effect.gen(function* () {
        const { finished, lines, say, streams } = yield* open
        expect(yield* streams.forever(say).pipe(Stream.take(3), Stream.runCollect)).toEqual([0, 1, 2])
        yield* Deferred.await(finished)
        expect(lines.at(-1)).toBe("finally")
        expect(lines.length).toBeLessThanOrEqual(3 + 128 + 1)
        expect(yield* streams.add(1, 2)).toBe(3)
      })
    )

    it.live("W29: a generator is no more than its window ahead, and an interrupt ends it there", () =>
      Effect.gen(function* () {
        const { finished, lines, say, streams } = yield* open
        const first = yield* Deferred.make<void>()
        const consumer = yield* Effect.forkChild(
          Stream.runForEach(streams.forever(say), () =>
            Effect.andThen(Deferred.succeed(first, undefined), Effect.never)
          )
        )
        yield* Deferred.await(first)
        yield* Fiber.interrupt(consumer)
        yield* Deferred.await(finished)
        expect(lines.filter((line) => line.startsWith("made")).length).toBeLessThanOrEqual(128)
        expect(yield* streams.add(1, 2)).toBe(3)
      })
    )

    it.live("a Stream whose consumer has enough runs its finalizers", () =>
      Effect.gen(function* () {
        const { finished, say, streams } = yield* open
        expect(yield* streams.effectfulForever(say).pipe(Stream.take(2), Stream.runCollect)).toEqual([0, 1])
        yield* Deferred.await(finished)
        expect(yield* streams.add(1, 2)).toBe(3)
      })
    )

    it.live("what is thrown is a RemoteError, after the elements before it; a Stream's error is its own", () =>
      Effect.gen(function* () {
        const { streams } = yield* open
        const failing = yield* collect(streams.failing(3))
        expect(failing.values).toEqual([0, 1, 2])
        expect(failing.error).toBeInstanceOf(RemoteError)
        expect(failing.error).toMatchObject({ task: "failing", message: "too far", cause: { name: "RangeError" } })
        expect((yield* collect(streams.rejected())).error).toMatchObject({ _tag: "RemoteError", message: "no stream" })
        expect(yield* collect(streams.effectfulFailing())).toMatchObject({ values: [1], error: { _tag: "Refused" } })
        const mistaken = yield* collect(streams.mistaken())
        expect(mistaken.error).toMatchObject({
          _tag: "RemoteError",
          message: expect.stringContaining("no async iterable")
        })
      })
    )

    it.live("a finally that throws when nobody listens any more hurts nobody", () =>
      Effect.gen(function* () {
        const { finished, say, streams } = yield* open
        yield* Effect.exit(streams.failingFinally(say).pipe(Stream.take(1), Stream.runDrain))
        yield* Deferred.await(finished)
        expect(yield* streams.add(1, 2)).toBe(3)
      })
    )
  })
}

for (const [name, make] of Object.entries(workers) as Array<[string, Maker]>) {
  describe(`on a ${name}, behind the wire`, () => {
    it.live("P38: an element that can't be sent fails with its place", () =>
      Effect.gen(function* () {
        const streams = yield* make<Streams>(fixture("streams.ts"))
        const { error, values } = yield* collect(streams.unsendable())
        expect(values).toEqual([0])
        expect(error).toBeInstanceOf(EncodeFailed)
        expect(error).toMatchObject({ what: "result", path: [1, "rows", 0, "call"] })
        expect(yield* streams.add(1, 2)).toBe(3)
      })
    )
  })
}
