/**
 * Reads what `compactEncoder.ts` writes, in the order in which it was written.
 *
 * The bytes may come from a worker that has gone wrong, and may change while they are read: whatever they are, the answer
 * is a value or an `Error`, nothing is read past their end, and no memory is set aside for more than they could hold.
 *
 * @internal
 */
import { firstTag, longLength, maxDepth, maxShapeKeys, shortString, Tag } from "./compactFormat.ts"

/** One for each direction of a link. After an error it has lost the thread: no more can be read from the link. */
export class CompactDecoder {
  readonly #shapes: Array<Blueprint | undefined> = []
  #source: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** What follows `#textAt`, as far as it has been made a text. */
  #text = ""
  #textAt = 0
  #shortStrings = 0
  /** After the value that was read last. */
  position = 0

  /** The value that begins at `start`. `view` is of the same bytes as `source`. */
  decode(source: Buffer, view: DataView, start: number): unknown {
    this.#source = source
    this.#view = view
    this.position = start
    this.#text = ""
    this.#textAt = start
    this.#shortStrings = 0
    return this.#read(0)
  }

  #read(depth: number): unknown {
    const tag = this.#readByte()
    if (tag < firstTag) return tag
    switch (tag) {
      case Tag.undefined:
        return undefined
      case Tag.null:
        return null
      case Tag.false:
        return false
      case Tag.true:
        return true
      case Tag.int32:
        return this.#view.getInt32(this.#take(4), true)
      case Tag.float64:
        return this.#view.getFloat64(this.#take(8), true)
      case Tag.bigint64:
        return this.#view.getBigInt64(this.#take(8), true)
      case Tag.latin1:
        return this.#readLatin1()
      case Tag.utf16: {
        const bytes = this.#readLength() * 2
        const from = this.#take(bytes)
        return this.#source.toString("utf16le", from, from + bytes)
      }
      case Tag.bytes:
        return this.#readBytes()
      case Tag.array:
        return this.#readArray(inside(depth))
      case Tag.int32Array:
        return this.#readInt32Array()
      case Tag.float64Array:
        return this.#readFloat64Array()
      case Tag.shape: {
        const number = this.#readByte()
        const shape = this.#shapes[number]
        if (shape === undefined) throw new Error(`Object of an unknown shape (${number})`)
        return this.#readMembers(shape, inside(depth))
      }
      case Tag.newShape:
        return this.#readMembers(this.#readShape(), inside(depth))
      case Tag.record:
        return this.#readRecord(inside(depth))
      default:
        throw new Error(`Value of an unknown kind (${tag})`)
    }
  }

  /** Where the next `bytes` begin. */
  #take(bytes: number): number {
    const from = this.position
    const next = from + bytes
    if (next > this.#source.length) throw new Error(`A value ends beyond its message (${bytes} bytes at ${from})`)
    this.position = next
    return from
  }

  #readByte(): number {
    return this.#source[this.#take(1)] as number
  }

  #readLength(): number {
    const length = this.#readByte()
    return length < longLength ? length : this.#view.getUint32(this.#take(4), true)
  }

  #readLatin1(): string {
    const length = this.#readLength()
    const from = this.#take(length)
    if (length <= longestCut && ++this.#shortStrings > fewStrings) {
      const at = from - this.#textAt
      return at + length <= this.#text.length ? this.#text.slice(at, at + length) : this.#cut(from, length)
    }
    const source = this.#source
    const units = unitsOf[length]
    if (units === undefined) return source.toString("latin1", from, from + length)
    for (let index = 0; index < length; index++) units[index] = source[from + index] as number
    return String.fromCharCode.apply(null, units)
  }

  /** A text is made of many bytes in one call, and each string is a piece of it: a third of the time. */
  #cut(from: number, length: number): string {
    this.#text = this.#source.toString("latin1", from, from + textBytes)
    this.#textAt = from
    return this.#text.slice(0, length)
  }

  #readBytes(): Uint8Array {
    const length = this.#readLength()
    const from = this.#take(length)
    const bytes = new Uint8Array(length)
    this.#source.copy(bytes, 0, from, from + length)
    return bytes
  }

  #readArray(depth: number): Array<unknown> {
    const length = this.#readLength()
    // Each member is a byte at least.
    if (length > this.#source.length - this.position) throw new Error(`An array ends beyond its message (${length})`)
    const members = new Array<unknown>(length)
    for (let index = 0; index < length; index++) members[index] = this.#read(depth)
    return members
  }

  #readInt32Array(): Array<number> {
    const length = this.#readLength()
    const from = this.#take(length * 4)
    const numbers = new Array<number>(length)
    for (let index = 0; index < length; index++) numbers[index] = this.#view.getInt32(from + index * 4, true)
    return numbers
  }

  #readFloat64Array(): Array<number> {
    const length = this.#readLength()
    const from = this.#take(length * 8)
    const numbers = new Array<number>(length)
    for (let index = 0; index < length; index++) numbers[index] = this.#view.getFloat64(from + index * 8, true)
    return numbers
  }

  #readShape(): Blueprint {
    const number = this.#readByte()
    const size = this.#readByte()
    if (size > maxShapeKeys) throw new Error(`A shape of too many keys (${size})`)
    const keys: Array<string> = []
    while (keys.length < size) keys.push(this.#readKey())
    const shape = toBlueprint(keys)
    this.#shapes[number] = shape
    return shape
  }

  #readKey(): string {
    const key = this.#read(maxDepth)
    if (typeof key !== "string") throw new Error("A key that is no string")
    return key
  }

  #readMembers({ keys, template }: Blueprint, depth: number): object {
    const object: Record<string, unknown> = template === undefined ? {} : { ...template }
    const source = this.#source
    for (let index = 0; index < keys.length; index++) {
      // Most members of wide objects are one of these two.
      const tag = source[this.position] as number
      if (tag < firstTag) {
        this.position++
        object[keys[index] as string] = tag
      } else if (tag === Tag.latin1) {
        this.position++
        object[keys[index] as string] = this.#readLatin1()
      } else object[keys[index] as string] = this.#read(depth)
    }
    return object
  }

  #readRecord(depth: number): object {
    const size = this.#readLength()
    const object: Record<string, unknown> = {}
    for (let index = 0; index < size; index++) {
      const key = this.#readKey()
      const value = this.#read(depth)
      if (key in object) {
        // An assignment would set the prototype, or fail where the prototype is frozen.
        Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
      } else object[key] = value
    }
    return object
  }
}

/** How the objects of a shape are built. */
interface Blueprint {
  readonly keys: ReadonlyArray<string>
  /** An object that has the keys: a copy of it is filled in. Without it, the keys are added to an empty object. */
  readonly template: object | undefined
}

/** An object to which more keys than this are added one by one becomes a hash table in V8: slow to build, slow to use. */
const fewKeys = 12

const toBlueprint = (keys: ReadonlyArray<string>): Blueprint => {
  const template = templateOf(keys)
  const names = Object.keys(template)
  if (names.length !== keys.length) throw new Error("A shape that has a key twice")
  const isInherited = names.some((name) => name in Object.prototype)
  return { keys: names, template: names.length > fewKeys || isInherited ? template : undefined }
}

const templateOf = (keys: ReadonlyArray<string>): object => {
  // Of all ways to make an object of given keys, this is the one that gives it a hidden class, whatever the keys are.
  const template: object = JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:null`).join()}}`)
  // V8 takes a key that is one escaped character ("\n") for a backslash if it has seen one there (nodejs/node#63785).
  if (keys.every((key) => Object.hasOwn(template, key))) return template
  const property = { value: null, configurable: true, enumerable: true, writable: true }
  return Object.defineProperties({}, Object.fromEntries(keys.map((key) => [key, property])))
}

/** So many short strings of a message are made one by one. */
const fewStrings = 4

/** A longer piece would keep the text that it was cut from: V8 copies those that are shorter than 13 units. */
const longestCut = 12

const textBytes = 1024

/** For each length of a short string, where its units are put together. */
const unitsOf = Array.from({ length: shortString + 1 }, (_, length) => new Array<number>(length).fill(0))

const inside = (depth: number): number => {
  if (depth >= maxDepth) throw new Error(`A value in more than ${maxDepth} others`)
  return depth + 1
}
