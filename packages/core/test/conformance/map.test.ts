/** One task for each of many payloads, in every place. */
import { assert, describe, it } from "@effect/vitest"
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { Prng } from "../../src/internal/explore/Prng.ts"
import * as places from "../fixtures/places.ts"
import { Point } from "../fixtures/tasks.ts"
import { errorOf } from "../support/exits.ts"

const evens = (length: number) => Array.from({ length }, (_, index) => 2 * index)
const halves = (payloads: ReadonlyArray<number>) => payloads.map((n) => n / 2)

const chunks: ReadonlyArray<Pool.MapOptions> = [{}, { chunk: "auto" }, { chunk: 1 }, { chunk: 7 }, { chunk: 5000 }]

for (const place of places.all) {
  describe(place.name, () => {
    it.live("P46: an empty input gives an empty result in every form", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        for (const options of chunks) {
          for (const none of [[], new Set<number>()]) {
            assert.deepEqual(yield* pool.map("Halve", none, options), [])
            assert.deepEqual(yield* pool.map("Halve", none, { ...options, ordered: false }), [])
            assert.deepEqual(yield* pool.mapSettled("Halve", none, options), [])
          }
        }
      })
    )

    it.live("answers in the order of the payloads, whatever rides together", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2, concurrency: 2 })
        const payloads = evens(1234)
        for (const options of chunks) {
          assert.deepEqual(yield* pool.map("Halve", payloads, options), halves(payloads))
          assert.deepEqual(yield* pool.map("Halve", new Set(payloads), options), halves(payloads))
          const pairs = yield* pool.map("Halve", payloads, { ...options, ordered: false })
          assert.deepEqual(
            [...pairs].sort(([a], [b]) => a - b),
            halves(payloads).map((half, index) => [index, half] as const)
          )
        }
      })
    )

    it.live("classes, defaults and fibers work in a chunk as they do alone", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const payloads = Array.from({ length: 20 }, (_, x) => ({ point: new Point({ x, y: 1 }), when: new Date(x) }))
        const mirrored = yield* pool.map("Mirror", payloads, { chunk: 6 })
        assert.deepEqual(
          mirrored.map(Option.getOrThrow),
          payloads.map(({ point: { x } }) => new Point({ x: 1, y: x }))
        )
        assert.deepEqual(yield* pool.map("Defaulted", [{}, { times: 2 }, {}], { chunk: 3 }), [7, 2, 7])
      })
    )

    it.live("P60: the first failure is the outcome, and what runs is stopped", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        for (const options of chunks) {
          const error = errorOf(yield* Effect.exit(pool.map("Halve", [...evens(50), 3, ...evens(50)], options)))
          assert.equal(error, "3 is odd")
          const { queued, running } = yield* pool.stats
          assert.deepEqual([queued, running], [0, 0])
        }
        const refused = errorOf(yield* Effect.exit(pool.map("Add", [{ a: 1, b: "2" as never }], { chunk: 4 })))
        assert.instanceOf(refused, Pool.EncodeFailed)
        assert.deepEqual(refused.path, ["b"])
      })
    )

    it.live("P40 P60: settled, each task has its own outcome, and none stops another", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        for (const options of chunks) {
          const exits = yield* pool.mapSettled("Halve", [2, 3, "four" as never, 5, 6], options)
          assert.deepEqual(exits[0], Exit.succeed(1))
          assert.deepEqual(exits[1], Exit.fail("3 is odd"))
          assert.instanceOf(errorOf(exits[2] as Exit.Exit<never>), Pool.EncodeFailed)
          assert.deepEqual(exits[3], Exit.fail("5 is odd"))
          assert.deepEqual(exits[4], Exit.succeed(3))
        }
      })
    )

    it.live("an interrupt takes back all that is in the pool, and the rest of the input", () =>
      Effect.gen(function* () {
        for (const chunk of [1, 3]) {
          const { heard, pool, said } = yield* place.make({ size: 1 })
          let taken = 0
          let closed = false
          function* labels() {
            try {
              for (;;) yield { label: `${taken++}` }
            } finally {
              closed = true
            }
          }
          const map = yield* Effect.forkChild(pool.map("Wait", labels(), { chunk }))
          yield* heard("started 0")
          yield* Fiber.interrupt(map)
          yield* heard("finalized 0")
          assert.isTrue(closed)
          // Two messages in the pool: one that runs and one that waits.
          assert.isAtMost(taken, 2 * chunk)
          const { queued, running } = yield* pool.stats
          assert.deepEqual([queued, running], [0, 0])
          yield* pool.run("Say", { label: "after" })
          yield* heard("said after")
          assert.notInclude(said(), "started 1")
        }
      })
    )

    it.live("an input that throws ends the map as it would end a loop", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        function* broken() {
          yield* evens(100)
          throw new Error("no more")
        }
        for (const options of chunks) {
          const exit = yield* Effect.exit(pool.map("Halve", broken(), options))
          assert.isTrue(Exit.hasDies(exit))
          assert.isTrue(Exit.hasDies(yield* Effect.exit(pool.mapSettled("Halve", broken(), options))))
        }
        assert.equal((yield* pool.stats).running, 0)
      })
    )

    it.live("a map waits for room in a queue that refuses others", () =>
      Effect.gen(function* () {
        if (place.name === "fiber") return
        const { pool } = yield* place.make({ size: 1, queue: { capacity: 0, overflow: "fail" } })
        assert.deepEqual(yield* pool.map("Halve", evens(40), { chunk: 2, concurrency: 8 }), halves(evens(40)))
      })
    )
  })
}

describe("modules", () => {
  const url = new URL("node:path")
  for (const make of [FiberPool.module, ThreadPool.module, ProcessPool.module]) {
    it.live("a function is called once for each input, in every place", () =>
      Effect.gen(function* () {
        const path = yield* make<typeof import("node:path")>(url, { size: 2 })
        const names = Array.from({ length: 100 }, (_, index) => `/a/${index}`)
        const expected = names.map((_, index) => `${index}`)
        for (const options of [...chunks, { timeout: "1 hour" }] as const) {
          assert.deepEqual(yield* Pool.mapOf(path, "basename", names, options), expected)
        }
        const error = errorOf(yield* Effect.exit(Pool.mapOf(path, "basename", ["/a", 1 as never], { chunk: 2 })))
        assert.instanceOf(error, Pool.RemoteError)
      })
    )
  }
})

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("what can't be sent is the failure of its task, and says where", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make()
        const values = [{ value: 1 }, { value: { list: [() => 1] } }, { value: 3 }]
        const sent = errorOf(yield* Effect.exit(pool.map("Echo", values, { chunk: 3 })))
        assert.instanceOf(sent, Pool.EncodeFailed)
        assert.deepEqual([sent.what, sent.path], ["payload", ["value", "list", 0]])
        const settled = yield* pool.mapSettled("Echo", values, { chunk: 3 })
        assert.deepEqual([settled[0], settled[2]], [Exit.succeed(1), Exit.succeed(3)])
        assert.deepEqual((errorOf(settled[1]!) as Pool.EncodeFailed).path, ["value", "list", 0])

        const kinds = [{ kind: "function" }, { kind: "schema" }] as const
        const answered = errorOf(yield* Effect.exit(pool.map("BadResult", kinds.slice(0, 1), { chunk: 2 })))
        assert.instanceOf(answered, Pool.EncodeFailed)
        assert.deepEqual([answered.what, answered.path], ["result", ["inside", 1]])
        const both = yield* pool.mapSettled("BadResult", kinds, { chunk: 2 })
        assert.deepEqual((errorOf(both[0]!) as Pool.EncodeFailed).path, ["inside", 1])
        assert.equal((errorOf(both[1]!) as Pool.EncodeFailed).what, "result")
      })
    )

    it.live("P54: results are those of one task after another, whatever fails, dies or rides together", () =>
      Effect.gen(function* () {
        const { pool } = yield* place.make({ size: 2 })
        const prng = new Prng()
        prng.reset(20260, 0)
        const below = (bound: number) => prng.below(bound)
        for (let round = 0; round < 12; round++) {
          const length = below(60)
          const crashes = new Set(round % 3 === 2 && length > 0 ? [below(length)] : [])
          const failures = new Set(round % 2 === 1 && length > 0 ? [below(length), below(length)] : [])
          const payloads = Array.from({ length }, (_, index) =>
            crashes.has(index) ? -1 : failures.has(index) ? 2 * index + 1 : 2 * index
          )
          const chunk = round % 4 === 0 ? ("auto" as const) : 1 + below(20)
          const reference = payloads.map((n) => (n % 2 === 0 ? Exit.succeed(n / 2) : Exit.fail(`${n} is odd`)))

          const settled = yield* pool.mapSettled("Halve", payloads, { chunk })
          const together = chunk === "auto" ? 1 : chunk
          assert.equal(settled.length, length)
          settled.forEach((exit, index) => {
            const first = index - (index % together)
            const crashed = payloads.slice(first, first + together).includes(-1)
            if (crashed) assert.instanceOf(errorOf(exit), Pool.WorkerCrashed)
            else assert.deepEqual(exit, reference[index])
          })

          const whole = yield* Effect.exit(pool.map("Halve", payloads, { chunk }))
          if (crashes.size + failures.size === 0) assert.deepEqual(whole, Exit.succeed(halves(payloads)))
          else {
            const error = errorOf(whole)
            const expected = payloads.filter((n) => n % 2 !== 0).map((n) => `${n} is odd`)
            if (error instanceof Pool.WorkerCrashed) assert.equal(crashes.size, 1)
            else assert.include(expected, error)
          }
        }
      })
    )
  })
}
