/** A writer and a reader of a ring of 32 bytes, as a program over words: the real classes among them. */
import { fail, load, type Protocol, store, wait, wake } from "../../../src/internal/explore/wordSteps.ts"
import type { Program, Words } from "../../../src/internal/explore/words.ts"
import { RingReader, RingWriter } from "../../../src/internal/shared/ring.ts"
import { running } from "./running.ts"

/** The ring's positions and data, and whether the writer has ended. */
type Names = "written" | "read" | `data${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}` | "ended"
type Of<Ring> = new (memory: SharedArrayBuffer, byteOffset: number, capacity: number) => Ring

export interface Setting {
  /** Of the entries, in bytes. */
  readonly lengths: ReadonlyArray<number>
  /** Where both sides are in the beginning. */
  readonly position?: number
  /** The writer dies, anywhere. The entries have to fit into the ring. */
  readonly dies?: boolean
  readonly writer?: Of<Pick<RingWriter, "reserve" | "publish" | "start">>
  /** The reader gives an entry's room back before it has read it. */
  readonly hasty?: boolean
}

const capacity = 32
const dataOffset = 256
const layout = {
  0: "written",
  128: "read",
  256: "data0",
  260: "data1",
  264: "data2",
  268: "data3",
  272: "data4",
  276: "data5",
  280: "data6",
  284: "data7"
} as const

/** Each entry holds its number in its first word; the rest is left alone. */
export const ringProgram = (setting: Setting): Program<Names> => {
  const { lengths, position = 0, dies = false, hasty = false, writer: SomeWriter = RingWriter } = setting
  const publishedAfter = (count: number) => endOf(lengths.slice(0, count), position)

  const writer = running<Names>(layout, (memory, perform, words) => {
    const ring = new SomeWriter(memory, 0, capacity)
    const data = new Int32Array(memory, dataOffset, capacity / 4)
    for (const [index, length] of lengths.entries()) {
      while (!ring.reserve(length)) {
        const seen = perform(load(words.read))
        if (ring.reserve(length)) break
        perform(wait(words.read, seen))
      }
      data[ring.start / 4] = index + 1
      ring.publish(length)
      perform(wake(words.written))
    }
    if (!dies) return
    perform(store(words.ended, 1))
    perform(wake(words.ended))
  })

  const reader = running<Names>(layout, (memory, perform, words) => {
    const ring = new RingReader(memory, 0, capacity)
    const data = new Int32Array(memory, dataOffset, capacity / 4)
    let hasEnded = false
    for (let count = 0; ; ) {
      if (!ring.next()) {
        if (count === lengths.length) return
        if (hasEnded) {
          const published = perform(load(words.written))
          if (published !== publishedAfter(count)) perform(fail(`read ${count}, but ${published} is published`))
          return
        }
        if (dies) perform(wait(words.ended, 0))
        else perform(wait(words.written, publishedAfter(count)))
        hasEnded = dies
        continue
      }
      if (hasty) ring.release()
      const number = data[ring.start / 4]
      const length = ring.end - ring.start
      if (!hasty) ring.release()
      perform(wake(words.read))
      count++
      if (number !== count) perform(fail(`entry ${count} is ${number}`))
      if (length !== lengths[count - 1]) perform(fail(`entry ${count} has ${length} bytes`))
    }
  })

  const data = { data0: 0, data1: 0, data2: 0, data3: 0, data4: 0, data5: 0, data6: 0, data7: 0 }
  return {
    words: { written: position, read: position, ended: 0, ...data },
    agents: [writer, reader],
    deaths: dies ? 1 : 0,
    reaper: exitEvent
  }
}

/** Behind the last of these entries, each of which begins at the front if it does not fit behind the one before. */
const endOf = (lengths: ReadonlyArray<number>, position: number): number =>
  lengths.reduce((at, length) => {
    const size = Math.ceil((4 + length) / 8) * 8
    const tail = capacity - (at & (capacity - 1))
    return (at + (size > tail ? tail : 0) + size) | 0
  }, position | 0)

/** Of the writer; nobody waits for the reader's. */
function* exitEvent({ ended }: Words<Names>): Protocol {
  yield store(ended, 1)
  yield wake(ended)
}
