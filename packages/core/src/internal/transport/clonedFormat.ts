/**
 * Values in V8's structured clone format, for another process. The same ones are refused as by a thread's `postMessage`,
 * with the same error, and besides them memory that would be shared.
 *
 * `node:v8` is loaded when it is first needed: it takes a third of a millisecond, and every worker loads this file.
 *
 * @internal
 */
import { findPlatformObject } from "./platformObjects.ts"

export const dataCloneError = (message: string): DOMException => new DOMException(message, "DataCloneError")

export const unsendableObject = (object: object): DOMException =>
  dataCloneError(`A ${object.constructor.name} can't be sent to another process`)

const sharedMemoryError = (): DOMException => dataCloneError("Shared memory can't be sent to another process")

/** Throws a `DataCloneError` when the value can't be sent to another process. */
export const encodeCloned = (value: unknown): Buffer => {
  const lost = findPlatformObject(value)
  if (lost !== undefined) throw unsendableObject(lost)
  const serializer = new (classes().Serializer)()
  serializer.writeHeader()
  serializer.writeValue(value)
  return serializer.releaseBuffer()
}

export const decodeCloned = (bytes: Buffer): unknown => {
  const deserializer = new (classes().Deserializer)(bytes)
  deserializer.readHeader()
  return deserializer.readValue()
}

/** V8 calls their methods; Node documents them, and its types leave them out. */
const makeClasses = () => {
  const { DefaultDeserializer, DefaultSerializer } = process.getBuiltinModule("node:v8")

  class Serializer extends DefaultSerializer {
    /** V8 would copy a view over shared memory in silence, and the other process would then change a copy. */
    _writeHostObject(object: object): void {
      if (!ArrayBuffer.isView(object)) throw unsendableObject(object)
      if (object.buffer instanceof SharedArrayBuffer) throw sharedMemoryError()
      // @ts-expect-error: not in the types.
      super._writeHostObject(object)
    }

    _getSharedArrayBufferId(): never {
      throw sharedMemoryError()
    }

    _getDataCloneError(message: string): DOMException {
      return dataCloneError(message)
    }
  }

  /**
   * Node's own deserializer answers with views of the bytes that were read from the stream: whoever transfers or resizes the
   * buffer of one would take the messages behind it away with it. Here each view has its memory to itself.
   */
  class Deserializer extends DefaultDeserializer {
    _readHostObject(): ArrayBufferView {
      // @ts-expect-error: not in the types.
      const view: ArrayBufferView = super._readHostObject()
      const memory = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)
      // A Buffer is cloned as the Uint8Array that it is.
      const View = (Buffer.isBuffer(view) ? Uint8Array : view.constructor) as new (
        memory: ArrayBufferLike
      ) => ArrayBufferView
      return new View(memory)
    }
  }
  return { Serializer, Deserializer }
}

let made: ReturnType<typeof makeClasses> | undefined

const classes = (): ReturnType<typeof makeClasses> => {
  made ??= makeClasses()
  return made
}
