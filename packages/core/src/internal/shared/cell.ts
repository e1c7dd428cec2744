/**
 * A value in shared memory and the operations on it: each takes effect in one atomic step, or not at all when the word
 * can't hold the value. README.md of this folder says why no schedule, and no death of a thread, can break one.
 *
 * @internal
 */
import { inspect } from "node:util"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Kind, Word } from "./word.ts"

/** A value that the word can't hold exactly: out of range, a fraction of a whole number, or of another type. */
export class InvalidSharedValue extends Schema.TaggedError<InvalidSharedValue>()("InvalidSharedValue", {
  kind: Schema.Literals(["int32", "uint32", "int64", "float64", "boolean"]),
  value: Schema.String
}) {
  override get message(): string {
    return `${this.value} is no ${this.kind}, and nothing was changed: ${domains[this.kind]}`
  }
}

const domains: { readonly [K in Kind]: string } = {
  int32: `it holds whole numbers from -2147483648 to 2147483647; "int64" holds larger ones, "float64" fractions`,
  uint32: `it holds whole numbers from 0 to 4294967295; "int32" holds negative ones, "int64" larger ones`,
  int64: "it holds bigints (1n, not 1) from -9223372036854775808n to 9223372036854775807n",
  float64: "it holds numbers",
  boolean: "it holds true or false"
}

export class Cell<V> {
  readonly kind: Kind
  readonly word: Word<V>

  constructor(kind: Kind, word: Word<V>) {
    this.kind = kind
    this.word = word
  }

  get(): V {
    return this.word.fromBits(this.word.load())
  }

  /** The compare-and-swap loop. `f` runs again whenever another thread was faster. */
  modify<A>(f: (value: V) => readonly [A, V]): Result.Result<A, InvalidSharedValue> {
    for (;;) {
      const before = this.word.load()
      const [result, value] = f(this.word.fromBits(before))
      const after = this.word.toBits(value)
      if (after === undefined) return this.#invalid(value)
      if (this.word.compareAndSwap(before, after)) return Result.succeed(result)
    }
  }

  updateAndGet(f: (value: V) => V): Result.Result<V, InvalidSharedValue> {
    return this.modify((before) => {
      const after = f(before)
      return [after, after]
    })
  }

  // Not `Atomics.add`: it wraps a sum that is out of range, for all to see, before anyone can check it.
  add(addend: V): Result.Result<V, InvalidSharedValue> {
    return this.updateAndGet((value) => this.word.plus!(value, addend))
  }

  set(value: V): Result.Result<void, InvalidSharedValue> {
    const bits = this.word.toBits(value)
    if (bits === undefined) return this.#invalid(value)
    this.word.store(bits)
    return Result.void
  }

  // An expected value that the word can't hold is a mistake, not a mere mismatch: it would never match.
  compareAndSet(expected: V, value: V): Result.Result<boolean, InvalidSharedValue> {
    const before = this.word.toBits(expected)
    if (before === undefined) return this.#invalid(expected)
    const after = this.word.toBits(value)
    if (after === undefined) return this.#invalid(value)
    return Result.succeed(this.word.compareAndSwap(before, after))
  }

  #invalid(value: unknown): Result.Result<never, InvalidSharedValue> {
    return Result.fail(new InvalidSharedValue({ kind: this.kind, value: inspect(value) }))
  }
}
