/** Channels and endpoints in the payloads of real pools. */
import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@ropewalk/core/Channel"
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pipe from "@ropewalk/core/Pipe"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { handlers } from "../fixtures/remote/handlers.ts"
import { Handles } from "../fixtures/remote/tasks.ts"

const worker = new URL("../fixtures/remote/worker.ts", import.meta.url)

const isolated = {
  thread: ThreadPool.make(Handles, { worker, size: 2 }),
  process: ProcessPool.make(Handles, { worker, size: 2 })
}
const places = { fiber: Effect.provide(FiberPool.make(Handles, { size: 2 }), handlers), ...isolated }

const makePipe = Pipe.make({ send: Schema.String, receive: Schema.Number })

for (const [place, open] of Object.entries(places)) {
  describe(`handles in the payloads of a ${place} pool`, () => {
    it.live("two channels: work in, results out, in any worker", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* open
          const numbers = yield* Channel.serve(Schema.Number, { capacity: 2 })
          const results = yield* Channel.serve(Schema.Number, { capacity: 100 })
          const tasks = yield* Effect.forkChild(
            Effect.all([pool.run("Double", { numbers, results }), pool.run("Double", { numbers, results })], {
              concurrency: "unbounded"
            })
          )
          yield* Effect.forEach(
            Array.from({ length: 50 }, (_, n) => n),
            numbers.put
          )
          yield* numbers.close
          const [first, second] = yield* Fiber.join(tasks)
          assert.strictEqual(first + second, 50)
          yield* results.close
          const doubled = Array.from(yield* Stream.runCollect(results.stream)).sort((a, b) => a - b)
          assert.deepStrictEqual(
            doubled,
            Array.from({ length: 50 }, (_, n) => 2 * n)
          )
        })
      )
    )

    it.live("a conversation over a pipe, ended from here", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* open
          const [here, pipe] = yield* makePipe
          const task = yield* Effect.forkChild(pool.run("Measure", { pipe }))
          yield* here.send("rope")
          assert.strictEqual(yield* here.receive, 4)
          yield* here.close
          yield* Fiber.join(task)
        })
      )
    )

    it.live("two workers talk to each other over the two ends of one pipe", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* open
          const [left, right] = yield* makePipe
          const words = ["fiber", "yarn", "strand", "rope"]
          const [lengths] = yield* Effect.all(
            [pool.run("Ask", { pipe: left, words }), pool.run("Measure", { pipe: right })],
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(lengths, [5, 4, 6, 4])
        })
      )
    )

    it.live("closes when its task returns, after what the task had sent", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* open
          const [here, pipe] = yield* makePipe
          yield* pool.run("SendTwoAndReturn", { pipe })
          assert.deepStrictEqual(Array.from(yield* Stream.runCollect(here.stream)), [1, 2])
        })
      )
    )

    it.live("closes when its task is interrupted in the queue", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* open
          const run = Effect.fnUntraced(function* () {
            const [here, pipe] = yield* makePipe
            return { here, task: yield* Effect.forkChild(pool.run("Measure", { pipe }), { startImmediately: true }) }
          })
          const running = yield* Effect.all([run(), run()])
          yield* Effect.forEach(running, ({ here }) => Effect.andThen(here.send("rope"), here.receive))
          const queued = yield* run()
          yield* Fiber.interrupt(queued.task)
          assert.strictEqual((yield* Effect.flip(queued.here.receive))._tag, "PipeClosed")
        })
      )
    )
  })
}

for (const [place, open] of Object.entries(isolated)) {
  describe(`a pipe to a ${place}`, () => {
    it.live("between two workers: when one dies, the other hears PeerDied", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* open
          const [left, right] = yield* makePipe
          const [asked, measured] = yield* Effect.all(
            [Effect.exit(pool.run("AskAndDie", { pipe: left })), Effect.exit(pool.run("Measure", { pipe: right }))],
            { concurrency: "unbounded" }
          )
          assert.include(String(asked), "WorkerCrashed")
          assert.include(String(measured), "PeerDied")
        })
      )
    )

    for (const [task, received] of [
      ["SendTwoAndDie", [1, 2]],
      ["DieUnheard", []]
    ] as const) {
      it.live(`${task}: what was sent, then PeerDied, at once`, () =>
        Effect.scoped(
          Effect.gen(function* () {
            const pool = yield* open
            const [here, pipe] = yield* makePipe
            const crash = yield* Effect.forkChild(Effect.flip(pool.run(task, { pipe })))
            const heard: Array<number> = []
            const error = yield* Effect.flip(Stream.runForEach(here.stream, (n) => Effect.sync(() => heard.push(n))))
            assert.strictEqual(error._tag, "PeerDied")
            assert.deepStrictEqual(heard, [...received])
            assert.strictEqual((yield* Fiber.join(crash))._tag, "WorkerCrashed")
          })
        )
      )
    }
  })
}
