import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as DeadLetter from "../src/DeadLetter.ts"
import { StageTimeout } from "../src/Pipeline.ts"
import { temporaryFolder } from "./support/folders.ts"

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { page: Schema.String }) {
  override get message(): string {
    return `no page ${this.page}`
  }
}

const letter = <A, E>(input: A, error: E, index = 0): DeadLetter.Letter<A, E> => ({
  stage: "fetch",
  index,
  input,
  cause: Cause.fail(error),
  at: Date.UTC(2026, 0, 5, 22, 44, 25)
})

const newFile = Effect.map(temporaryFolder, (folder) => join(folder, "letters.jsonl"))

const linesOf = (path: string) => fs.readFileSync(path, "utf8").trimEnd().split("\n")

/** Opens the file, writes letters, and closes it. */
const write = <A, E, E2, R>(
  open: Effect.Effect<DeadLetter.DeadLetter<A, E>, E2, R>,
  letters: ReadonlyArray<DeadLetter.Letter<A, E>>
) => Effect.scoped(Effect.flatMap(open, (sink) => Effect.forEach(letters, sink.write, { discard: true })))

describe("a file of dead letters", () => {
  it.effect("has a line for each: where, when, why and what", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      yield* write(DeadLetter.file(path), [
        letter({ a: [1, null] }, new NotFound({ page: "/a" }), 3),
        letter("\n", null)
      ])
      expect(linesOf(path)).toEqual([
        '{"stage":"fetch","index":3,"at":"2026-01-05T22:44:25.000Z","error":{"tag":"NotFound","message":"no page /a"},"input":{"a":[1,null]}}',
        '{"stage":"fetch","index":0,"at":"2026-01-05T22:44:25.000Z","error":{"message":"null"},"input":"\\n"}'
      ])
    })
  )

  it.effect("keeps inputs and errors by their schemas, and gives them back", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const options = { input: Schema.ReadonlyMap(Schema.String, Schema.Date), error: NotFound, durable: true }
      const input = new Map([["seen", new Date(7)]])
      const error = new NotFound({ page: "/b" })
      yield* write(DeadLetter.file(path, options), [letter(input, error, 1)])
      const read = Schema.decodeUnknownSync(DeadLetter.schema(options))(JSON.parse(linesOf(path)[0]!))
      expect(read.input).toEqual(input)
      assert(read.error instanceof NotFound)
      assert.equal(read.error.page, "/b")
      expect([read.stage, read.index, DateTime.toEpochMillis(read.at)]).toEqual(["fetch", 1, letter(0, 0).at])
    })
  )

  it.effect("keeps a stage's time-out beside the errors of any schema", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const options = { error: NotFound }
      yield* write(DeadLetter.file(path, options), [letter("/b", new StageTimeout({ stage: "fetch", millis: 10 }))])
      const read = Schema.decodeUnknownSync(DeadLetter.schema(options))(JSON.parse(linesOf(path)[0]!))
      assert.instanceOf(read.error, StageTimeout)
    })
  )

  it.effect.prop(
    "gives back whatever JSON was written",
    [Arbitrary.array(Arbitrary.schema(Schema.Json), { maxLength: 5 })],
    ([inputs]) =>
      Effect.gen(function* () {
        const path = yield* newFile
        yield* write(
          DeadLetter.file(path),
          inputs.map((input, index) => letter(input, "bad", index))
        )
        const text = fs.readFileSync(path, "utf8")
        const lines = text === "" ? [] : text.trimEnd().split("\n")
        const decode = Schema.decodeUnknownSync(DeadLetter.schema())
        expect(lines.map((line) => decode(JSON.parse(line)).input)).toEqual(JSON.parse(JSON.stringify(inputs)))
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 50 } }
  )

  it.effect("is added to, after a last line that is torn at any byte", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      yield* write(DeadLetter.file(path), [letter("один", "bad", 1), letter("two", "bad", 2)])
      const whole = fs.readFileSync(path)
      for (let size = 0; size <= whole.length; size++) {
        fs.writeFileSync(path, whole.subarray(0, size))
        yield* write(DeadLetter.file(path), [letter("three", "bad", 3)])
        const inputs = linesOf(path).map((line) => JSON.parse(line).input)
        // A letter that lacks nothing but the line's end is whole.
        const count = `${whole.subarray(0, size + 1)}`.split("\n").length - 1
        expect(inputs, `${size} bytes`).toEqual([...["один", "two"].slice(0, count), "three"])
      }
    })
  )

  const unfit: Record<string, unknown> = {
    "no value": undefined,
    "a map": new Map(),
    "a big integer": 1n,
    "not a number": Number.NaN,
    "a function": () => {}
  }
  for (const [what, input] of Object.entries(unfit)) {
    it.effect(`fails typed for what is no JSON, and writes nothing: ${what}`, () =>
      Effect.gen(function* () {
        const path = yield* newFile
        const error = yield* Effect.flip(write(DeadLetter.file(path), [letter(input, "bad")]))
        expect([error._tag, error.sink, error.stage]).toEqual(["DeadLetterFailed", path, "fetch"])
        assert.include(error.message, "give the file a schema")
        assert.equal(fs.readFileSync(path, "utf8"), "")
      })
    )
  }

  it.effect("fails typed for what its schema refuses", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const error = yield* Effect.flip(
        write(DeadLetter.file(path, { input: Schema.String }), [letter(7 as never, "bad")])
      )
      assert.equal(error._tag, "DeadLetterFailed")
      assert.match(error.message, /can't take a letter of "fetch": /)
    })
  )

  it.effect("is opened once at a time, and isn't taken for another file", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const inUse = yield* Effect.scoped(Effect.andThen(DeadLetter.file(path), Effect.flip(DeadLetter.file(path))))
      assert.match(
        inUse.message,
        new RegExp(`^The dead-letter sink .* can't take letters: process ${process.pid} on .* has it open$`)
      )

      fs.writeFileSync(path, "precious")
      const other = yield* Effect.flip(Effect.scoped(DeadLetter.file(path)))
      assert.include(other.message, "it is no file of dead letters; it was not changed")
      assert.equal(fs.readFileSync(path, "utf8"), "precious")
    })
  )

  it.effect("fails typed where it can't be made", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* Effect.flip(Effect.scoped(DeadLetter.file(folder)))
      assert.match(error.message, /EISDIR/)
    })
  )
})

describe("a queue of dead letters", () => {
  it.effect("makes the stage wait while it is full", () =>
    Effect.gen(function* () {
      const queue = yield* Queue.bounded<DeadLetter.Letter<number, string>>(1)
      const sink = DeadLetter.queue(queue)
      yield* sink.write(letter(1, "bad"))
      const second = yield* Effect.forkChild(sink.write(letter(2, "bad")), { startImmediately: true })
      assert.equal(second.pollUnsafe(), undefined)
      assert.equal((yield* Queue.take(queue)).input, 1)
      yield* Fiber.join(second)
      assert.equal((yield* Queue.take(queue)).input, 2)
    })
  )

  it.effect("fails typed when it takes no more", () =>
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<DeadLetter.Letter<number, string>>()
      yield* Queue.shutdown(queue)
      const error = yield* Effect.flip(DeadLetter.queue(queue).write(letter(1, "bad")))
      expect([error._tag, error.stage]).toEqual(["DeadLetterFailed", "fetch"])
    })
  )
})

describe("dead letters in memory", () => {
  it.effect("are those that came, in their order", () =>
    Effect.gen(function* () {
      const sink = yield* DeadLetter.collect<number, string>()
      const none = yield* sink.letters
      for (const n of [1, 2]) yield* sink.write(letter(n, "bad"))
      assert.deepEqual([none, (yield* sink.letters).map(({ input }) => input)], [[], [1, 2]])
    })
  )
})
