/** Where there is no folder for a file of rings, all goes by the sockets: a pool of processes does what it does elsewhere. */
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { afterEach, vi } from "vitest"
import { createRingFile } from "../../../src/internal/transport/ringFile.ts"
import { process } from "../../fixtures/places.ts"
import * as streams from "../../fixtures/streams/places.ts"

vi.mock("../../../src/internal/transport/ringFile.ts", async (original) => ({
  ...(await original<typeof import("../../../src/internal/transport/ringFile.ts")>()),
  createRingFile: vi.fn(() => undefined)
}))

const streamPlace = streams.isolated.find(({ name }) => name === "process")!

describe("a pool of processes without a file of rings", () => {
  afterEach(() => {
    expect(createRingFile).toHaveBeenCalled()
    vi.clearAllMocks()
  })

  it.live("answers calls, many at a time", () =>
    Effect.gen(function* () {
      const { pool } = yield* process.make()
      const answers = yield* Effect.forEach(
        Array.from({ length: 300 }, (_, a) => a),
        (a) => pool.run("Add", { a, b: 1 }),
        { concurrency: "unbounded" }
      )
      assert.deepEqual(
        answers,
        Array.from({ length: 300 }, (_, a) => a + 1)
      )
    })
  )

  it.live("carries what is large, and what only V8 can clone", () =>
    Effect.gen(function* () {
      const { pool } = yield* process.make()
      for (const value of [
        "x".repeat(3_000_000),
        new Map([[1, new Date(2)]]),
        new Uint8Array(100_000).fill(7),
        "small"
      ]) {
        assert.deepEqual(yield* pool.run("Echo", { value }), value)
      }
    })
  )

  it.live("streams", () =>
    Effect.gen(function* () {
      const { heard, pool } = yield* streamPlace.make()
      const numbers = yield* Stream.runCollect(pool.stream("Range", { count: 5_000 }))
      assert.deepEqual(
        [...numbers],
        Array.from({ length: 5_000 }, (_, n) => n)
      )
      // It would go on for ever: its end has to reach the worker.
      const first = yield* Stream.runCollect(Stream.take(pool.stream("Count", { label: "c" }), 3))
      assert.deepEqual([...first], [0, 1, 2])
      yield* heard("finalized c")
    })
  )

  it.live("interrupts: a task that waits, and by the end of its worker one that spins", () =>
    Effect.gen(function* () {
      const { heard, pool } = yield* process.make({ grace: 50 })
      const waiting = yield* Effect.forkChild(pool.run("Wait", { label: "w" }))
      yield* heard("started w")
      yield* Fiber.interrupt(waiting)
      yield* heard("finalized w")
      const spinning = yield* Effect.forkChild(pool.run("Spin", { label: "s" }))
      yield* heard("started s")
      yield* Fiber.interrupt(spinning)
      assert.equal(yield* pool.run("Add", { a: 40, b: 2 }), 42)
    })
  )
})
