import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as CheckpointStore from "../src/CheckpointStore.ts"
import { temporaryFolder } from "./support/folders.ts"

/** Signs that end lines, quotes or characters early, and halves of characters. */
const nasty = [
  "",
  " ",
  "\n",
  "\r\n",
  "\u2028",
  '"',
  "\\",
  "\\n",
  "\0",
  "# ropewalk checkpoint 1",
  "ключ",
  "🚀",
  "\ud83d"
]

const header = "# ropewalk checkpoint 1\n"

const doneOf = (keys: ReadonlyArray<string>) => (store: CheckpointStore.CheckpointStore) =>
  Effect.filter(keys, store.has)

/** Opens the file, does something, and closes it. */
const using = <A, E>(path: string, use: (store: CheckpointStore.CheckpointStore) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.flatMap(CheckpointStore.file(path), use))

const newFile = Effect.map(temporaryFolder, (folder) => join(folder, "keys"))

describe("a store in memory", () => {
  it.effect("knows what it began with and what was noted", () =>
    Effect.gen(function* () {
      const store = yield* CheckpointStore.memory(["a"])
      yield* store.markDone(["b", "c", "a"])
      expect(yield* doneOf(["a", "b", "c", "d"])(store)).toEqual(["a", "b", "c"])
    })
  )
})

describe("a store in a file", () => {
  it.effect("makes the file, keeps keys with any signs, and has each once", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      yield* using(path, (store) => store.markDone(nasty))
      yield* using(path, (store) => store.markDone([...nasty, "one more", "one more"]))
      expect(yield* using(path, doneOf([...nasty, "one more", "another"]))).toEqual([...nasty, "one more"])
      expect(fs.readFileSync(path, "utf8").split("\n")).toHaveLength(1 + nasty.length + 1 + 1)
      expect(fs.readdirSync(join(path, ".."))).toEqual(["keys"])
    })
  )

  it.effect("knows a key when it was noted, and not before", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const seen = yield* using(path, (store) =>
        Effect.all([store.has("a"), Effect.andThen(store.markDone(["a"]), store.has("a")), store.has("b")])
      )
      expect(seen).toEqual([false, true, false])
    })
  )

  it.effect("syncs the disk if that is wanted", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const open = CheckpointStore.file(path, { durable: true })
      yield* Effect.scoped(Effect.flatMap(open, (store) => store.markDone(["a", "b"])))
      expect(yield* using(path, doneOf(["a", "b", "c"]))).toEqual(["a", "b"])
    })
  )

  it.effect.prop(
    "gives back whatever keys were noted, in any batches",
    [Arbitrary.array(Arbitrary.array(Arbitrary.schema(Schema.String), { maxLength: 5 }), { maxLength: 5 })],
    ([batches]) =>
      Effect.gen(function* () {
        const path = yield* newFile
        yield* using(path, (store) => Effect.forEach(batches, store.markDone, { concurrency: "unbounded" }))
        const keys = batches.flat()
        expect(yield* using(path, doneOf(keys))).toEqual(keys)
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 50 } }
  )

  it.effect("torn at any byte, has all keys before it, and takes more", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const keys = ["one", "ключ\n2", "🚀 three"]
      yield* using(path, (store) => store.markDone(keys))
      const whole = fs.readFileSync(path)
      for (let size = 0; size <= whole.length; size++) {
        fs.writeFileSync(path, whole.subarray(0, size))
        const found = yield* using(path, (store) =>
          Effect.andThen(store.markDone(["new"]), doneOf([...keys, "new"])(store))
        )
        // A key whose line lacks nothing but its end is there too.
        const count = Math.max(0, `${whole.subarray(0, size + 1)}`.split("\n").length - 2)
        expect(found, `${size} bytes`).toEqual([...keys.slice(0, count), "new"])
        expect(yield* using(path, doneOf([...keys, "new"])), `${size} bytes, later`).toEqual(found)
        expect(fs.readFileSync(path, "utf8").startsWith(header)).toBe(true)
      }
    })
  )

  const others: Record<string, string> = {
    "text without an end": "precious",
    "lines of text": "precious\nlines\n",
    "a key without the first line": '"a"\n',
    "a line in the middle that is no key": `${header}"a"\nprecious\n"b"\n`,
    "a key that is no string": `${header}17\n`,
    "a later version": "# ropewalk checkpoint 2\n",
    binary: "\u0000\u0001\n\u0002"
  }
  for (const [what, content] of Object.entries(others)) {
    it.effect(`refuses ${what}, and leaves it as it is`, () =>
      Effect.gen(function* () {
        const path = yield* newFile
        fs.writeFileSync(path, content)
        const error = yield* Effect.flip(using(path, () => Effect.void))
        assert.equal(error._tag, "CheckpointFailed")
        assert.include(error.message, "it was not changed")
        assert.equal(fs.readFileSync(path, "utf8"), content)
        assert.deepEqual(fs.readdirSync(join(path, "..")), ["keys"])
      })
    )
  }

  it.effect("fails typed where there is no folder, or a folder in its place", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const path of [join(folder, "no", "keys"), folder]) {
        const error = yield* Effect.flip(using(path, () => Effect.void))
        assert(error._tag === "CheckpointFailed")
        expect([error.store, error.doing]).toEqual([path, "open"])
        assert.match(error.message, /ENOENT|EISDIR/)
      }
    })
  )

  it.effect("is for one run at a time, by any of the file's names, and free again after it", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const link = `${path}.link`
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* CheckpointStore.file(path)
          fs.symlinkSync(path, link)
          for (const name of [path, link]) {
            const error = yield* Effect.flip(using(name, () => Effect.void))
            assert(error._tag === "CheckpointInUse")
            expect([error.store, error.pid]).toEqual([name, process.pid])
            assert.match(error.message, /in use by process \d+ on .+: wait for it to end, or use another file/)
          }
        })
      )
      yield* using(link, () => Effect.void)
    })
  )

  it.effect("fails typed when it is used after its scope", () =>
    Effect.gen(function* () {
      const path = yield* newFile
      const scope = yield* Scope.make()
      const store = yield* Scope.provide(CheckpointStore.file(path), scope)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Effect.flip(store.markDone(["late"]))
      assert.equal(error._tag, "CheckpointFailed")
      expect(yield* store.has("late")).toBe(false)
      expect(fs.readFileSync(path, "utf8")).toBe(header)
    })
  )
})
