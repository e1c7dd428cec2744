/**
 * Offers that a parent takes back from a worker process, how much memory it takes, and the answers: 32-bit words on a socket of their own, which a
 * thread of the worker reads, so that it is heard while a task spins.
 *
 * @internal
 */
import type { Duplex } from "node:stream"

/** In the place of an id, which is never negative: asks how many KiB the process takes. */
export const measureWord = -1

const wordBytes = 4

export const writeWords = (stream: Duplex, ...words: ReadonlyArray<number>): void => {
  stream.write(Buffer.from(Int32Array.from(words).buffer))
}

/** Hands over so many words at a time. */
export const readWords = (stream: Duplex, count: number, onWords: (words: Int32Array) => void): void => {
  const bytes = count * wordBytes
  let rest: Buffer = Buffer.alloc(0)
  stream.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (; at + bytes <= rest.length; at += bytes) {
      onWords(new Int32Array(Uint8Array.prototype.slice.call(rest, at, at + bytes).buffer))
    }
    rest = rest.subarray(at)
  })
}
