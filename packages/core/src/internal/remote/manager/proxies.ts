/**
 * The typed objects over a store. The same code serves the manager's own process and the others.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import type { EncodeFailed, RemoteError } from "../../errors.ts"
import { type Codec, makeCodec, type Sendable } from "../codec.ts"
import { type Store, valueKey } from "./contract.ts"
import { IndexOutOfRange, type ManagerError } from "./errors.ts"
import { freeze, type Immutable } from "./Immutable.ts"
import type { Cell } from "./rpcs.ts"

/** A shared cell. */
export interface Value<in out A> {
  readonly get: Effect.Effect<Immutable<A>, ManagerError>
  readonly set: (value: A | Immutable<A>) => Effect.Effect<void, EncodeFailed | ManagerError>
  /** Sets the value if the current one equals `expected` (they encode to the same bytes); answers whether it did. */
  readonly compareAndSet: (
    expected: A | Immutable<A>,
    replacement: A | Immutable<A>
  ) => Effect.Effect<boolean, EncodeFailed | ManagerError>
  /** Changes the value atomically and answers the new one. `f` runs again when somebody else was faster: keep it pure. */
  readonly update: (
    f: (current: Immutable<A>) => A | Immutable<A>
  ) => Effect.Effect<Immutable<A>, EncodeFailed | ManagerError>
}

/** A shared number. */
export interface NumberValue extends Value<number> {
  /**
   * Adds where the number is, in one step, and answers the sum: never repeated, however many processes add. A sum that the
   * schema refuses fails with `EncodeFailed` and changes nothing.
   */
  readonly add: (amount: number) => Effect.Effect<number, EncodeFailed | ManagerError>
}

/** A shared map. Keys are the same when they encode to the same bytes. */
export interface Dictionary<in out K, in out A> {
  readonly get: (key: K) => Effect.Effect<Option.Option<Immutable<A>>, EncodeFailed | ManagerError>
  readonly set: (key: K, value: A | Immutable<A>) => Effect.Effect<void, EncodeFailed | ManagerError>
  /** Answers whether the key was there. */
  readonly delete: (key: K) => Effect.Effect<boolean, EncodeFailed | ManagerError>
  readonly has: (key: K) => Effect.Effect<boolean, EncodeFailed | ManagerError>
  readonly size: Effect.Effect<number, ManagerError>
  readonly keys: Effect.Effect<ReadonlyArray<Immutable<K>>, ManagerError>
  /** In the order in which the keys were first set. */
  readonly entries: Effect.Effect<ReadonlyArray<readonly [Immutable<K>, Immutable<A>]>, ManagerError>
  /** Changes one value atomically, present or not, and answers the new one. `f` may run again: keep it pure. */
  readonly update: (
    key: K,
    f: (current: Option.Option<Immutable<A>>) => A | Immutable<A>
  ) => Effect.Effect<Immutable<A>, EncodeFailed | ManagerError>
}

/** A shared list. */
export interface List<in out A> {
  /** Answers the new length. */
  readonly append: (item: A | Immutable<A>) => Effect.Effect<number, EncodeFailed | ManagerError>
  readonly get: (index: number) => Effect.Effect<Option.Option<Immutable<A>>, ManagerError>
  readonly set: (
    index: number,
    item: A | Immutable<A>
  ) => Effect.Effect<void, IndexOutOfRange | EncodeFailed | ManagerError>
  /** Moves what is at `index` and after it one place on. */
  readonly insert: (
    index: number,
    item: A | Immutable<A>
  ) => Effect.Effect<void, IndexOutOfRange | EncodeFailed | ManagerError>
  /** Removes and answers the last item. */
  readonly pop: Effect.Effect<Option.Option<Immutable<A>>, ManagerError>
  readonly length: Effect.Effect<number, ManagerError>
  readonly toArray: Effect.Effect<ReadonlyArray<Immutable<A>>, ManagerError>
  /** Changes one item atomically and answers the new one. `f` may run again: keep it pure. */
  readonly update: (
    index: number,
    f: (current: Immutable<A>) => A | Immutable<A>
  ) => Effect.Effect<Immutable<A>, IndexOutOfRange | EncodeFailed | ManagerError>
}

/** Named shared cells, each with its own type. */
export interface Namespace<in out Fields> {
  readonly get: <Name extends keyof Fields & string>(name: Name) => Effect.Effect<Immutable<Fields[Name]>, ManagerError>
  readonly set: <Name extends keyof Fields & string>(
    name: Name,
    value: Fields[Name] | Immutable<Fields[Name]>
  ) => Effect.Effect<void, EncodeFailed | ManagerError>
  /** Changes one field atomically and answers the new value. `f` may run again: keep it pure. */
  readonly update: <Name extends keyof Fields & string>(
    name: Name,
    f: (current: Immutable<Fields[Name]>) => Fields[Name] | Immutable<Fields[Name]>
  ) => Effect.Effect<Immutable<Fields[Name]>, EncodeFailed | ManagerError>
}

export const makeValue = <A>(store: Store, entry: string, schema: Sendable<A>) => {
  const codec = makeCodec(schema)
  const field = makeField(store, entry, valueKey, codec)
  return {
    ...field,
    compareAndSet: (expected: A | Immutable<A>, replacement: A | Immutable<A>) =>
      Effect.gen(function* () {
        const bytes = yield* codec.encode(expected as A)
        return yield* store("CompareAndSet", {
          entry,
          key: valueKey,
          expected: bytes,
          value: yield* codec.encode(replacement as A)
        })
      }),
    add: (amount: number) => store("Add", { entry, amount })
  }
}

export const makeNamespace = <Fields>(
  store: Store,
  entry: string,
  schemas: { readonly [Name in keyof Fields]: Sendable<Fields[Name]> }
): Namespace<Fields> => {
  const fields = {} as { [Name in keyof Fields]: ReturnType<typeof makeField<Fields[Name]>> }
  for (const name in schemas) fields[name] = makeField(store, entry, keyOfField(name), makeCodec(schemas[name]))
  return {
    get: (name) => fields[name].get,
    set: (name, value) => fields[name].set(value),
    update: (name, f) => fields[name].update(f)
  }
}

/** The key of a namespace's field. */
export const keyOfField = (name: string): Uint8Array => new TextEncoder().encode(name)

const makeField = <A>(store: Store, entry: string, key: Uint8Array, codec: Codec<A>) => {
  const read = Effect.map(store("Get", { entry, key }), Option.getOrThrow)
  const optimistic = makeOptimistic(codec)
  return {
    get: Effect.flatMap(read, ({ value }) => decodeFrozen(codec, value)),
    set: (value: A | Immutable<A>) =>
      Effect.flatMap(codec.encode(value as A), (value) => Effect.asVoid(store("Set", { entry, key, value }))),
    update: (f: (current: Immutable<A>) => A | Immutable<A>) =>
      optimistic(
        read,
        (cell) => Effect.map(decodeFrozen(codec, cell.value), f),
        ({ version }, value) => store("Set", { entry, key, value, expected: version })
      )
  }
}

export const makeDictionary = <K, A>(
  store: Store,
  entry: string,
  keySchema: Sendable<K>,
  valueSchema: Sendable<A>
): Dictionary<K, A> => {
  const keys = makeCodec(keySchema)
  const values = makeCodec(valueSchema)
  const optimistic = makeOptimistic(values)
  const at = <B, F>(key: K, use: (key: Uint8Array) => Effect.Effect<B, F>) => Effect.flatMap(keys.encode(key), use)
  const decodeOption = Option.match({
    onNone: () => Effect.succeedNone,
    onSome: ({ value }: Cell) => Effect.asSome(decodeFrozen(values, value))
  })
  return {
    get: (key) => at(key, (key) => Effect.flatMap(store("Get", { entry, key }), decodeOption)),
    set: (key, value) =>
      at(key, (key) =>
        Effect.flatMap(values.encode(value as A), (value) => Effect.asVoid(store("Set", { entry, key, value })))
      ),
    delete: (key) => at(key, (key) => store("Delete", { entry, key })),
    has: (key) => at(key, (key) => Effect.map(store("Get", { entry, key }), Option.isSome)),
    size: store("Size", { entry }),
    keys: Effect.flatMap(store("Entries", { entry }), (entries) =>
      Effect.forEach(entries, ({ key }) => decodeFrozen(keys, key))
    ),
    entries: Effect.flatMap(store("Entries", { entry }), (entries) =>
      Effect.forEach(entries, ({ key, value }) =>
        Effect.zipWith(decodeFrozen(keys, key), decodeFrozen(values, value), (key, value) => [key, value] as const)
      )
    ),
    update: (key, f) =>
      at(key, (key) =>
        optimistic(
          store("Get", { entry, key }),
          (cell) => Effect.map(decodeOption(cell), f),
          (cell, value) =>
            store("Set", { entry, key, value, expected: Option.isSome(cell) ? cell.value.version : null })
        )
      )
  }
}

export const makeList = <A>(store: Store, entry: string, schema: Sendable<A>): List<A> => {
  const codec = makeCodec(schema)
  const optimistic = makeOptimistic(codec)
  const decode = (value: Uint8Array) => decodeFrozen(codec, value)
  const outOfRange = (index: number) =>
    Effect.flatMap(store("Length", { entry }), (length) => Effect.fail(new IndexOutOfRange({ index, length })))
  /** What is no whole number is outside of every list, and no index that a call could carry. */
  const inside = <B, F>(index: number, use: Effect.Effect<B, F>) =>
    Number.isSafeInteger(index) ? use : outOfRange(index)
  return {
    append: (item) => Effect.flatMap(codec.encode(item as A), (value) => store("Append", { entry, value })),
    get: (index) =>
      Effect.flatMap(
        Number.isSafeInteger(index) ? store("At", { entry, index }) : Effect.succeedNone,
        Option.match({ onNone: () => Effect.succeedNone, onSome: ({ value }) => Effect.asSome(decode(value)) })
      ),
    set: (index, item) =>
      inside(
        index,
        Effect.flatMap(codec.encode(item as A), (value) => Effect.asVoid(store("Replace", { entry, index, value })))
      ),
    insert: (index, item) =>
      inside(
        index,
        Effect.flatMap(codec.encode(item as A), (value) => store("Insert", { entry, index, value }))
      ),
    // Uninterruptible: once it is sent, only its answer knows the item.
    pop: Effect.flatMap(
      store("Pop", { entry }),
      Option.match({ onNone: () => Effect.succeedNone, onSome: (value) => Effect.asSome(decode(value)) })
    ).pipe(Effect.uninterruptible),
    length: store("Length", { entry }),
    toArray: Effect.flatMap(store("Items", { entry }), (items) => Effect.forEach(items, decode)),
    update: (index, f) =>
      inside(
        index,
        optimistic(
          Effect.flatMap(
            store("At", { entry, index }),
            Option.match({ onNone: () => outOfRange(index), onSome: Effect.succeed })
          ),
          ({ value }) => Effect.map(decode(value), f),
          ({ version }, value) => store("Replace", { entry, index, value, expected: version })
        )
      )
  }
}

const decodeFrozen = <A>(codec: Codec<A>, value: Uint8Array): Effect.Effect<Immutable<A>, RemoteError> =>
  Effect.map(codec.decode(value), (decoded) => freeze(decoded))

/**
 * Makes an update: it reads, computes, and writes if nothing has changed since. Who was too late tries again, in turn with
 * the others of this process: however many try at the same time, only one gets through.
 */
const makeOptimistic = <A>(codec: Codec<A>) => {
  const turn = Semaphore.makeUnsafe(1)
  return <Seen, E, F, G>(
    read: Effect.Effect<Seen, E>,
    compute: (seen: Seen) => Effect.Effect<A | Immutable<A>, F>,
    write: (seen: Seen, value: Uint8Array) => Effect.Effect<boolean, G>
  ): Effect.Effect<Immutable<A>, E | F | G | EncodeFailed | RemoteError> => {
    const attempt = Effect.gen(function* () {
      const seen = yield* read
      const value = yield* codec.encode((yield* compute(seen)) as A)
      return (yield* write(seen, value)) ? Option.some(yield* decodeFrozen(codec, value)) : Option.none()
    })
    const again = Effect.gen(function* () {
      while (true) {
        const written = yield* attempt
        if (Option.isSome(written)) return written.value
      }
    })
    return Effect.flatMap(attempt, Option.match({ onNone: () => turn.withPermit(again), onSome: Effect.succeed }))
  }
}
