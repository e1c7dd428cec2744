/**
 * Messages on a byte stream: a length of four bytes (little-endian), then that many bytes, in the compact format of
 * `MessageFormat.ts` or, what that does not carry, in V8's structured clone format.
 *
 * What arrives is what a thread's `postMessage` would have delivered: the same values are refused, with the same error, and
 * no two values share memory.
 *
 * @internal
 */

import type { Duplex } from "node:stream"
import type { TransferList } from "../codec/moves.ts"
import { dataCloneError, decodeCloned, encodeCloned, unsendableObject } from "./clonedFormat.ts"
import { MessageDecoder, MessageEncoder } from "./MessageFormat.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"

const headerBytes = 4

/** Bytes that are gathered before they are written. */
const bufferBytes = 64 * 1024

/** The longest message in the compact format. */
const longestCompact = 16 * 1024

/**
 * The longest message. It is below the length that four printable characters would spell, so that a text on the stream
 * (a library that prints to descriptor 3) is an error at once, and not the start of a message that never ends.
 */
export const maxMessageBytes = 0x1fff_ffff

/** The first byte of V8's format; no message in the compact one begins with it. */
const clonedTag = 0xff

const wake = Buffer.alloc(headerBytes)

/** Takes bytes, in their order. They are its own only until it returns, unless they are given away. */
export type Sink = (bytes: Buffer, given: boolean) => void

/** What a stream does not write at once, it keeps: so it is given a copy. */
export const toStream =
  (stream: Duplex): Sink =>
  (bytes, given) =>
    void stream.write(given ? bytes : Buffer.from(bytes))

/** Writes messages, as many as possible at a time. */
export class FrameWriter {
  private readonly sink: Sink
  private readonly longest: number
  private readonly encoder = new MessageEncoder()
  private readonly bytes = Buffer.allocUnsafeSlow(bufferBytes)
  private readonly view = new DataView(this.bytes.buffer)
  private filled = 0
  private flushing = false

  constructor(sink: Sink, longest = maxMessageBytes) {
    this.sink = sink
    this.longest = longest
  }

  /**
   * Writes the message, with those that are written before this step of the program ends. Throws a `DataCloneError`, and
   * nothing is written, when it can't be cloned or is too long.
   */
  write(message: ToWorker | FromWorker, transfer?: TransferList): void {
    this.append(message, transfer)
    if (this.flushing || this.filled === 0) return
    this.flushing = true
    queueMicrotask(() => {
      this.flushing = false
      this.flush()
    })
  }

  /** Writes a frame of no bytes, now. */
  writeWake(): void {
    this.flush()
    this.sink(wake, true)
  }

  /** Writes the message now. */
  writeNow(message: ToWorker | FromWorker, transfer?: TransferList): void {
    this.append(message, transfer)
    this.flush()
  }

  /** Memory that would be moved to a thread is copied; what has no copy is refused. */
  private append(message: ToWorker | FromWorker, transfer: TransferList | undefined): void {
    const immovable = transfer?.find((object) => !(object instanceof ArrayBuffer))
    if (immovable !== undefined) throw unsendableObject(immovable)
    if (bufferBytes - this.filled < headerBytes + longestCompact) this.flush()
    const start = this.filled + headerBytes
    const end = this.encoder.encode(message, this.bytes, this.view, start, start + longestCompact)
    if (end < 0) return this.appendCloned(message)
    this.view.setUint32(this.filled, end - start, true)
    this.filled = end
  }

  private appendCloned(message: ToWorker | FromWorker): void {
    const body = encodeCloned(message)
    if (body.length > this.longest) {
      throw dataCloneError(`A message of ${body.length} bytes is over the limit of ${this.longest}: send it in parts`)
    }
    this.view.setUint32(this.filled, body.length, true)
    this.filled += headerBytes
    this.flush()
    this.sink(body, true)
  }

  private flush(): void {
    if (this.filled === 0) return
    const { filled } = this
    this.filled = 0
    this.sink(this.bytes.subarray(0, filled), false)
  }
}

/**
 * Hands over each message of the stream; `onError` gets bytes that are no message, and nothing is read after them. `onWake`
 * hears of a frame of no bytes.
 */
export const readFrames = (
  stream: Duplex,
  onMessage: (message: unknown) => void,
  onError: (cause: unknown) => void,
  onWake: () => void = () => {}
): void => {
  let chunks: Array<Buffer> = []
  let buffered = 0
  let wanted = headerBytes
  let inBody = false
  const decoder = new MessageDecoder()

  const decode = (bytes: Buffer): unknown =>
    bytes[0] === clonedTag
      ? decodeCloned(bytes)
      : decoder.decode(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length)

  const take = (): Buffer => {
    const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, buffered)
    const rest = all.subarray(wanted)
    chunks = rest.length === 0 ? [] : [rest]
    buffered = rest.length
    return all.subarray(0, wanted)
  }

  const fail = (cause: unknown): void => {
    stream.off("data", onData)
    chunks = []
    onError(cause)
  }

  const onData = (chunk: Buffer): void => {
    chunks.push(chunk)
    buffered += chunk.length
    while (buffered >= wanted) {
      const bytes = take()
      if (!inBody) {
        wanted = bytes.readUInt32LE()
        if (wanted > maxMessageBytes)
          return fail(new Error(`The stream carries no messages: ${wanted} bytes announced`))
        if (wanted > 0) inBody = true
        else {
          wanted = headerBytes
          onWake()
        }
        continue
      }
      wanted = headerBytes
      inBody = false
      let message: unknown
      try {
        message = decode(bytes)
      } catch (cause) {
        return fail(cause)
      }
      onMessage(message)
    }
  }
  stream.on("data", onData)
}
