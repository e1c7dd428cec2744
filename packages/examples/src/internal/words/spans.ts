/**
 * How a folder is cut into pieces of work of about the same size: small files go together, large files are split.
 *
 * A large file is cut at any byte. The words that a span owns are those between the first space at or after its start and
 * the first at or after its end, as lines are cut in Hadoop: no word is torn, none is counted twice, and nobody has to read
 * the file to cut it. In UTF-8 the byte of a space is never a part of another character.
 *
 * @internal
 */
import { closeSync, openSync, readSync } from "node:fs"

export interface File {
  readonly path: string
  readonly bytes: number
}

/** A part of a file: its words that begin after a space from `from` on, up to the first space from `to` on. */
export interface Span {
  readonly path: string
  readonly from: number
  readonly to: number
}

/**
 * The pieces of work. `sizeOf` says how large the next one is to be, by how much is left, in bytes; it is that or a little more.
 * An empty file is work too: it may be unreadable.
 */
export function* chunksOf(
  files: ReadonlyArray<File>,
  sizeOf: (left: number) => number
): Generator<ReadonlyArray<Span>> {
  let left = bytesOf(files)
  let wanted = sizeOf(left)
  let chunk: Array<Span> = []
  let size = 0
  for (const file of files) {
    for (let from = 0; from === 0 || from < file.bytes; ) {
      const to = Math.min(from + Math.max(1, wanted - size), file.bytes)
      chunk.push({ path: file.path, from, to })
      size += to - from
      from = Math.max(1, to)
      if (size >= wanted || chunk.length >= mostSpans) {
        yield chunk
        left -= size
        wanted = sizeOf(left)
        chunk = []
        size = 0
      }
    }
  }
  if (chunk.length > 0) yield chunk
}

export const bytesOf = (files: ReadonlyArray<File>): number => files.reduce((sum, { bytes }) => sum + bytes, 0)

/** Opening a file takes longer than counting a few words. */
const mostSpans = 256

/** Reads the words of a span. Throws what `node:fs` throws. */
export const readSpan = ({ from, path, to }: Span): string => {
  const file = openSync(path, "r")
  try {
    const start = from === 0 ? 0 : firstSpace(file, from)
    const end = firstSpace(file, to)
    return start < end ? readBytes(file, start, end - start).toString("utf8") : ""
  } finally {
    closeSync(file)
  }
}

/** Where the first space at or after an offset is; the end of the file if there is none. */
const firstSpace = (file: number, from: number): number => {
  for (let offset = from; ; offset += lookAhead) {
    const bytes = readBytes(file, offset, lookAhead)
    const space = bytes.findIndex(isSpace)
    if (space >= 0) return offset + space
    if (bytes.length < lookAhead) return offset + bytes.length
  }
}

const lookAhead = 4096

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

/** So many bytes, or as many as there are. */
const readBytes = (file: number, from: number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const count = readSync(file, bytes, read, length - read, from + read)
    if (count === 0) break
    read += count
  }
  return bytes.subarray(0, read)
}
