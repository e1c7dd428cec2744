/** A file of rings with both of its sides in one process, and short ways to write and read. */
import { fstatSync } from "node:fs"
import { createRingFile, type OpenFile, openFile, RingFile, sides } from "../../src/internal/transport/ringFile.ts"

export type Side = keyof typeof sides

/** Of each ring. */
export const capacity = sides.worker.data - sides.program.data

/** A file in memory: what a process would read and write by system calls. */
export const bufferFile = (bytes = Buffer.alloc(sides.worker.data + capacity)): OpenFile => ({
  read: (into, offset, length, position) => void bytes.copy(into, offset, position, position + length),
  write: (from, offset, length, position) => void from.copy(bytes, position, offset, offset + length),
  close: () => {}
})

/** One of the kernel's. `close` is called once. */
export const kernelFile = (): OpenFile => {
  const descriptor = createRingFile()
  if (descriptor === undefined) throw new Error("there is no folder for it here")
  return openFile(descriptor)
}

export const isOpen = (descriptor: number): boolean => {
  try {
    fstatSync(descriptor)
    return true
  } catch {
    return false
  }
}

export const pairOf = (file: OpenFile) => ({
  file,
  program: new RingFile(file, "program"),
  worker: new RingFile(file, "worker")
})

/** Publishes without a flush. False: full. */
export const publish = (ring: RingFile, entry: string): boolean => {
  if (!ring.reserve(entry.length)) return false
  ring.writer.bytes.write(entry, ring.writer.start, "latin1")
  ring.writer.publish(entry.length)
  return true
}

/** All that can be read now. */
export const readAll = (ring: RingFile): ReadonlyArray<string> => {
  const entries: Array<string> = []
  for (let entry = readOne(ring); entry !== undefined; entry = readOne(ring)) entries.push(entry)
  return entries
}

/** The next entry, which is then released; absent when there is none. */
export const readOne = (ring: RingFile): string | undefined => {
  const { reader } = ring
  if (!reader.next() && !(ring.look() && reader.next())) return undefined
  const entry = reader.bytes.toString("latin1", reader.start, reader.end)
  reader.release()
  ring.tellRead()
  return entry
}

/** What a side's head says: where its entries end, and its naps. */
export const setHead = (file: OpenFile, side: Side, ...words: ReadonlyArray<number>): void =>
  writeWords(file, sides[side].head, words)

/** How far a side has read. */
export const setRead = (file: OpenFile, side: Side, ...words: ReadonlyArray<number>): void =>
  writeWords(file, sides[side].read, words)

const writeWords = (file: OpenFile, position: number, words: ReadonlyArray<number>): void => {
  const bytes = Buffer.from(Int32Array.from(words).buffer)
  file.write(bytes, 0, bytes.length, position)
}
