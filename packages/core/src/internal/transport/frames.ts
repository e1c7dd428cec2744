/**
 * Messages on a byte stream: a length of four bytes (little-endian), then that many bytes of V8's structured clone format.
 *
 * @internal
 */

import type { Duplex } from "node:stream"
import { DefaultSerializer, deserialize } from "node:v8"

const headerBytes = 4

/**
 * V8 copies a view over shared memory in silence, and the other process would then change a copy: it is refused here, as
 * V8 itself refuses a bare `SharedArrayBuffer`.
 */
class MessageSerializer extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (view.buffer instanceof SharedArrayBuffer) {
      throw new DOMException("Shared memory can't be sent to another process", "DataCloneError")
    }
    // @ts-expect-error: Node documents the method, its types leave it out.
    super._writeHostObject(view)
  }
}

/** Throws a `DataCloneError`, and nothing is written, when the message can't be cloned. */
export const writeFrame = (stream: Duplex, message: unknown, onWritten?: () => void): void => {
  const serializer = new MessageSerializer()
  serializer.writeHeader()
  serializer.writeValue(message)
  const body = serializer.releaseBuffer()
  const header = Buffer.allocUnsafe(headerBytes)
  header.writeUInt32LE(body.length)
  stream.cork()
  stream.write(header)
  stream.write(body, onWritten)
  stream.uncork()
}

/** Hands over each message of the stream; `onError` gets bytes that are no message, and nothing is read after them. */
export const readFrames = (
  stream: Duplex,
  onMessage: (message: unknown) => void,
  onError: (cause: unknown) => void
): void => {
  let chunks: Array<Buffer> = []
  let buffered = 0
  let wanted = headerBytes
  let inBody = false

  const take = (): Buffer => {
    const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, buffered)
    const rest = all.subarray(wanted)
    chunks = rest.length === 0 ? [] : [rest]
    buffered = rest.length
    return all.subarray(0, wanted)
  }

  const onData = (chunk: Buffer) => {
    chunks.push(chunk)
    buffered += chunk.length
    while (buffered >= wanted) {
      const bytes = take()
      if (!inBody) {
        wanted = bytes.readUInt32LE()
        inBody = true
        continue
      }
      wanted = headerBytes
      inBody = false
      let message: unknown
      try {
        message = deserialize(bytes)
      } catch (cause) {
        stream.off("data", onData)
        return onError(cause)
      }
      onMessage(message)
    }
  }
  stream.on("data", onData)
}
