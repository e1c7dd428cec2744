/** A ring with both of its sides on one thread, and short ways to write and read. */
import { RingReader, RingWriter, ringSize } from "../../../src/internal/shared/ring.ts"

export const byteOffset = 64

/** Both sides at the same position, and the words of the ring: 0 written, 32 read, from 64 on the data. */
export const make = (capacity: number, position = 0) => {
  const memory = new SharedArrayBuffer(byteOffset + ringSize(capacity))
  const words = new Int32Array(memory, byteOffset)
  words[0] = position
  words[32] = position
  const writer = new RingWriter(memory, byteOffset, capacity)
  const reader = new RingReader(memory, byteOffset, capacity)
  return { memory, words, writer, reader }
}

export const write = (writer: RingWriter, entry: Uint8Array | string): boolean => {
  const bytes = Buffer.from(entry)
  if (!writer.reserve(bytes.length)) return false
  bytes.copy(writer.bytes, writer.start)
  writer.publish(bytes.length)
  return true
}

/** The oldest entry, which is then released; absent when the ring is empty. */
export const read = (reader: RingReader): string | undefined => {
  if (!reader.next()) return undefined
  const entry = reader.bytes.toString("latin1", reader.start, reader.end)
  reader.release()
  return entry
}
