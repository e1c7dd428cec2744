/**
 * Writes small plain values straight into the memory of a link, in less time than it takes to call into V8's serializer.
 *
 * What it writes arrives exactly as structured clone would deliver it. Whatever it isn't sure of it refuses, and the caller
 * sends that by structured clone: dates, maps, instances of classes, proxies, arrays with holes or with properties, anything
 * that one message contains twice. The keys of an object go over a link once, and then have a number (`compactShapes.ts`).
 * Lineage: MessagePack's one-byte tags, and the records of msgpackr.
 *
 * @internal
 */
import { types } from "node:util"
import { longLength, maxDepth, shortString, Tag } from "./compactFormat.ts"
import { isShapeable, type Shape, ShapeTable } from "./compactShapes.ts"
import { VisitedObjects } from "./visitedObjects.ts"

/** The value is none that this codec carries. */
export const unsupported = -1

/** The value doesn't fit between `start` and `end`. */
export const overflow = -2

/** One for each direction of a link: it knows which shapes the other side has been told. */
export class CompactEncoder {
  readonly #shapes = new ShapeTable()
  readonly #visited = new VisitedObjects()
  #busy = false
  #target: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #end = 0

  /**
   * Writes `value` into `target` from `start` on, and never at or beyond `end`. Answers the position after it, or
   * `unsupported`, or `overflow`: then, and when a getter throws, the bytes are of no use and the other side knows nothing
   * of them. `view` is of the same bytes as `target`.
   */
  encode(value: unknown, target: Buffer, view: DataView, start: number, end: number): number {
    // A getter of the value being written sends another one.
    if (this.#busy) return unsupported
    this.#busy = true
    this.#shapes.commit()
    this.#target = target
    this.#view = view
    this.#end = end
    let position = unsupported
    try {
      if (!objectsInherit()) position = this.#write(value, start, 0)
    } finally {
      if (position < 0) this.#shapes.rollback()
      this.#visited.clear()
      this.#busy = false
    }
    return position
  }

  /** The message that was encoded last will not be sent: the shapes it would have told are forgotten. */
  rollback(): void {
    this.#shapes.rollback()
  }

  /** The answer of this and of the methods below is that of `encode`. */
  #write(value: unknown, position: number, depth: number): number {
    switch (typeof value) {
      case "number":
        return this.#writeNumber(value, position)
      case "string":
        return this.#writeString(value, position)
      case "object":
        return value === null ? this.#writeTag(Tag.null, position) : this.#writeObject(value, position, depth)
      case "boolean":
        return this.#writeTag(value ? Tag.true : Tag.false, position)
      case "undefined":
        return this.#writeTag(Tag.undefined, position)
      case "bigint":
        return this.#writeBigInt(value, position)
      default:
        return unsupported
    }
  }

  #writeTag(tag: number, position: number): number {
    if (position >= this.#end) return overflow
    this.#target[position] = tag
    return position + 1
  }

  #writeNumber(value: number, position: number): number {
    if (isInt32(value)) {
      if (value >= 0 && value < Tag.undefined) return this.#writeTag(value, position)
      if (position + 5 > this.#end) return overflow
      this.#target[position] = Tag.int32
      this.#view.setInt32(position + 1, value, true)
      return position + 5
    }
    if (position + 9 > this.#end) return overflow
    this.#target[position] = Tag.float64
    this.#view.setFloat64(position + 1, value, true)
    return position + 9
  }

  #writeBigInt(value: bigint, position: number): number {
    if (BigInt.asIntN(64, value) !== value) return unsupported
    if (position + 9 > this.#end) return overflow
    this.#target[position] = Tag.bigint64
    this.#view.setBigInt64(position + 1, value, true)
    return position + 9
  }

  #writeString(value: string, position: number): number {
    const length = value.length
    if (length > shortString) return this.#writeLongString(value, position)
    const from = position + 2
    if (from + length > this.#end) return overflow
    const target = this.#target
    target[position] = Tag.latin1
    target[position + 1] = length
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index)
      if (unit > 0xff) return this.#writeLongString(value, position)
      target[from + index] = unit
    }
    return from + length
  }

  /** As V8 keeps it: a byte for each unit, or two. So half a surrogate pair is nothing special, and nothing is checked. */
  #writeLongString(value: string, position: number): number {
    // No way of writing it is shorter: a string that is far too long is not searched.
    if (position + value.length > this.#end) return overflow
    const wide = wideUnit.test(value)
    const bytes = wide ? value.length * 2 : value.length
    const from = this.#writeHead(wide ? Tag.utf16 : Tag.latin1, value.length, bytes, position)
    if (from < 0) return from
    this.#target.write(value, from, bytes, wide ? "utf16le" : "latin1")
    return from + bytes
  }

  /** A tag and a length, with room for the `bytes` that follow. */
  #writeHead(tag: number, length: number, bytes: number, position: number): number {
    const from = position + (length < longLength ? 2 : 6)
    if (from + bytes > this.#end) return overflow
    this.#target[position] = tag
    if (length < longLength) this.#target[position + 1] = length
    else {
      this.#target[position + 1] = longLength
      this.#view.setUint32(position + 2, length, true)
    }
    return from
  }

  #writeObject(value: object, position: number, depth: number): number {
    // A proxy can pass for anything else, and structured clone refuses all of them.
    if (depth >= maxDepth || types.isProxy(value)) return unsupported
    const prototype = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) {
      return isPlain(value, prototype) && this.#visited.add(value)
        ? this.#writePlain(value as Record<string, unknown>, position, depth)
        : unsupported
    }
    if (prototype === Array.prototype) {
      return Array.isArray(value) && this.#visited.add(value) ? this.#writeArray(value, position, depth) : unsupported
    }
    if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) {
      return isWholeBuffer(value) && this.#visited.add(value) && this.#visited.add(value.buffer)
        ? this.#writeBytes(value, position)
        : unsupported
    }
    return unsupported
  }

  #writePlain(value: Record<string, unknown>, position: number, depth: number): number {
    const known = this.#shapes.find(value)
    if (known !== undefined) {
      if (position + 2 > this.#end) return overflow
      this.#target[position] = Tag.shape
      this.#target[position + 1] = known.number
      return this.#writeMembers(value, known, position + 2, depth)
    }
    const keys = Object.keys(value)
    if (!isShapeable(keys)) return this.#writeRecord(value, keys, position, depth)
    const shape = this.#shapes.add(keys)
    if (position + 3 > this.#end) return overflow
    this.#target[position] = Tag.newShape
    this.#target[position + 1] = shape.number
    this.#target[position + 2] = keys.length
    let next = position + 3
    for (const key of keys) {
      next = this.#writeString(key, next)
      if (next < 0) return next
    }
    return this.#writeMembers(value, shape, next, depth)
  }

  #writeMembers(value: Record<string, unknown>, shape: Shape, position: number, depth: number): number {
    let next = position
    let members = 0
    // This is the fastest way there is in V8: the place of each key is found once for all objects of the same hidden class.
    for (const key in value) {
      next = this.#write(value[key], next, depth + 1)
      if (next < 0) return next
      members++
    }
    // A getter has deleted a key that was still to come.
    return members === shape.keys.length ? next : unsupported
  }

  #writeRecord(value: Record<string, unknown>, keys: ReadonlyArray<string>, position: number, depth: number): number {
    let next = this.#writeHead(Tag.record, keys.length, 0, position)
    for (const key of keys) {
      if (next >= 0) next = this.#writeString(key, next)
      if (next < 0) return next
      const member = value[key]
      if (member === undefined && !Object.hasOwn(value, key)) return unsupported
      next = this.#write(member, next, depth + 1)
    }
    return next
  }

  #writeArray(value: ReadonlyArray<unknown>, position: number, depth: number): number {
    // Each member is a byte at least: an array that is far too long is not copied.
    if (value.length > this.#end - position) return overflow
    const members = denseMembers(value)
    if (members === undefined) return unsupported
    const tag = arrayTag(members)
    if (tag !== Tag.array) return this.#writeNumbers(tag, members as ReadonlyArray<number>, position)
    const length = members.length
    let next = this.#writeHead(tag, length, length, position)
    for (let index = 0; index < length && next >= 0; index++) next = this.#write(members[index], next, depth + 1)
    return next
  }

  #writeNumbers(tag: number, value: ReadonlyArray<number>, position: number): number {
    const width = tag === Tag.int32Array ? 4 : 8
    const from = this.#writeHead(tag, value.length, value.length * width, position)
    if (from < 0) return from
    let next = from
    for (const number of value) {
      if (width === 4) this.#view.setInt32(next, number, true)
      else this.#view.setFloat64(next, number, true)
      next += width
    }
    return next
  }

  #writeBytes(value: Uint8Array, position: number): number {
    const from = this.#writeHead(Tag.bytes, value.length, value.length, position)
    if (from < 0) return from
    this.#target.set(value, from)
    return from + value.length
  }
}

/** On a string that V8 keeps in one byte for each unit it answers without looking. */
const wideUnit = /[\u0100-\uffff]/

/** -0 is none. */
const isInt32 = (value: number): boolean => (value | 0) === value && (value !== 0 || 1 / value > 0)

/** `for in` would come upon the keys that somebody has added to every object. */
const objectsInherit = (): boolean => {
  for (const _key in Object.prototype) return true
  return false
}

const toStringTag = Object.prototype.toString

/**
 * Not the arguments of a function, a boxed number, an error or a date whose prototype was replaced, nor a module; and not
 * what `JSON.rawJSON` makes.
 */
const isPlain = (value: object, prototype: object | null): boolean =>
  toStringTag.call(value) === "[object Object]" && (prototype !== null || !("rawJSON" in value))

/**
 * The members of an array without holes and without properties (`String.match` answers arrays with some). Its values are
 * had at a fraction of the cost of its keys, which would be made into strings; and each getter is called once.
 */
const denseMembers = (value: ReadonlyArray<unknown>): ReadonlyArray<unknown> | undefined => {
  const members = Object.values(value)
  if (members.length !== value.length) return undefined
  // A hole may be made up for by a property.
  for (let index = 0; index < members.length; index++) if (!(index in value)) return undefined
  return members
}

const arrayTag = (value: ReadonlyArray<unknown>): number => {
  let tag: number = value.length === 0 ? Tag.array : Tag.int32Array
  for (const member of value) {
    if (typeof member !== "number") return Tag.array
    if (tag === Tag.int32Array && !isInt32(member)) tag = Tag.float64Array
  }
  return tag
}

/** Structured clone carries the whole memory that a view is of: so the view has to be of all of it, and it of a plain kind. */
const isWholeBuffer = (value: object): value is Uint8Array => {
  if (!types.isUint8Array(value)) return false
  const buffer = value.buffer
  return (
    Object.getPrototypeOf(buffer) === ArrayBuffer.prototype &&
    buffer.byteLength === value.length &&
    !(buffer as ArrayBuffer).resizable &&
    !(buffer as ArrayBuffer).detached
  )
}
