/**
 * Two rings (`shared/ring.ts`) between two processes, in a file without a name. Node offers processes no memory to share; but a
 * file of the kernel's page cache is memory to which both have access by system calls: `pwrite` and `pread` of a few bytes
 * take 0.6 to 0.8 µs each, a byte through a socket with a sleeper at its end 20 to 50.
 *
 * Each side has the rings as memory of its own, and copies: what it has written to the file, what the other has written from
 * it. An entry is copied before the position behind it is, by a call of its own; the kernel's locks put the two in order.
 *
 * ```text
 *    0  head of the program    written, ~written, naps, ~naps       the worker reads all of a head by one call
 *   64  head of the worker
 *  128  the program has read up to:  position, ~position
 *  192  the worker has read up to
 * 4096  the program's ring, and then the worker's
 * ```
 *
 * Nothing says that four bytes are copied as one. So each word has its complement beside it: a pair that does not fit is one
 * that is just being written, and is read again later. `naps` counts up when its side goes to sleep and when it wakes: odd, it
 * sleeps. Who goes to sleep first says so and then looks for entries; who writes an entry then looks whether the other sleeps.
 * So one of them sees the other (`shared/parking.ts` has the argument), and a nap is ended once.
 *
 * @internal
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs"
import { controlBytes, RingReader, RingWriter, readAt, ringSize, writtenAt } from "../shared/ring.ts"
import { ringCapacity } from "./ringSizes.ts"

const dataAt = 4096
const ringFileBytes = dataAt + 2 * ringCapacity

/** What was read is told when it is this much: a writer that finds no room does not wait for it. */
const tellReadAfter = ringCapacity / 4

const headBytes = 16
const pairBytes = 8

interface Side {
  readonly head: number
  readonly read: number
  readonly data: number
}

/** The file, as a process has it open. A read or a write of several words may be cut in two by one of the other side's. */
export interface OpenFile {
  readonly read: (bytes: Buffer, offset: number, length: number, position: number) => void
  readonly write: (bytes: Buffer, offset: number, length: number, position: number) => void
  readonly close: () => void
}

/** Where in the file is what each side writes. */
export const sides: { readonly program: Side; readonly worker: Side } = {
  program: { head: 0, read: 128, data: dataAt },
  worker: { head: 64, read: 192, data: dataAt + ringCapacity }
}

/** Where a file is memory, and nothing of it is ever written to a disk. */
const folder = "/dev/shm"

/**
 * A file for one worker, of which nothing is left when both have closed it, however they end. `undefined`: there is no such
 * folder here, or no room in it.
 */
export const createRingFile = (): number | undefined => {
  let descriptor: number | undefined
  try {
    const path = `${folder}/ropewalk-${crypto.randomUUID()}`
    descriptor = openSync(path, "wx+", 0o600)
    unlinkSync(path)
    // All of its room is taken now: a write that found none would come too late.
    openFile(descriptor).write(Buffer.alloc(ringFileBytes), 0, ringFileBytes, 0)
    return descriptor
  } catch {
    if (descriptor !== undefined) closeSync(descriptor)
    return undefined
  }
}

export const openFile = (descriptor: number): OpenFile => ({
  read: (bytes, offset, length, position) => void readSync(descriptor, bytes, offset, length, position),
  write: (bytes, offset, length, position) => {
    for (let done = 0; done < length; ) {
      done += writeSync(descriptor, bytes, offset + done, length - done, position + done)
    }
  },
  close: () => closeSync(descriptor)
})

export class RingFile {
  readonly writer: RingWriter
  readonly reader: RingReader
  /** So many looks in a row came while the other side told where its entries end: there may be some that they did not show. */
  tornLooks = 0
  private readonly file: OpenFile
  private readonly mine: Side
  private readonly other: Side
  private readonly written: Mirror
  private readonly received: Mirror
  /** What a call writes or reads. */
  private readonly words = new Int32Array(headBytes / 4)
  private readonly bytes = Buffer.from(this.words.buffer)
  /** Up to where the other side has been told that entries were read. */
  private told = 0
  private naps = 0
  private otherNaps = 0
  /** The nap of the other side that was ended. */
  private ended = 0

  constructor(file: OpenFile, side: keyof typeof sides) {
    this.file = file
    this.mine = sides[side]
    this.other = sides[side === "program" ? "worker" : "program"]
    this.written = new Mirror(file, this.mine.data)
    this.received = new Mirror(file, this.other.data)
    this.writer = new RingWriter(this.written.memory, 0, ringCapacity)
    this.reader = new RingReader(this.received.memory, 0, ringCapacity)
  }

  /** Finds room, as `RingWriter.reserve` does, and looks for what the other side has read before it gives up. */
  reserve(bytes: number): boolean {
    if (this.writer.reserve(bytes)) return true
    this.readWords(pairBytes, this.other.read)
    if (!this.isWhole(0)) return false
    this.written.set(readAt, this.words[0] as number)
    return this.writer.reserve(bytes)
  }

  /** From now on the other side sees what was published. */
  flush(): void {
    if (this.written.writeUpTo(this.written.get(writtenAt))) this.tellHead()
  }

  /** Copies what the other side has written. Answers whether there is an entry. */
  look(): boolean {
    this.readWords(headBytes, this.other.head)
    // Each pair by itself: who goes to sleep writes the naps, and wakes nobody after it. An entry from before that has to be seen.
    if (this.isWhole(2)) this.otherNaps = this.words[2] as number
    if (this.isWhole(0)) this.received.readUpTo(this.words[0] as number)
    this.tornLooks = this.isWhole(0) || this.isBlank(0) ? 0 : this.tornLooks + 1
    return !this.reader.isEmpty
  }

  /** To be called now and then while entries are released. */
  tellRead(): void {
    const read = this.received.get(readAt)
    if (((read - this.told) | 0) < tellReadAfter) return
    this.told = read
    this.setPair(0, read)
    this.file.write(this.bytes, 0, pairBytes, this.mine.read)
  }

  /** This side is about to sleep, unless there is an entry: then it answers false. */
  sleep(): boolean {
    if (!this.isAsleep) {
      this.naps = (this.naps + 1) | 0
      this.tellHead()
    }
    if (!this.look()) return true
    this.awake()
    return false
  }

  /** This side looks by itself again; the other hears of it when something is written. */
  awake(): void {
    if (this.isAsleep) this.naps = (this.naps + 1) | 0
  }

  /** After a flush: whether the other side sleeps and is to be woken. It is told so once a nap. */
  mustWake(): boolean {
    this.look()
    const naps = this.otherNaps
    if ((naps & 1) === 0 || naps === this.ended) return false
    this.ended = naps
    return true
  }

  close(): void {
    this.file.close()
  }

  private get isAsleep(): boolean {
    return (this.naps & 1) === 1
  }

  private tellHead(): void {
    this.setPair(0, this.written.copied)
    this.setPair(2, this.naps)
    this.file.write(this.bytes, 0, headBytes, this.mine.head)
  }

  private readWords(length: number, position: number): void {
    this.file.read(this.bytes, 0, length, position)
  }

  private setPair(index: number, value: number): void {
    this.words[index] = value
    this.words[index + 1] = ~value
  }

  private isWhole(index: number): boolean {
    return this.words[index] === ~(this.words[index + 1] as number)
  }

  /** Nothing was ever written there. */
  private isBlank(index: number): boolean {
    return this.words[index] === 0 && this.words[index + 1] === 0
  }
}

/** The memory of one ring, as this process has it, and its data in the file. */
class Mirror {
  readonly memory = new SharedArrayBuffer(ringSize(ringCapacity))
  private readonly words = new Int32Array(this.memory)
  private readonly bytes = Buffer.from(this.memory, controlBytes, ringCapacity)
  private readonly file: OpenFile
  private readonly data: number
  /** Up to where file and memory are the same. */
  copied = 0

  constructor(file: OpenFile, data: number) {
    this.file = file
    this.data = data
  }

  get(word: number): number {
    return this.words[word] as number
  }

  set(word: number, value: number): void {
    this.words[word] = value
  }

  /** Answers whether there was anything to write. */
  writeUpTo(position: number): boolean {
    if (position === this.copied) return false
    const { bytes, data, file } = this
    const { from, length, rest } = this.rangeTo(position)
    file.write(bytes, from, length, data + from)
    if (rest > 0) file.write(bytes, 0, rest, data)
    this.copied = position
    return true
  }

  /** The position is the other side's to say: a wrong one is copied no further than here, and the ring's reader refuses it. */
  readUpTo(position: number): void {
    const count = (position - this.copied) | 0
    if (count === 0) return
    if (count > 0 && count <= ringCapacity) {
      const { bytes, data, file } = this
      const { from, length, rest } = this.rangeTo(position)
      file.read(bytes, from, length, data + from)
      if (rest > 0) file.read(bytes, 0, rest, data)
    }
    this.copied = position
    this.set(writtenAt, position)
  }

  /** What is not copied yet: so many bytes of the ring, and so many from its beginning. */
  private rangeTo(position: number) {
    const from = this.copied & (ringCapacity - 1)
    const to = position & (ringCapacity - 1)
    return from < to ? { from, length: to - from, rest: 0 } : { from, length: ringCapacity - from, rest: to }
  }
}
