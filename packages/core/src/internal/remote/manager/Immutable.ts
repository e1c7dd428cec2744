/**
 * What a shared object hands out is a copy. A change to the copy would be lost in silence, so that it must not compile, and
 * must not run either where JavaScript can prevent it.
 *
 * @internal
 */

type Primitive =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | ((...args: ReadonlyArray<any>) => unknown)

type Mutators = "set" | "fill" | "copyWithin" | "reverse" | "sort"

type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array

/** `A` without anything that changes it, at any depth. */
export type Immutable<A> = A extends Primitive
  ? A
  : A extends Date
    ? Omit<Date, `set${string}`>
    : A extends TypedArray
      ? Omit<A, Mutators | number> & { readonly [index: number]: number }
      : A extends ReadonlyMap<infer K, infer V>
        ? ReadonlyMap<Immutable<K>, Immutable<V>>
        : A extends ReadonlySet<infer V>
          ? ReadonlySet<Immutable<V>>
          : { readonly [K in keyof A]: Immutable<A[K]> }

/** Freezes what can be frozen: arrays and objects, at any depth. */
export const freeze = <A>(value: A): Immutable<A> => {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) freeze(child)
  }
  return value as Immutable<A>
}
