/**
 * What the objects of a manager are called and what they hold, and the way from there to seeds and proxies.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { makeCodec, type Sendable } from "../codec.ts"
import { type EntrySeed, type Seeds, type Store, valueKey } from "./contract.ts"
import { type Lock, makeLock } from "./lock.ts"
import * as Proxies from "./proxies.ts"

export interface ValueEntry<A> {
  readonly kind: "value"
  readonly schema: Sendable<A>
  readonly initial: A
}

export interface DictionaryEntry<K, A> {
  readonly kind: "dictionary"
  readonly key: Sendable<K>
  readonly value: Sendable<A>
}

export interface ListEntry<A> {
  readonly kind: "list"
  readonly item: Sendable<A>
}

export interface NamespaceEntry<Fields> {
  readonly kind: "namespace"
  readonly fields: { readonly [Name in keyof Fields]: Sendable<Fields[Name]> }
  readonly initial: Fields
}

export interface LockEntry {
  readonly kind: "lock"
}

// `any`: an entry both takes and gives what it holds, so that no other type is above all of them.
export type Entry = ValueEntry<any> | DictionaryEntry<any, any> | ListEntry<any> | NamespaceEntry<any> | LockEntry

export type Entries = Readonly<Record<string, Entry>>

/** The proxy of each entry. */
export type ProxiesOf<E extends Entries> = {
  readonly [Name in keyof E]: E[Name] extends ValueEntry<infer A>
    ? [number, A] extends [A, number]
      ? Proxies.NumberValue
      : Proxies.Value<A>
    : E[Name] extends DictionaryEntry<infer K, infer A>
      ? Proxies.Dictionary<K, A>
      : E[Name] extends ListEntry<infer A>
        ? Proxies.List<A>
        : E[Name] extends NamespaceEntry<infer Fields>
          ? Proxies.Namespace<Fields>
          : Lock
}

export const makeProxies = <E extends Entries>(entries: E, store: Store): ProxiesOf<E> =>
  Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, makeProxy(name, entry, store)])
  ) as ProxiesOf<E>

const makeProxy = (name: string, entry: Entry, store: Store) => {
  switch (entry.kind) {
    case "value":
      return Proxies.makeValue(store, name, entry.schema)
    case "dictionary":
      return Proxies.makeDictionary(store, name, entry.key, entry.value)
    case "list":
      return Proxies.makeList(store, name, entry.item)
    case "namespace":
      return Proxies.makeNamespace(store, name, entry.fields)
    case "lock":
      return makeLock(store, name)
  }
}

/** The initial contents, encoded. An initial value that its schema refuses is a mistake in the definition: a defect. */
export const seedsOf = (entries: Entries): Effect.Effect<Seeds> =>
  Effect.map(
    Effect.forEach(Object.entries(entries), ([name, entry]) =>
      Effect.map(Effect.orDie(seedOf(entry)), (seed) => [name, seed] as const)
    ),
    Object.fromEntries
  )

const seedOf = Effect.fnUntraced(function* (entry: Entry) {
  const cells: Array<readonly [Uint8Array, Uint8Array]> = []
  if (entry.kind === "value") cells.push([valueKey, yield* makeCodec(entry.schema).encode(entry.initial)])
  if (entry.kind === "namespace") {
    for (const name of Object.keys(entry.fields)) {
      const value = yield* makeCodec(entry.fields[name]!).encode(entry.initial[name])
      cells.push([Proxies.keyOfField(name), value])
    }
  }
  const seed: EntrySeed = { kind: entry.kind, cells, add: entry.kind === "value" ? adder(entry.schema) : notANumber }
  return seed
})

const adder = (schema: Sendable<number>): EntrySeed["add"] => {
  const codec = makeCodec(schema)
  return (value, amount) =>
    Effect.gen(function* () {
      const sum = (yield* Effect.orDie(codec.decode(value))) + amount
      return { value: yield* codec.encode(sum), sum }
    })
}

const notANumber = () => Effect.die(new Error("Only a value that holds a number can be added to."))
