/** Both sides of a file of rings in one process. On every schedule of two: `test/internal/shared/ringFile.test.ts`. */
import { readdirSync } from "node:fs"
import { assert, describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { createRingFile, type OpenFile, openFile, RingFile, sides } from "../../../src/internal/transport/ringFile.ts"
import {
  bufferFile,
  capacity,
  isOpen,
  kernelFile,
  pairOf,
  publish,
  readAll,
  readOne,
  setHead,
  setRead
} from "../../support/ringFiles.ts"

const large = "x".repeat(10_000)

/** Longer than what is read before it is told. */
const toTell = capacity / 4

describe.each([
  ["in memory", bufferFile],
  ["of the kernel's", kernelFile]
])("a file of rings %s", (_name, open) => {
  const withPair = (use: (pair: ReturnType<typeof pairOf>) => void) => {
    const pair = pairOf(open())
    use(pair)
    pair.file.close()
  }

  it("is empty in the beginning, on both sides", () =>
    withPair(({ program, worker }) => {
      expect([program.look(), worker.look(), readAll(program), readAll(worker)]).toEqual([false, false, [], []])
      expect([program.mustWake(), worker.mustWake()]).toEqual([false, false])
    }))

  it("entries cross in their order, in both directions", () =>
    withPair(({ program, worker }) => {
      for (const entry of ["one", "", "three"]) publish(program, entry)
      publish(worker, "back")
      program.flush()
      worker.flush()
      expect([worker.look(), program.look()]).toEqual([true, true])
      expect([readAll(worker), readAll(program)]).toEqual([["one", "", "three"], ["back"]])
      expect([worker.look(), program.look()]).toEqual([false, false])
    }))

  it("an entry that is begun and not published is not flushed with those before it", () =>
    withPair(({ program, worker }) => {
      publish(program, "one")
      program.reserve(3)
      program.writer.bytes.write("two", program.writer.start)
      program.flush()
      expect(readAll(worker)).toEqual(["one"])
    }))

  it("behaves as a queue, many times around: what is flushed is there, and nothing else", () =>
    withPair(({ program, worker }) => {
      const prng = new Prng()
      prng.reset(1, 0)
      const queue: Array<string> = []
      let flushed = 0
      let bytes = 0
      let refused = 0
      // Full for a while, and empty for a while.
      for (let greed = 1; bytes < 20 * capacity; greed = prng.below(500) === 0 ? prng.below(3) : greed) {
        const entry = String.fromCharCode(33 + prng.below(90)).repeat(prng.below(prng.below(4) === 0 ? 10_000 : 40))
        switch (prng.below(4)) {
          case 0:
            program.flush()
            flushed = queue.length
            break
          case 1:
            for (let some = greed; some > 0; some--) {
              assert.strictEqual(readOne(worker), flushed === 0 ? undefined : queue.shift())
              flushed = Math.max(0, flushed - 1)
            }
            break
          case 2:
            // Does not flush what is published.
            assert.strictEqual(program.sleep(), true)
            program.awake()
            break
          default:
            if (!publish(program, entry)) refused++
            else {
              queue.push(entry)
              bytes += entry.length
            }
        }
      }
      assert.isAbove(refused, 0)
      program.flush()
      assert.deepStrictEqual(readAll(worker), queue)
    }))

  it("is full when there is no room, and has room again when the reader has told that it has read", () =>
    withPair(({ program, worker }) => {
      const sent: Array<string> = []
      while (publish(program, large)) sent.push(large)
      expect(sent.length).toBe(Math.floor(capacity / 10_008))
      program.flush()
      expect(publish(program, large)).toBe(false)
      const { reader } = worker
      let read = 0
      const release = () => {
        assert.isTrue(reader.next())
        read += reader.end - reader.start
        reader.release()
      }
      expect(worker.look()).toBe(true)
      while (read < toTell) release()
      expect(publish(program, large)).toBe(false)
      worker.tellRead()
      expect(publish(program, large)).toBe(true)
      program.flush()
      expect([...readAll(worker)]).toEqual(sent.slice(read / 10_000 - 1))
    }))

  it("what was read is not told for each entry", () =>
    withPair(({ file, program, worker }) => {
      publish(program, large)
      program.flush()
      readAll(worker)
      const told = Buffer.alloc(8, 1)
      file.read(told, 0, 8, sides.worker.read)
      expect(told).toEqual(Buffer.alloc(8))
    }))
})

describe("what is published and not flushed", () => {
  it("is not visible", () => {
    const { program, worker } = pairOf(bufferFile())
    publish(program, "one")
    expect([worker.look(), readAll(worker)]).toEqual([false, []])
    program.flush()
    expect(readAll(worker)).toEqual(["one"])
  })

  it("nor when its side goes to sleep before it flushes", () => {
    const { program, worker } = pairOf(bufferFile())
    publish(program, "one")
    program.flush()
    publish(program, "two")
    expect(program.sleep()).toBe(true)
    expect(readAll(worker)).toEqual(["one"])
    program.flush()
    expect(readAll(worker)).toEqual(["two"])
  })
})

describe("a head that is being written", () => {
  /** A worker that reads a head of which these words are new, as a program writes it: an entry, and that it sleeps. */
  const torn = (isNew: ReadonlyArray<boolean>) => {
    const bytes = Buffer.alloc(sides.worker.data + capacity)
    const file = bufferFile(bytes)
    const { program, worker } = pairOf(file)
    publish(program, "one")
    program.flush()
    expect(worker.look()).toBe(true)
    const before = Buffer.from(bytes.subarray(0, 16))
    publish(program, "two")
    program.flush()
    program.sleep()
    const after = Buffer.from(bytes.subarray(0, 16))
    isNew.forEach((word, index) => void (word ? after : before).copy(bytes, 4 * index, 4 * index, 4 * index + 4))
    return { worker, end: () => void after.copy(bytes) }
  }

  const cuts = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].map((word) => ((bits >> word) & 1) === 1))

  it.each(cuts)("is believed by pairs, and read on when it is whole: %s %s %s %s", (...isNew) => {
    const { end, worker } = torn(isNew)
    const isTold = isNew[0] && isNew[1]
    worker.look()
    expect(worker.tornLooks).toBe(isNew[0] === isNew[1] ? 0 : 1)
    expect(readAll(worker)).toEqual(isTold ? ["one", "two"] : ["one"])
    expect(worker.mustWake()).toBe(isNew[2] && isNew[3])
    end()
    expect(readAll(worker)).toEqual(isTold ? [] : ["two"])
    expect(worker.tornLooks).toBe(0)
    expect(worker.mustWake()).toBe(!(isNew[2] && isNew[3]))
  })

  it("is ignored also when it is the first one", () => {
    const file = bufferFile()
    const { worker } = pairOf(file)
    setHead(file, "program", 8, 0, 1, 0)
    expect([worker.look(), worker.mustWake(), worker.tornLooks]).toEqual([false, false, 2])
    setHead(file, "program", 0, -1, 0, -1)
    expect([worker.look(), worker.mustWake(), worker.tornLooks]).toEqual([false, false, 0])
  })

  it("so is how far the other has read: the ring stays full for a while", () => {
    const file = bufferFile()
    const { program, worker } = pairOf(file)
    while (publish(program, large)) {}
    program.flush()
    readAll(worker)
    const read = Buffer.alloc(8)
    file.read(read, 0, 8, sides.worker.read)
    setRead(file, "worker", 0, read.readInt32LE(4))
    expect(publish(program, large)).toBe(false)
    file.write(read, 0, 8, sides.worker.read)
    expect(publish(program, large)).toBe(true)
  })
})

describe("a nap", () => {
  it("is ended once, by who publishes after it has begun", () => {
    const { program, worker } = pairOf(bufferFile())
    expect(worker.sleep()).toBe(true)
    for (const isFirst of [true, false, false]) {
      publish(program, "one")
      program.flush()
      expect(program.mustWake()).toBe(isFirst)
    }
    worker.awake()
    readAll(worker)
    expect(worker.sleep()).toBe(true)
    expect([program.mustWake(), program.mustWake()]).toEqual([true, false])
  })

  it("is none while there is an entry: who wanted to sleep is awake", () => {
    const { program, worker } = pairOf(bufferFile())
    publish(program, "one")
    program.flush()
    expect(worker.sleep()).toBe(false)
    readAll(worker)
    expect(worker.sleep()).toBe(true)
  })

  it("goes on when its side wants to sleep and sleeps already: it is the same one", () => {
    const { program, worker } = pairOf(bufferFile())
    expect([worker.sleep(), worker.sleep()]).toEqual([true, true])
    expect(program.mustWake()).toBe(true)
    expect(worker.sleep()).toBe(true)
    expect(program.mustWake()).toBe(false)
  })

  it("a wake-up for nothing is harmless", () => {
    const { program, worker } = pairOf(bufferFile())
    worker.awake()
    worker.sleep()
    worker.awake()
    worker.awake()
    expect(worker.look()).toBe(false)
    // It is not told that its side is awake before something is written.
    expect([program.mustWake(), program.mustWake()]).toEqual([true, false])
    expect(worker.sleep()).toBe(true)
    publish(program, "one")
    program.flush()
    expect(program.mustWake()).toBe(true)
    expect(readAll(worker)).toEqual(["one"])
  })

  it("is over for the other when its side writes", () => {
    const { program, worker } = pairOf(bufferFile())
    worker.sleep()
    worker.awake()
    publish(worker, "awake")
    worker.flush()
    expect(program.mustWake()).toBe(false)
  })

  it("its number counts on after the last one", () => {
    const file = bufferFile()
    const { program } = pairOf(file)
    for (const naps of [2 ** 31 - 1, -(2 ** 31) + 1, -1, 1]) {
      setHead(file, "worker", 0, ~0, naps, ~naps)
      expect([program.mustWake(), program.mustWake()]).toEqual([true, false])
      setHead(file, "worker", 0, ~0, naps + 1, ~(naps + 1))
      expect(program.mustWake()).toBe(false)
    }
  })
})

describe("a side that has scribbled over the file", () => {
  it.each([8, -8, 16, 4, 7, 2 ** 31 - 8, -(2 ** 31), capacity + 8, -capacity])(
    "makes its reader throw again and again: entries up to %i",
    (position) => {
      const file = bufferFile()
      const { program, worker } = pairOf(file)
      // An entry that claims to be longer than all there is.
      file.write(Buffer.alloc(8, 0x7f), 0, 8, sides.worker.data)
      setHead(file, "worker", position, ~position, 0, ~0)
      expect(program.look()).toBe(true)
      expect(() => program.reader.next()).toThrow("the ring is broken")
      expect(() => program.reader.next()).toThrow("the ring is broken")
      // The other direction goes on.
      publish(program, "one")
      program.flush()
      expect(readAll(worker)).toEqual(["one"])
    }
  )

  it.each([8, -8, 4, 2 ** 31 - 8, -(2 ** 31)])("makes its writer throw: read up to %i", (position) => {
    const file = bufferFile()
    const { program } = pairOf(file)
    while (publish(program, large)) {}
    setRead(file, "worker", 2 * capacity + position, ~(2 * capacity + position))
    expect(() => program.reserve(10_000)).toThrow("the ring is broken")
  })

  it("whatever it is: the other throws, or reads no more than there can be", () => {
    const prng = new Prng()
    let threw = 0
    for (let run = 0; run < 300; run++) {
      prng.reset(3, run)
      const file = bufferFile()
      const { program, worker } = pairOf(file)
      const scribble = () => {
        const word = prng.below(3) === 0 ? prng.next() | 0 : 8 * prng.below(40)
        const [at, complement] = [[0, 8, 128][prng.below(3)]!, prng.below(8) === 0 ? word : ~word]
        const pair = Buffer.from(Int32Array.of(word, complement).buffer)
        file.write(pair, 0, 8, sides.worker.head + at)
        const bytes = Buffer.alloc(64)
        for (let index = 0; index < 64; index += 4) bytes.writeUInt32LE(prng.next() >>> prng.below(32), index)
        file.write(bytes, 0, 64, sides.worker.data + 8 * prng.below(40))
      }
      publish(worker, "x".repeat(prng.below(100)))
      worker.flush()
      try {
        for (let times = 0; times < 5; times++) {
          scribble()
          let entries = 0
          while (program.reader.next() || (program.look() && program.reader.next())) {
            const { end, start } = program.reader
            assert.isTrue(start >= 4 && start <= end && end <= capacity)
            program.reader.release()
            assert.isAtMost(++entries, capacity / 8)
          }
          while (publish(program, large)) {}
          program.flush()
          program.mustWake()
        }
      } catch (error) {
        if (!/the ring is broken/.test(`${error}`)) throw error
        threw++
      }
    }
    assert.isAbove(threw, 100)
  })
})

describe("the kernel's file", () => {
  const named = () => readdirSync("/dev/shm").filter((name) => name.startsWith("ropewalk-"))

  it("has no name, and ends with the last who has it open", () => {
    const descriptor = createRingFile()!
    expect(named()).toEqual([])
    const ring = new RingFile(openFile(descriptor), "program")
    expect(isOpen(descriptor)).toBe(true)
    ring.close()
    expect(isOpen(descriptor)).toBe(false)
  })

  it("is written by two calls: the entries, and then the head that tells of them", () => {
    const chunks: Array<[number, number]> = []
    const file: OpenFile = {
      ...bufferFile(),
      write: (_bytes, _offset, length, position) => chunks.push([position, length])
    }
    const program = new RingFile(file, "program")
    publish(program, "x".repeat(capacity / 2 - 4))
    program.flush()
    expect(chunks).toEqual([
      [sides.program.data, capacity / 2],
      [sides.program.head, 16]
    ])
  })
})
