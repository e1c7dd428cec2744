import { PassThrough } from "node:stream"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { splitLines } from "../../../src/internal/transport/splitLines.ts"

const linesOf = (...chunks: ReadonlyArray<Uint8Array | string>): Array<string> => {
  const stream = new PassThrough()
  const lines: Array<string> = []
  splitLines(stream, (line) => lines.push(line))
  for (const chunk of chunks) stream.emit("data", Buffer.from(chunk as string))
  stream.emit("end")
  return lines
}

describe("lines", () => {
  it.effect.prop(
    "any lines, cut at any bytes, arrive whole: characters of many bytes too",
    {
      lines: Arbitrary.array(
        Arbitrary.map(Arbitrary.schema(Schema.String), (text) => text.toWellFormed().replaceAll(/[\r\n]/g, " ")),
        { maxLength: 6 }
      ),
      cut: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))
    },
    ({ cut, lines }) =>
      Effect.sync(() => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""))
        const chunks = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, index) =>
          bytes.subarray(index * cut, (index + 1) * cut)
        )
        expect(linesOf(...chunks)).toEqual(lines)
      }),
    { arbitrary: { runs: 100 } }
  )

  it("an empty line is a line", () => {
    expect(linesOf("\n\na\n\n")).toEqual(["", "", "a", ""])
  })

  it("the last line needs no end", () => {
    expect(linesOf("a\nb")).toEqual(["a", "b"])
    expect(linesOf("a\n")).toEqual(["a"])
    expect(linesOf()).toEqual([])
  })

  it("an end of two characters is one end, also when it is cut in two", () => {
    expect(linesOf("a\r\nb\r", "\nc\r", "d\n")).toEqual(["a", "b", "c\rd"])
  })

  it("a stream that ends inside a character shows that it is broken", () => {
    expect(linesOf(Buffer.from("a\né").subarray(0, -1))).toEqual(["a", "\ufffd"])
  })

  it("a line of many chunks is not searched once a chunk", () => {
    const chunk = "x".repeat(1024)
    const lines = linesOf(...Array<string>(16 * 1024).fill(chunk), "\n")
    expect(lines.map((line) => line.length)).toEqual([16 * 1024 * 1024])
  })
})
