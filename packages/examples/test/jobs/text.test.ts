/** The text that is made, and the counting of words. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { randomOf } from "../../src/internal/random.ts"
import { languages } from "../../src/internal/text/language.ts"
import { writeText } from "../../src/internal/text/writeText.ts"
import { addAll, byFrequency, countWords, pack, unpack } from "../../src/internal/words/counts.ts"
import { draftsOf, filesIn, writeDraft } from "../../src/internal/words/folder.ts"
import { chunksOf, readSpan } from "../../src/internal/words/spans.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ropewalk-text-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const fileOf = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  mkdirSync(join(path, ".."), { recursive: true })
  writeFileSync(path, content)
  return path
}

describe("random numbers", () => {
  it("are the same for the same seeds, and others for others", () => {
    const draw = (...seeds: ReadonlyArray<number>) => {
      const random = randomOf(...seeds)
      return Array.from({ length: 20 }, () => random.below(1000))
    }
    assert.deepStrictEqual(draw(1, 2), draw(1, 2))
    for (const other of [[1, 3], [2, 1], [1], [1, 2, 0]]) assert.notDeepEqual(draw(...other), draw(1, 2))
  })

  it("come from the whole range", () => {
    const random = randomOf(7)
    const drawn = new Set(Array.from({ length: 1000 }, () => random.below(10)))
    assert.deepStrictEqual([...drawn].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})

describe("text", () => {
  for (const language of languages) {
    it(`${language.code}: the same seed gives the same text, which has the frequencies of a language`, () => {
      const text = writeText(3, 100_000, language)
      assert.strictEqual(writeText(3, 100_000, language), text)
      assert.notStrictEqual(writeText(4, 100_000, language), text)
      assert.isAtLeast(text.length, 99_900)
      const counts = byFrequency(countWords(text))
      // Zipf: the first ten words make a good part of the text, and most words come once or twice.
      const total = counts.reduce((sum, [, times]) => sum + times, 0)
      const first = counts.slice(0, 10).reduce((sum, [, times]) => sum + times, 0)
      assert.isAbove(first / total, 0.15)
      assert.isAbove(counts.filter(([, times]) => times <= 2).length / counts.length, 0.4)
      assert.include(language.common.slice(0, 3).join(" ").toLowerCase(), counts[0]![0])
    })
  }

  it("a folder of it has the size that was asked for, and the same bytes for the same seed", async () => {
    const bytesOf = async (name: string, seed: number) => {
      const drafts = draftsOf(join(folder, name), seed, 1_000_000)
      for (const draft of drafts) writeDraft(draft)
      const { files } = await filesIn(join(folder, name))
      assert.lengthOf(files, drafts.length)
      const sum = files.reduce((sum, { bytes }) => sum + bytes, 0)
      assert.approximately(sum, 1_000_000, 100_000)
      return files.map(({ bytes, path }) => readSpan({ path, from: 0, to: bytes })).join("")
    }
    const once = await bytesOf("a", 5)
    assert.strictEqual(await bytesOf("b", 5), once)
    assert.notStrictEqual(await bytesOf("c", 6), once)
  })
})

describe("counting", () => {
  it("takes apostrophes, accents apart, digits and other alphabets; capitals don't count", () => {
    const counts = countWords("L’été, l’e\u0301te\u0301! Straße 42, ΛΌΓΟΣ λόγος; don't 'quote' — ещё ЕЩЁ. don't")
    assert.deepStrictEqual(Object.fromEntries(counts), {
      "l’été": 2,
      straße: 1,
      "42": 1,
      λόγος: 2,
      "don't": 2,
      quote: 1,
      ещё: 2
    })
  })

  it("of nothing is nothing, also packed", () => {
    for (const text of ["", "… — !?", "\n\n"]) {
      const counts = countWords(text)
      assert.strictEqual(counts.size, 0)
      assert.deepStrictEqual([...unpack(pack(counts))], [])
    }
  })

  it("adds up, packed or not; equally frequent words are in the order of their code points", () => {
    const parts = ["b a c", "c b", "c d"]
    const sum = parts.reduce((sum, text) => addAll(sum, unpack(pack(countWords(text)))), new Map<string, number>())
    assert.deepStrictEqual(byFrequency(sum), [
      ["c", 3],
      ["b", 2],
      ["a", 1],
      ["d", 1]
    ])
  })
})

describe("spans of files", () => {
  const text = "άλφα βήτα  γάμμα\nδέλτα\tέψιλον ζήτα"

  it("tear no word and lose none, wherever a file is cut", () => {
    const path = fileOf("greek.txt", text)
    const bytes = Buffer.byteLength(text)
    for (let size = 1; size <= bytes + 1; size++) {
      const chunks = [...chunksOf([{ path, bytes }], () => size)]
      assert.strictEqual(chunks.flat().map(readSpan).join(""), text, `cut every ${size} bytes`)
      const counts = chunks.flat().reduce((sum, span) => addAll(sum, countWords(readSpan(span))), new Map())
      assert.deepStrictEqual(counts, countWords(text))
    }
  })

  it("a file without a space is one span's alone, and bytes that are no UTF-8 hurt nobody", () => {
    const long = "x".repeat(20_000)
    const path = fileOf("long.txt", long)
    const spans = [...chunksOf([{ path, bytes: long.length }], () => 3000)].flat()
    assert.deepStrictEqual(
      spans.map((span) => readSpan(span).length),
      [20_000, 0, 0, 0, 0, 0, 0]
    )
    const broken = fileOf("broken.txt", new Uint8Array([0xff, 0x61, 0x20, 0xc3, 0x28, 0x62]))
    assert.deepStrictEqual([...countWords(readSpan({ path: broken, from: 0, to: 6 })).keys()], ["a", "b"])
  })

  it("put small files together, split what is too much, and take the empty ones along", () => {
    const files = Array.from({ length: 10 }, (_, i) => ({ path: `${i}`, bytes: i === 3 ? 0 : 10 }))
    const chunks = [...chunksOf(files, () => 35)]
    assert.deepStrictEqual(
      chunks.map((chunk) => chunk.map(({ path }) => path).join("")),
      ["01234", "4567", "89"]
    )
  })

  it("are as large as is wanted by what is left, across the borders of files", () => {
    const files = [100, 0, 60].map((bytes, i) => ({ path: `${i}`, bytes }))
    const chunks = [...chunksOf(files, (left) => Math.max(10, left / 2))]
    assert.deepStrictEqual(chunks, [
      [{ path: "0", from: 0, to: 80 }],
      [
        { path: "0", from: 80, to: 100 },
        { path: "1", from: 0, to: 0 },
        { path: "2", from: 0, to: 20 }
      ],
      [{ path: "2", from: 20, to: 40 }],
      [{ path: "2", from: 40, to: 50 }],
      [{ path: "2", from: 50, to: 60 }]
    ])
  })

  it("a file that has become shorter since gives what is left", () => {
    const path = fileOf("short.txt", "one two")
    assert.strictEqual(readSpan({ path, from: 100, to: 200 }), "")
    assert.strictEqual(readSpan({ path, from: 2, to: 200 }), " two")
  })
})
