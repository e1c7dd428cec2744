/**
 * The one atomic word that holds a shared value, by kind; README.md of this folder has the layout and the protocol.
 *
 * @internal
 */

/** What a value of each kind is. */
export interface Values {
  /** A whole number from −2³¹ to 2³¹ − 1. */
  readonly int32: number
  /** A whole number from 0 to 2³² − 1. */
  readonly uint32: number
  /** A bigint from −2⁶³ to 2⁶³ − 1. */
  readonly int64: bigint
  /** Any number, NaN, the infinities and −0 included. */
  readonly float64: number
  readonly boolean: boolean
}

export type Kind = keyof Values

/** Values of `V` over a word whose bits are `B`: equal bits, by `===`, are the same value. */
export interface Word<V, B = unknown> extends Bits<B> {
  /** `undefined` if the word can't hold exactly this value. */
  toBits(value: V): B | undefined
  fromBits(bits: B): V
  /** Absent where values can't be added. The sum may be more than the word can hold. */
  plus?(value: V, addend: V): V
}

interface Bits<B> {
  load(): B
  store(bits: B): void
  /** Replaces the expected bits, in one step, and says whether it did. */
  compareAndSwap(expected: B, bits: B): boolean
}

export const byteLength = 8

/** The word of each kind over a buffer of {@link byteLength} bytes. */
export const words: { readonly [K in Kind]: (buffer: SharedArrayBuffer) => Word<Values[K]> } = {
  int32: (buffer): Word<number, number> => ({
    ...numberBits(new Int32Array(buffer)),
    toBits: (value) => wholeNumber(value, -(2 ** 31), 2 ** 31 - 1),
    fromBits: (bits) => bits,
    plus: (value, addend) => value + addend
  }),
  uint32: (buffer): Word<number, number> => ({
    ...numberBits(new Uint32Array(buffer)),
    toBits: (value) => wholeNumber(value, 0, 2 ** 32 - 1),
    fromBits: (bits) => bits,
    plus: (value, addend) => value + addend
  }),
  int64: (buffer): Word<bigint, bigint> => ({
    ...bigintBits(new BigInt64Array(buffer)),
    toBits: (value) => (typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : undefined),
    fromBits: (bits) => bits,
    plus: (value, addend) => value + addend
  }),
  float64: (buffer): Word<number, bigint> => ({
    ...bigintBits(new BigInt64Array(buffer)),
    toBits: (value) => (typeof value === "number" ? doubleToBits(value) : undefined),
    fromBits: bitsToDouble,
    plus: (value, addend) => value + addend
  }),
  boolean: (buffer): Word<boolean, number> => ({
    ...numberBits(new Int32Array(buffer)),
    toBits: (value) => (typeof value === "boolean" ? Number(value) : undefined),
    fromBits: (bits) => bits !== 0
  })
}

// Not one function for both: `Atomics` has no type for an array of either.
const numberBits = (array: Int32Array | Uint32Array): Bits<number> => ({
  load: () => Atomics.load(array, 0),
  store: (bits) => void Atomics.store(array, 0, bits),
  compareAndSwap: (expected, bits) => Atomics.compareExchange(array, 0, expected, bits) === expected
})

const bigintBits = (array: BigInt64Array): Bits<bigint> => ({
  load: () => Atomics.load(array, 0),
  store: (bits) => void Atomics.store(array, 0, bits),
  compareAndSwap: (expected, bits) => Atomics.compareExchange(array, 0, expected, bits) === expected
})

const wholeNumber = (value: number, min: number, max: number): number | undefined =>
  Number.isInteger(value) && value >= min && value <= max ? value : undefined

// Reinterprets a double: written as one type and read as the other, within one thread and one step.
const double = new Float64Array(1)
const doubleBits = new BigInt64Array(double.buffer)

const doubleToBits = (value: number): bigint => {
  // The engine may give any NaN any bits; two of them would not compare equal.
  if (Number.isNaN(value)) return 0x7ff8000000000000n
  double[0] = value
  return doubleBits[0]!
}

const bitsToDouble = (bits: bigint): number => {
  doubleBits[0] = bits
  return double[0]!
}
