import { assert, describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { make, read, write } from "./rings.ts"

describe("a ring that somebody has scribbled over", () => {
  it.each([
    ["a length below zero", -2],
    ["a length beyond what is published", 13],
    ["a length beyond the ring", 2 ** 31 - 1],
    ["a pad in front of nothing", -1]
  ])("%s", (_name, header) => {
    const { reader, words, writer } = make(64)
    write(writer, "twelve bytes")
    words[64] = header
    for (let i = 0; i < 2; i++) expect(() => reader.next()).toThrow(/the ring is broken: an entry at/)
  })

  it("a pad in front of a pad", () => {
    const { reader, words, writer } = make(64, 40)
    write(writer, "x".repeat(28))
    words[64] = -1
    expect(() => reader.next()).toThrow(/the ring is broken: an entry at 64 claims to have -1 bytes/)
  })

  it("a length that would go past the end of the data", () => {
    const { reader, words, writer } = make(64, 48)
    write(writer, "twelve bytes")
    write(writer, "and twelve")
    words[64 + 12] = 13
    expect(() => reader.next()).toThrow(/claims to have 13 bytes, of 16 there are/)
  })

  it.each([-8, 72, 4, 2 ** 31 - 8, -(2 ** 31)])("a writer that claims to be at %i", (position) => {
    const { reader, words } = make(64)
    words[0] = position
    expect(reader.isEmpty).toBe(false)
    for (let i = 0; i < 2; i++) expect(() => reader.next()).toThrow(/the ring is broken: its writer claims to be at/)
  })

  it.each([-8, 72, 4, 2 ** 31 - 8, -(2 ** 31)])("a reader that claims to be at %i", (position) => {
    const { words, writer } = make(64)
    write(writer, "x".repeat(60))
    words[32] = position
    for (let i = 0; i < 2; i++)
      expect(() => writer.reserve(0)).toThrow(/the ring is broken: its reader claims to be at/)
    expect(() => writer.wrap()).toThrow(/the ring is broken/)
  })

  it("a reader that claims to have gone back", () => {
    const { reader, words, writer } = make(32)
    for (const entry of ["a", "b", "c", "d"]) write(writer, entry)
    read(reader)
    read(reader)
    for (const entry of ["e", "f"]) write(writer, entry)
    words[32] = 8
    expect(() => writer.reserve(0)).toThrow(/its reader claims to be at 8, its writer is at 48/)
  })

  it("does not believe its own position either: that is not where it is kept", () => {
    const { reader, words, writer } = make(64)
    write(writer, "a")
    words[32] = 8
    expect(read(reader)).toBe("a")
    words[0] = 0
    write(writer, "b")
    expect(read(reader)).toBe("b")
  })

  it("whatever it is: throws, or stays within the ring and comes to an end", () => {
    const prng = new Prng()
    let threw = 0
    for (let run = 0; run < 2_000; run++) {
      prng.reset(2, run)
      const { reader, words, writer } = make(64, (prng.next() & ~7) | 0)
      for (let i = prng.below(4); i > 0; i--) write(writer, "x".repeat(prng.below(13)))
      const scribble = () => {
        const at = [0, 32, 64 + prng.below(16)][prng.below(3)]!
        words[at] = prng.below(2) === 0 ? prng.next() : words[at]! + prng.below(17) - 8
      }
      scribble()
      try {
        // More entries than there can ever be at once.
        let entries = 0
        while (entries <= 8 && reader.next()) {
          assert.isTrue(reader.start >= 4 && reader.start <= reader.end && reader.end <= 64)
          reader.release()
          entries++
        }
        assert.isAtMost(entries, 8)
        scribble()
        while (writer.reserve(0)) {
          assert.isTrue(writer.start >= 4 && writer.start <= writer.end && writer.end <= 64)
          writer.publish(0)
        }
      } catch (error) {
        if (!/the ring is broken/.test(`${error}`)) throw error
        threw++
      }
    }
    assert.isAbove(threw, 100)
  })
})
