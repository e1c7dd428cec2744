/** `RingFile` with mistakes that are easily made, or were: what the explorer has to find. */
import { writtenAt } from "../../../src/internal/shared/ring.ts"
import { type OpenFile, RingFile, sides } from "../../../src/internal/transport/ringFile.ts"
import type { Side } from "./ringFileModel.ts"

/** Looks for entries and then says that it sleeps: what is published in between wakes nobody. */
export class LooksBeforeItSleeps extends RingFile {
  #saysSo = false

  override sleep(): boolean {
    if (this.look()) return false
    this.#saysSo = true
    super.sleep()
    this.#saysSo = false
    return true
  }

  override look(): boolean {
    return !this.#saysSo && super.look()
  }
}

/** Wakes a sleeper for each flush, not once a nap. */
export class WakesEachTime extends RingFile {
  override mustWake(): boolean {
    super.mustWake()
    return (this["otherNaps"] & 1) === 1
  }
}

/** Takes a head for torn when one of its pairs is, and the other for that as well. */
export class BelievesAllOrNothing extends RingFile {
  constructor(file: OpenFile, side: Side) {
    super(readingHeads(file, side, breakBoth), side)
  }
}

/** Believes what it reads, whatever its complement says. */
export class BelievesTornWords extends RingFile {
  constructor(file: OpenFile, side: Side) {
    super(readingHeads(file, side, mend), side)
  }
}

/** Has `change` look at each head that is read. */
const readingHeads = (file: OpenFile, side: Side, change: (words: Int32Array) => void): OpenFile => ({
  ...file,
  read: (bytes, offset, length, position) => {
    file.read(bytes, offset, length, position)
    if (position !== sides[side === "program" ? "worker" : "program"].head) return
    change(new Int32Array(bytes.buffer, bytes.byteOffset + offset, length / 4))
  }
})

const isWhole = (words: Int32Array, index: number) => words[index] === ~words[index + 1]!

const breakBoth = (words: Int32Array) => {
  if (!isWhole(words, 0) || !isWhole(words, 2)) words.fill(0)
}

const mend = (words: Int32Array) => {
  for (const index of [0, 2]) words[index + 1] = ~words[index]!
}

/** Tells of all that is published, also of what was not copied yet. */
export class TellsUnflushed extends RingFile {
  constructor(file: OpenFile, side: Side) {
    const late: { ring?: RingFile } = {}
    const write: OpenFile["write"] = (bytes, offset, length, position) => {
      if (position === sides[side].head) {
        const published = new Int32Array(late.ring!.writer.view.buffer)[writtenAt]!
        bytes.writeInt32LE(published, offset)
        bytes.writeInt32LE(~published, offset + 4)
      }
      file.write(bytes, offset, length, position)
    }
    super({ ...file, write }, side)
    late.ring = this
  }
}

/** Tells where its entries end, and then copies them. */
export class HeadBeforeData extends RingFile {
  constructor(file: OpenFile, side: Side) {
    let data: (() => void) | undefined
    const write: OpenFile["write"] = (bytes, offset, length, position) => {
      if (position >= sides.program.data) {
        data = () => file.write(bytes, offset, length, position)
        return
      }
      file.write(bytes, offset, length, position)
      data?.()
      data = undefined
    }
    super({ ...file, write }, side)
  }
}
