import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { openLineFile } from "../../../src/internal/file/LineFile.ts"
import { LineReader } from "../../../src/internal/file/LineReader.ts"
import { temporaryFolder } from "../../support/folders.ts"

const filler = fileURLToPath(new URL("./fixtures/fillFile.ts", import.meta.url))

const read = (chunks: Iterable<Buffer>) => {
  const lines: Array<string> = []
  const reader = new LineReader((line, index) => {
    assert.equal(index, lines.length)
    lines.push(line)
  })
  const reused = Buffer.alloc(1024)
  for (const chunk of chunks) {
    chunk.copy(reused)
    reader.read(reused.subarray(0, chunk.length))
  }
  return { lines, tail: reader.tail, end: reader.end, size: reader.size }
}

describe("LineReader", () => {
  it.effect.prop(
    "takes apart the same however the bytes come",
    [Arbitrary.schema(Schema.String), Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 })))],
    ([text, size]) =>
      Effect.sync(() => {
        const bytes = Buffer.from(text.replaceAll("a", "\n").replaceAll("b", "🚀"))
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size)
        )
        const parts = `${bytes}`.split("\n")
        const tail = parts.pop() as string
        expect(read(chunks)).toEqual({
          lines: parts,
          tail,
          end: bytes.length - Buffer.byteLength(tail),
          size: bytes.length
        })
      }),
    { arbitrary: { runs: 500 } }
  )
})

describe("LineFile", () => {
  const opened = (path: string, { durable = false, onTail = (_tail: string): boolean => false } = {}) => {
    const lines: Array<string> = []
    return Effect.map(openLineFile(path, { durable, onLine: (line) => lines.push(line), onTail }), (file) => ({
      file,
      lines
    }))
  }

  it.effect("reads lines longer than what is read at a time", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "lines")
      const long = ["x".repeat(200_000), "é".repeat(65_536), ""]
      fs.writeFileSync(path, long.map((line) => `${line}\n`).join(""))
      const { lines } = yield* opened(path)
      assert.deepEqual(lines, long)
    })
  )

  it.effect("cuts off what no line's end follows, or ends it, as it is told", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const isWhole of [true, false]) {
        const path = join(folder, `${isWhole}`)
        fs.writeFileSync(path, "one\ntwo")
        const open = opened(path, { onTail: (tail) => tail === "two" && isWhole })
        const lines = yield* Effect.scoped(
          Effect.flatMap(open, ({ file, lines }) => Effect.as(file.append(["three", "four"]), lines))
        )
        assert.deepEqual(lines, isWhole ? ["one", "two"] : ["one"])
        assert.equal(fs.readFileSync(path, "utf8"), isWhole ? "one\ntwo\nthree\nfour\n" : "one\nthree\nfour\n")
      }
    })
  )

  it.effect("stays open, and locked, until what is being written is on the disk", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "lines")
      const scope = yield* Scope.make()
      const { file } = yield* Scope.provide(opened(path, { durable: true }), scope)
      const line = "x".repeat(1_000_000)
      const append = yield* Effect.forkChild(file.append([line]), { startImmediately: true })
      yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      assert.isTrue(fs.existsSync(`${path}.lock`))
      yield* Fiber.join(append)
      assert.equal(fs.readFileSync(path, "utf8"), `${line}\n`)
    })
  )

  // A limit on the size of files stands in for a disk that is full. It is the shell's to set, for a process.
  it.live.skipIf(process.platform === "win32")("takes back what a failed write has left, and goes on", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "lines")
      const command = 'ulimit -f 1 && exec "$0" "$@"'
      const { status, stdout } = spawnSync("sh", ["-c", command, process.execPath, filler, path], { encoding: "utf8" })
      assert.equal(status, 0)
      const lines = fs.readFileSync(path, "utf8").split("\n")
      const whole = lines.filter((line) => line === "x".repeat(99)).length
      assert.equal(stdout, `${whole} write EFBIG\n`)
      assert.isAbove(whole, 0)
      assert.deepEqual(lines.slice(whole), ["short", ""])
    })
  )
})
