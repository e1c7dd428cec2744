/**
 * A queue of byte entries between two threads, one of which writes and one reads, in a ring of shared memory: Lamport's
 * queue with the other side's position remembered, so that each looks at the other's only when it seems to be full or
 * empty. Neither side waits for the other, ever; `parking.ts` is how they sleep.
 *
 * Nothing that a side remembers is in shared memory: what is read from there is checked before it is believed, so that a
 * thread that has scribbled over it can make the other throw, but not loop or leave the ring. README.md of this folder
 * has the layout, bit by bit.
 *
 * @internal
 */

/** Bytes of shared memory that a ring of this capacity needs (control words and data). Capacity: a power of two from 16 to 2^30. */
export const ringSize = (capacity: number): number => controlBytes + capacity

// Each position has two cache lines of its own, since processors fetch them in pairs: neither side slows the other down.
/** Before the data. */
export const controlBytes = 256
/** Words of the control bytes: up to where entries were written, and up to where they were read. */
export const writtenAt = 0
export const readAt = 32
const dataAt = controlBytes / 4

const headerBytes = 4
/** In place of a length: the next entry is at the beginning of the data. */
const pad = -1

const sizeOf = (length: number): number => (headerBytes + length + 7) & ~7

class Ring {
  /** Over the ring's data. */
  readonly bytes: Buffer
  /** Over the ring's data. */
  readonly view: DataView
  /** The range of {@link bytes} that may be written or read now. */
  start = 0
  end = -1
  protected readonly words: Int32Array
  protected readonly capacity: number

  constructor(memory: SharedArrayBuffer, byteOffset: number, capacity: number) {
    if (!(capacity >= 16 && capacity <= 2 ** 30 && (capacity & (capacity - 1)) === 0)) {
      throw new RangeError(`the capacity of a ring is a power of two from 16 to 2^30, not ${capacity}`)
    }
    if (byteOffset % 8 !== 0) throw new RangeError(`a ring begins at a multiple of 8, not at ${byteOffset}`)
    this.words = new Int32Array(memory, byteOffset, ringSize(capacity) / 4)
    this.bytes = Buffer.from(memory, byteOffset + controlBytes, capacity)
    this.view = new DataView(memory, byteOffset + controlBytes, capacity)
    this.capacity = capacity
  }
}

export class RingWriter extends Ring {
  /** An entry of at most so many bytes always finds room when the reader has caught up; a longer one may never do. */
  readonly maxLength: number
  #written: number
  /** Where the reader was when it was last looked at. */
  #read: number
  /** Where the entry's header will be: beyond `#written` if there is a pad before it. */
  #entry: number

  constructor(memory: SharedArrayBuffer, byteOffset: number, capacity: number) {
    super(memory, byteOffset, capacity)
    this.maxLength = capacity / 2 - headerBytes
    this.#written = Atomics.load(this.words, writtenAt)
    this.#entry = this.#written
    this.#read = (this.#written - capacity) | 0
    this.#read = this.#checkedRead()
  }

  /**
   * Finds contiguous room of at least `atLeast` bytes: sets `start` and `end`, the writable range, and answers true. False:
   * full. Who waits for room asks for no more than {@link maxLength}.
   */
  reserve(atLeast: number): boolean {
    if (this.#reserveAtTail(atLeast) || this.#reserveAtHead(atLeast)) return true
    this.#read = this.#checkedRead()
    return this.#reserveAtTail(atLeast) || this.#reserveAtHead(atLeast)
  }

  /**
   * If `reserve` gave too little: takes the widest range that there is now, at the beginning of the data if there is more
   * room there. Answers whether the range got larger; what was written into the old one is then not in it, unless `start`
   * is the same.
   */
  wrap(): boolean {
    const before = this.end - this.start
    this.#read = this.#checkedRead()
    return this.#reserveAtHead(Math.max(before + 1, this.#tailRoom() + 1)) || this.#reserveAtTail(before + 1)
  }

  /** From now on the reader sees the entry of bytes `start` to `start + length`. */
  publish(length: number): void {
    if (!(length >= 0 && length <= this.end - this.start)) {
      throw new RangeError(`${length} bytes are no entry: ${Math.max(0, this.end - this.start)} were reserved`)
    }
    const { words } = this
    if (this.#entry !== this.#written) words[dataAt + ((this.#written & (this.capacity - 1)) >> 2)] = pad
    words[dataAt + ((this.#entry & (this.capacity - 1)) >> 2)] = length
    this.#written = (this.#entry + sizeOf(length)) | 0
    this.end = this.start - 1
    Atomics.store(words, writtenAt, this.#written)
  }

  /** Bytes for an entry right behind the last one, its header not counted. */
  #tailRoom(): number {
    const free = this.capacity - ((this.#written - this.#read) | 0)
    return Math.min(free, this.capacity - (this.#written & (this.capacity - 1))) - headerBytes
  }

  #reserveAtTail(atLeast: number): boolean {
    const room = this.#tailRoom()
    if (room < atLeast) return false
    this.#take(this.#written, room)
    return true
  }

  #reserveAtHead(atLeast: number): boolean {
    const free = this.capacity - ((this.#written - this.#read) | 0)
    const tail = this.capacity - (this.#written & (this.capacity - 1))
    const room = free - tail - headerBytes
    if (room < atLeast) return false
    this.#take((this.#written + tail) | 0, room)
    return true
  }

  #take(entry: number, room: number): void {
    this.#entry = entry
    this.start = (entry & (this.capacity - 1)) + headerBytes
    this.end = this.start + room
  }

  /** The reader only ever goes forward, and not past the writer. */
  #checkedRead(): number {
    const read = Atomics.load(this.words, readAt)
    const unread = (this.#written - read) | 0
    if (unread < 0 || unread > ((this.#written - this.#read) | 0) || (read & 7) !== 0) {
      throw new Error(`the ring is broken: its reader claims to be at ${read}, its writer is at ${this.#written}`)
    }
    return read
  }
}

export class RingReader extends Ring {
  #read: number
  /** Where the writer was when it was last looked at. */
  #written: number
  /** Behind the entry that `next` found. */
  #following: number

  constructor(memory: SharedArrayBuffer, byteOffset: number, capacity: number) {
    super(memory, byteOffset, capacity)
    this.#read = Atomics.load(this.words, readAt)
    this.#written = this.#read
    this.#following = this.#read
  }

  /** Nothing is left to read; an entry that was not released is. */
  get isEmpty(): boolean {
    return this.#written === this.#read && Atomics.load(this.words, writtenAt) === this.#read
  }

  /** Sets `start` and `end` to the oldest entry that was not released, and answers true. False: empty. */
  next(): boolean {
    if (this.#written === this.#read) {
      const written = Atomics.load(this.words, writtenAt)
      if (written === this.#read) return false
      this.#written = this.#checkedWritten(written)
    }
    const { words } = this
    let entry = this.#read
    let offset = entry & (this.capacity - 1)
    let length = words[dataAt + (offset >> 2)]!
    if (length === pad) {
      entry = (entry + this.capacity - offset) | 0
      offset = 0
      length = words[dataAt]!
    }
    const available = Math.min((this.#written - entry) | 0, this.capacity - offset)
    if (length < 0 || length > available - headerBytes) {
      throw new Error(
        `the ring is broken: an entry at ${entry} claims to have ${length} bytes, of ${available} there are`
      )
    }
    this.#following = (entry + sizeOf(length)) | 0
    this.start = offset + headerBytes
    this.end = this.start + length
    return true
  }

  /** Gives the entry's room back: its bytes may change from now on. */
  release(): void {
    if (this.#following === this.#read) throw new Error("there is no entry to release")
    this.#read = this.#following
    Atomics.store(this.words, readAt, this.#read)
  }

  #checkedWritten(written: number): number {
    const unread = (written - this.#read) | 0
    if (unread < 0 || unread > this.capacity || (written & 7) !== 0) {
      throw new Error(`the ring is broken: its writer claims to be at ${written}, its reader is at ${this.#read}`)
    }
    return written
  }
}
