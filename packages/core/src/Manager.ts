/**
 * Objects that several processes share: values, dictionaries, lists, namespaces and locks, kept by one process and used by
 * others through typed proxies.
 *
 * **When to use**: for state that processes change together, in small amounts. Each operation is a message to the owner
 * and back (some 100 µs): to stream data use `Channel`, between threads use `SharedValue`.
 *
 * **Lineage**: `multiprocessing.Manager`. What differs: everything is typed by a schema; a change is atomic or it is not
 * offered (`update` in place of read, change, write); and Python's best known trap is gone: what a proxy hands out is a
 * read-only copy, so that a change inside a nested value is a compile error instead of a change that nobody sees.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { EncodeFailed, RemoteError } from "./internal/errors.ts"
import * as RemoteAddress from "./internal/remote/Address.ts"
import type { Sendable } from "./internal/remote/codec.ts"
import { AuthenticationFailed } from "./internal/remote/errors.ts"
import { loadManager } from "./internal/remote/load.ts"
import {
  type DictionaryEntry,
  type Entries,
  type ListEntry,
  type LockEntry,
  makeProxies,
  type NamespaceEntry,
  type ProxiesOf,
  seedsOf,
  type ValueEntry
} from "./internal/remote/manager/definition.ts"
import { IndexOutOfRange, ManagerClosed, type ManagerError } from "./internal/remote/manager/errors.ts"
import type { Immutable } from "./internal/remote/manager/Immutable.ts"
import type { Lock } from "./internal/remote/manager/lock.ts"
import type { Dictionary, List, Namespace, NumberValue, Value } from "./internal/remote/manager/proxies.ts"
import { NotOwner } from "./internal/sync/lockErrors.ts"

export type { Dictionary, Immutable, List, Lock, ManagerError, Namespace, NumberValue, ProxiesOf, Value }

export { AuthenticationFailed, EncodeFailed, IndexOutOfRange, ManagerClosed, NotOwner, RemoteError }

/**
 * The names and types of a manager's objects, shared by the two sides.
 *
 * @since 0.1.0
 */
export interface Definition<E extends Entries> {
  new (): object
  readonly entries: E
}

/**
 * A running manager, in the process that keeps the objects.
 *
 * @since 0.1.0
 */
export interface Manager<E extends Entries> {
  /** The objects, for this process. */
  readonly proxies: ProxiesOf<E>
  /** What other processes connect with. It contains the key: hand it on like a secret. */
  readonly address: Address
  /** Who was turned away (the latest 64): the server's side of a client's `AuthenticationFailed`. */
  readonly rejections: Stream.Stream<AuthenticationFailed>
}

/**
 * The way to a manager, as plain data: in a task's payload, or as JSON in an environment variable.
 *
 * @since 0.1.0
 */
export const Address = RemoteAddress.Address

/** @since 0.1.0 */
export type Address = RemoteAddress.Address

/**
 * Names the objects of a manager. Put it in a module that both processes import.
 *
 * **Example**
 *
 * ```ts
 * import * as Manager from "@ropewalk/core/Manager"
 * import * as Schema from "effect/Schema"
 *
 * export class Shared extends Manager.define({
 *   counts: Manager.dictionary(Schema.String, Schema.Number),
 *   names: Manager.list(Schema.String),
 *   total: Manager.value(Schema.Number, 0),
 *   settings: Manager.namespace({ host: Schema.String, port: Schema.Int }, { host: "localhost", port: 80 }),
 *   guard: Manager.lock
 * }) {}
 * ```
 *
 * @since 0.1.0
 */
export const define = <const E extends Entries>(entries: E): Definition<E> =>
  class {
    static readonly entries = entries
  }

/**
 * A single value, with the one it has at first. A `Schema.Number` gets an `add`.
 *
 * @since 0.1.0
 */
export const value = <A>(schema: Sendable<A>, initial: A): ValueEntry<A> => ({ kind: "value", schema, initial })

/**
 * A map, empty at first.
 *
 * @since 0.1.0
 */
export const dictionary = <K, A>(key: Sendable<K>, value: Sendable<A>): DictionaryEntry<K, A> => ({
  kind: "dictionary",
  key,
  value
})

/**
 * A list, empty at first.
 *
 * @since 0.1.0
 */
export const list = <A>(item: Sendable<A>): ListEntry<A> => ({ kind: "list", item })

/**
 * Named values of different types, with those they have at first.
 *
 * @since 0.1.0
 */
export const namespace = <Fields extends object>(
  fields: { readonly [Name in keyof Fields]: Sendable<Fields[Name]> },
  initial: NoInfer<Fields>
): NamespaceEntry<Fields> => ({ kind: "namespace", fields, initial })

/**
 * A lock, free at first.
 *
 * @since 0.1.0
 */
export const lock: LockEntry = { kind: "lock" }

/**
 * Starts a manager in this process: its objects live until the scope closes. `key` is the shared secret (256 random bits
 * unless given); `transport` is a Unix socket in a private directory unless the platform has none, then a port of 127.0.0.1.
 *
 * Never fails. An initial value that its schema refuses is a mistake in the definition: a defect.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Manager from "@ropewalk/core/Manager"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const Shared = Manager.define({
 *   counts: Manager.dictionary(Schema.String, Schema.Number),
 *   total: Manager.value(Schema.Number, 0)
 * })
 *
 * const program = Effect.gen(function* () {
 *   const { proxies, address } = yield* Manager.make(Shared)
 *   yield* proxies.counts.set("knots", 2)
 *   // In another process:
 *   const remote = yield* Manager.connect(Shared, address)
 *   yield* remote.total.add(40)
 *   yield* remote.counts.update("knots", (count) => (count._tag === "Some" ? count.value + 1 : 1))
 *   return [yield* proxies.total.get, yield* proxies.counts.entries]
 * })
 *
 * assert.deepEqual(await Effect.runPromise(Effect.scoped(program)), [40, [["knots", 3]]])
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* <E extends Entries>(
  definition: Definition<E>,
  options?: { readonly key?: string | undefined; readonly transport?: "unix" | "tcp" | undefined }
): Effect.fn.Return<Manager<E>, never, Scope.Scope> {
  const { serveStore } = yield* loadManager
  const { store, address, rejections } = yield* serveStore(yield* seedsOf(definition.entries), options)
  return {
    proxies: makeProxies(definition.entries, store),
    address,
    rejections: Stream.fromQueue(rejections)
  }
})

/**
 * Connects to a manager in another process, by the address that its `make` gave. The connection belongs to the scope; when it
 * ends, also because this process was killed, the locks that it held are free again.
 *
 * Fails with `AuthenticationFailed` when the address has another key than the manager, and with `ManagerClosed` when nobody
 * listens there.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Manager from "@ropewalk/core/Manager"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const Shared = Manager.define({ total: Manager.value(Schema.Number, 1), guard: Manager.lock })
 *
 * const program = Effect.gen(function* () {
 *   const { address } = yield* Manager.make(Shared)
 *   const { guard, total } = yield* Manager.connect(Shared, address)
 *   return yield* guard.withLock(total.add(1))
 * })
 *
 * assert.equal(await Effect.runPromise(Effect.scoped(program)), 2)
 * ```
 *
 * @since 0.1.0
 */
export const connect = Effect.fnUntraced(function* <E extends Entries>(
  definition: Definition<E>,
  address: Address
): Effect.fn.Return<ProxiesOf<E>, AuthenticationFailed | ManagerClosed, Scope.Scope> {
  const { connectStore } = yield* loadManager
  return makeProxies(definition.entries, yield* connectStore(address))
})
