import { assert, describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { RingReader, RingWriter } from "../../../src/internal/shared/ring.ts"
import { NeverFull, PublishesTooEarly } from "./naive.ts"
import { clean, everySchedule } from "./reports.ts"
import { ringProgram, type Setting } from "./ringModel.ts"
import { byteOffset, make, read, write } from "./rings.ts"

describe("a ring", () => {
  it("is empty in the beginning", () => {
    const { reader } = make(64)
    expect([reader.isEmpty, reader.next()]).toEqual([true, false])
  })

  it("gives entries in the order in which they were published, empty ones too", () => {
    const { reader, writer } = make(64)
    for (const entry of ["one", "", "three"]) expect(write(writer, entry)).toBe(true)
    expect(reader.isEmpty).toBe(false)
    expect([read(reader), read(reader), read(reader), read(reader)]).toEqual(["one", "", "three", undefined])
    expect(reader.isEmpty).toBe(true)
  })

  it("both sides see the same bytes through both views, from the beginning of the entry", () => {
    const { reader, writer } = make(64)
    writer.reserve(8)
    writer.view.setFloat64(writer.start, Math.PI)
    writer.publish(8)
    reader.next()
    expect(reader.view.getFloat64(reader.start)).toBe(Math.PI)
    expect(reader.bytes.readDoubleBE(reader.start)).toBe(Math.PI)
    expect(reader.bytes.length).toBe(64)
  })

  it("what is written but not published is not there", () => {
    const { reader, words, writer } = make(64)
    write(writer, "published")
    const before = words.slice(0, 64)
    writer.reserve(10)
    writer.bytes.fill(0xff, writer.start, writer.end)
    expect(words.slice(0, 64)).toEqual(before)
    expect([read(reader), read(reader)]).toEqual(["published", undefined])
    expect(write(writer, "after")).toBe(true)
    expect(read(reader)).toBe("after")
  })

  it("an entry stays until it is released", () => {
    const { reader, writer } = make(16)
    write(writer, "twelve bytes")
    expect([reader.next(), reader.next(), reader.isEmpty]).toEqual([true, true, false])
    expect(writer.reserve(0)).toBe(false)
    reader.release()
    expect([reader.isEmpty, writer.reserve(0)]).toEqual([true, true])
  })

  it("is full when there is no room, and goes on when there is", () => {
    const { reader, writer } = make(32)
    for (const entry of ["a", "b", "c", "d"]) expect(write(writer, entry)).toBe(true)
    expect(write(writer, "e")).toBe(false)
    expect(read(reader)).toBe("a")
    expect(write(writer, "e")).toBe(true)
    expect(write(writer, "f")).toBe(false)
    expect([read(reader), read(reader), read(reader), read(reader), read(reader)]).toEqual([
      "b",
      "c",
      "d",
      "e",
      undefined
    ])
  })

  it("reserves all the room there is in one piece, and publishes as much as was used", () => {
    const { reader, writer } = make(64)
    writer.reserve(1)
    expect([writer.start, writer.end]).toEqual([4, 64])
    writer.publish(1)
    writer.reserve(1)
    expect([writer.start, writer.end]).toEqual([12, 64])
    writer.publish(52)
    expect(writer.reserve(0)).toBe(false)
    expect([read(reader)!.length, read(reader)!.length]).toEqual([1, 52])
  })

  it("an entry that does not fit before the end is at the beginning", () => {
    const { reader, writer } = make(64)
    write(writer, "x".repeat(36))
    expect(read(reader)).toHaveLength(36)
    // 24 bytes are left at the end, of which 20 could be used.
    expect(writer.reserve(21)).toBe(true)
    expect([writer.start, writer.end]).toEqual([4, 40])
    writer.bytes.fill("y", writer.start, writer.start + 21)
    writer.publish(21)
    expect([read(reader), read(reader)]).toEqual(["y".repeat(21), undefined])
  })

  it("wraps when it is told to, if there is more room", () => {
    const { reader, writer } = make(64)
    write(writer, "x".repeat(36))
    read(reader)
    writer.reserve(1)
    expect([writer.start, writer.end]).toEqual([44, 64])
    expect(writer.wrap()).toBe(true)
    expect([writer.start, writer.end]).toEqual([4, 40])
    expect(writer.wrap()).toBe(false)
    expect([writer.start, writer.end]).toEqual([4, 40])
    writer.publish(0)
    expect([read(reader), read(reader)]).toEqual(["", undefined])
  })

  it("does not wrap where there is less room, but takes what the reader has given back since", () => {
    const { reader, writer } = make(64)
    for (const entry of ["x", "x".repeat(28)]) write(writer, entry)
    writer.reserve(1)
    expect([writer.start, writer.end]).toEqual([44, 64])
    read(reader)
    expect(writer.wrap()).toBe(false)
    expect([writer.start, writer.end]).toEqual([44, 64])
    read(reader)
    expect(writer.wrap()).toBe(true)
    expect([writer.start, writer.end]).toEqual([4, 40])
  })

  it("wraps in place when the room that is larger is where it is", () => {
    const { reader, writer } = make(64)
    write(writer, "x".repeat(28))
    write(writer, "y".repeat(20))
    read(reader)
    writer.reserve(20)
    expect([writer.start, writer.end]).toEqual([4, 32])
    read(reader)
    expect(writer.wrap()).toBe(true)
    expect([writer.start, writer.end]).toEqual([4, 56])
  })

  it("does not wrap when the room behind what is there has become larger than both", () => {
    const { reader, writer } = make(64, 32)
    for (const length of [28, 20]) write(writer, "x".repeat(length))
    // The writer is at 24, its reader at 32.
    writer.reserve(1)
    expect([writer.start, writer.end]).toEqual([28, 32])
    read(reader)
    read(reader)
    expect(writer.wrap()).toBe(true)
    expect([writer.start, writer.end]).toEqual([28, 64])
  })

  it("nor when there is room only there", () => {
    const { reader, writer } = make(64, 32)
    for (const length of [20, 4, 12]) write(writer, "x".repeat(length))
    writer.reserve(1)
    expect([writer.start, writer.end]).toEqual([20, 32])
    read(reader)
    expect(writer.wrap()).toBe(true)
    expect([writer.start, writer.end]).toEqual([20, 56])
  })

  it("may be taken over where it stands", () => {
    const { memory, reader, writer } = make(32)
    for (const entry of ["a", "b", "c"]) write(writer, entry)
    read(reader)
    const heir = new RingWriter(memory, byteOffset, 32)
    expect([write(heir, "d"), write(heir, "e"), write(heir, "f")]).toEqual([true, true, false])
    const survivor = new RingReader(memory, byteOffset, 32)
    expect([read(survivor), read(survivor), read(survivor), read(survivor), read(survivor)]).toEqual([
      "b",
      "c",
      "d",
      "e",
      undefined
    ])
  })

  it.each([16, 64, 4096])("a ring of %i bytes has room for its longest entry wherever it stands", (capacity) => {
    for (let position = 0; position < capacity; position += 8) {
      const { reader, writer } = make(capacity, position)
      expect(write(writer, "x".repeat(writer.maxLength))).toBe(true)
      expect(read(reader)).toHaveLength(writer.maxLength)
    }
  })

  it.each([0, -8, 2 ** 31 - 8, -(2 ** 31), 2 ** 31 - 64, -64])("counts on at position %i", (position) => {
    const { reader, words, writer } = make(64, position)
    for (let i = 0; i < 50; i++) {
      const entry = `entry ${i}`.padEnd(i % 29)
      expect(write(writer, entry)).toBe(true)
      if (i % 3 === 0) expect(write(writer, "")).toBe(true)
      expect(read(reader)).toBe(entry)
      if (i % 3 === 0) expect(read(reader)).toBe("")
    }
    expect(reader.isEmpty).toBe(true)
    expect(words[0]).toBe(words[32])
  })

  it("behaves as a queue, whatever is done to it", () => {
    const prng = new Prng()
    for (let run = 0; run < 200; run++) {
      prng.reset(1, run)
      const capacity = 16 << prng.below(4)
      const { reader, writer } = make(capacity, (prng.next() & ~7) | 0)
      const queue: Array<string> = []
      for (let i = 0; i < 200; i++) {
        if (prng.below(2) === 0) {
          const entry = String.fromCharCode(33 + prng.below(90)).repeat(prng.below(writer.maxLength + 1))
          const written = write(writer, entry)
          if (written) queue.push(entry)
          // Never full for nothing.
          assert.isTrue(written || queue.length > 0)
        } else if (prng.below(10) === 0 && writer.reserve(0)) writer.wrap()
        else assert.strictEqual(read(reader), queue.shift())
        assert.strictEqual(reader.isEmpty, queue.length === 0)
      }
    }
  })

  it("does not take what is no ring, nor what is no entry", () => {
    const memory = new SharedArrayBuffer(4096)
    for (const capacity of [0, 8, 24, 1000, -16, 2 ** 31, Number.NaN]) {
      expect(() => new RingWriter(memory, 0, capacity)).toThrow(RangeError)
      expect(() => new RingReader(memory, 0, capacity)).toThrow(RangeError)
    }
    expect(() => new RingWriter(memory, 4, 64)).toThrow(RangeError)
    expect(() => new RingReader(memory, 4096 - 64, 64)).toThrow(RangeError)
    const { reader, writer } = make(64)
    expect(() => writer.publish(0)).toThrow(/0 bytes are no entry: 0 were reserved/)
    writer.reserve(8)
    for (const length of [-1, 61, Number.NaN]) expect(() => writer.publish(length)).toThrow(RangeError)
    writer.publish(60)
    expect(() => writer.publish(0)).toThrow(RangeError)
    read(reader)
    expect(() => reader.release()).toThrow("there is no entry to release")
  })
})

// Some search for a second or two, and longer where other tests run beside them.
describe("a ring, on every schedule", { timeout: 120_000 }, () => {
  it.each<[string, Setting]>([
    ["entries that fit", { lengths: [4, 4, 4] }],
    ["with room for one only", { lengths: [28, 28] }],
    ["with a pad", { lengths: [12, 4, 12] }],
    ["with a pad as the positions begin again", { lengths: [12, 4, 12], position: -16 }],
    ["with a writer that dies anywhere", { lengths: [12, 4], dies: true }],
    ["with one that dies at a pad", { lengths: [4, 12], position: 16, dies: true }],
    ["with one that dies as the positions begin again", { lengths: [4, 12], position: -16, dies: true }]
  ])("entries come whole and in order, and no access races: %s", (_name, setting) => {
    expect(everySchedule(ringProgram(setting))).toMatchObject(clean)
  })

  it("longer ones, with two preemptions", () => {
    expect(everySchedule(ringProgram({ lengths: [12, 4, 12, 4, 20], position: -24 }), 2)).toMatchObject(clean)
  })

  const found = (setting: Setting) => everySchedule(ringProgram(setting)).finding?.message

  it("a position that is published before the entry is found", () => {
    expect(found({ lengths: [4], writer: PublishesTooEarly })).toMatch(/a data race on data0/)
  })

  it("a writer that does not look where the reader is, is found", () => {
    expect(found({ lengths: [4, 4, 4, 4, 4], writer: NeverFull })).toMatch(
      /a data race on data|the ring is broken: its writer claims to be at 40/
    )
  })

  it("a reader that gives room back before it has read what is there is found", () => {
    expect(found({ lengths: [28, 28], hasty: true })).toMatch(/a data race on data1/)
  })
})
