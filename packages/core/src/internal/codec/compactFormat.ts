/**
 * The bytes of the compact codec: what its encoder and its decoder have to agree on. `README.md` has it as a table.
 *
 * Numbers are little-endian. Nothing is aligned: a message may begin at any byte.
 *
 * @internal
 */

/** The first byte of a value. One below `firstTag` is that integer itself. */
export const firstTag = 0x80

export const Tag = {
  undefined: 0x80,
  null: 0x81,
  false: 0x82,
  true: 0x83,
  int32: 0x84,
  float64: 0x85,
  bigint64: 0x86,
  latin1: 0x87,
  utf16: 0x88,
  bytes: 0x89,
  array: 0x8a,
  int32Array: 0x8b,
  float64Array: 0x8c,
  /** An object whose keys the other side has been told. */
  shape: 0x8d,
  /** An object that tells its keys, which have a number from here on. */
  newShape: 0x8e,
  /** An object that brings its keys along, which are then forgotten. */
  record: 0x8f
} as const

/** A length below this is one byte; any other is this byte and four more. */
export const longLength = 0xff

/** Up to here a string is copied unit by unit: a call of Node's own copying costs as much as that. */
export const shortString = 24

/** Objects and arrays inside each other. What is deeper is left to structured clone, which doesn't recurse either. */
export const maxDepth = 16

/** How many shapes a side remembers; a new one then takes the place of the one told longest ago. One byte holds a number. */
export const maxShapes = 256

/** An object with more keys than this is a table and no shape, and is not worth remembering. */
export const maxShapeKeys = 128

/** With the two limits above, this bounds what one side can make the other remember. */
export const maxShapeKeyLength = 64
