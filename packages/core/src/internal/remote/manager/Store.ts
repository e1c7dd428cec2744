/**
 * The shared objects, where they are: plain maps and arrays of bytes, changed only by synchronous steps of one thread.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { EncodeFailed } from "../../errors.ts"
import { type Lease, Mailbox } from "../Mailbox.ts"
import { type Seeds, type Store, valueKey } from "./contract.ts"
import { IndexOutOfRange } from "./errors.ts"
import { type Cell, ManagerRpcs, type Payload } from "./rpcs.ts"

/** Whoever works with the store from this process. Rpc clients are numbered from 0. */
const localOwner = -1

export const makeStore = (seeds: Seeds) => {
  let nextVersion = 1
  const cell = (value: Uint8Array): Cell => ({ version: nextVersion++, value })
  const tables = new Map<string, Map<string, Cell>>()
  const lists = new Map<string, Array<Cell>>()
  const locks = new Map<string, Lock>()
  for (const [name, seed] of Object.entries(seeds)) {
    if (seed.kind === "list") lists.set(name, [])
    else if (seed.kind === "lock") locks.set(name, new Lock())
    else tables.set(name, new Map(seed.cells.map(([key, value]) => [textOf(key), cell(value)])))
  }
  const tableOf = (entry: string) => known(tables.get(entry), entry)
  const listOf = (entry: string) => known(lists.get(entry), entry)
  const lockOf = (entry: string) => known(locks.get(entry), entry)

  const set = ({ entry, key, value, expected }: Payload<"Set">): boolean => {
    const table = tableOf(entry)
    const current = table.get(textOf(key))?.version ?? null
    if (expected !== undefined && expected !== current) return false
    table.set(textOf(key), cell(value))
    return true
  }

  const add = ({ entry, amount }: Payload<"Add">): Effect.Effect<number, EncodeFailed> =>
    Effect.gen(function* () {
      const before = tableOf(entry).get(textOf(valueKey))!
      const { value, sum } = yield* known(seeds[entry], entry).add(before.value, amount)
      return set({ entry, key: valueKey, value, expected: before.version }) ? sum : yield* add({ entry, amount })
    })

  const handlers = ManagerRpcs.of({
    Get: ({ entry, key }) => Effect.sync(() => Option.fromUndefinedOr(tableOf(entry).get(textOf(key)))),
    Set: (payload) => Effect.sync(() => set(payload)),
    CompareAndSet: ({ entry, key, expected, value }) =>
      Effect.sync(() => {
        const current = tableOf(entry).get(textOf(key))
        if (current === undefined || Buffer.compare(current.value, expected) !== 0) return false
        return set({ entry, key, value })
      }),
    Add: add,
    Delete: ({ entry, key }) => Effect.sync(() => tableOf(entry).delete(textOf(key))),
    Size: ({ entry }) => Effect.sync(() => tableOf(entry).size),
    Entries: ({ entry }) =>
      Effect.sync(() => Array.from(tableOf(entry), ([key, { value }]) => ({ key: Buffer.from(key, "latin1"), value }))),

    At: ({ entry, index }) => Effect.sync(() => Option.fromUndefinedOr(listOf(entry)[index])),
    Append: ({ entry, value }) => Effect.sync(() => listOf(entry).push(cell(value))),
    Replace: ({ entry, index, value, expected }) =>
      Effect.suspend(() => {
        const list = listOf(entry)
        const current = list[index]
        if (current === undefined) return Effect.fail(new IndexOutOfRange({ index, length: list.length }))
        if (expected !== undefined && expected !== current.version) return Effect.succeed(false)
        list[index] = cell(value)
        return Effect.succeed(true)
      }),
    Insert: ({ entry, index, value }) =>
      Effect.suspend(() => {
        const list = listOf(entry)
        if (index < 0 || index > list.length) return Effect.fail(new IndexOutOfRange({ index, length: list.length }))
        list.splice(index, 0, cell(value))
        return Effect.void
      }),
    Pop: ({ entry }) =>
      Effect.sync(() => Option.map(Option.fromUndefinedOr(listOf(entry).pop()), ({ value }) => value)),
    Length: ({ entry }) => Effect.sync(() => listOf(entry).length),
    Items: ({ entry }) => Effect.sync(() => listOf(entry).map(({ value }) => value)),

    Acquire: ({ entry, ticket, patience }, { client }) => lockOf(entry).acquire(client.id, ticket, patience),
    Release: ({ entry, ticket }, { client }) => lockOf(entry).release(client.id, ticket)
  })

  const local: Store = (tag, payload) =>
    // The handlers are this group's by construction; only the union of their types can't be called.
    (handlers[tag] as (payload: unknown, options: unknown) => Effect.Effect<never>)(payload, {
      client: { id: localOwner }
    })

  return {
    handlers,
    local,
    /** Gives back what a connection held that has ended. */
    onDisconnect: (clientId: number) =>
      Effect.sync(() => {
        for (const lock of locks.values()) lock.releaseAll(clientId)
      })
  }
}

/** One token in a mailbox of one place: to hold the lock is to lease the token. */
class Lock {
  readonly #token = new Mailbox<null, never>(1)
  readonly #leases = new Map<string, Lease<null>>()
  readonly #waiting = new Map<string, Fiber.Fiber<unknown, unknown>>()

  constructor() {
    Effect.runSync(this.#token.put(null, 0))
  }

  acquire(owner: number, ticket: number, patience: number): Effect.Effect<boolean> {
    const holder = holderOf(owner, ticket)
    return Effect.withFiber((fiber) => {
      this.#waiting.set(holder, fiber)
      return Effect.ensuring(
        this.#token.lease(patience, (lease) => this.#leases.set(holder, lease)),
        Effect.sync(() => this.#waiting.delete(holder))
      )
    })
  }

  /** Also settles an acquire that was interrupted: in line, or granted with its answer on the way. */
  release(owner: number, ticket: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const waiting = this.#waiting.get(holderOf(owner, ticket))
      return Effect.andThen(
        waiting === undefined ? Effect.void : Fiber.interrupt(waiting),
        Effect.sync(() => this.#giveBack(holderOf(owner, ticket)))
      )
    })
  }

  releaseAll(owner: number): void {
    for (const holder of this.#leases.keys()) if (holder.startsWith(holderOf(owner, ""))) this.#giveBack(holder)
  }

  #giveBack(holder: string): void {
    const lease = this.#leases.get(holder)
    if (lease === undefined) return
    this.#leases.delete(holder)
    this.#token.giveBack(lease)
  }
}

const holderOf = (owner: number, ticket: number | ""): string => `${owner}/${ticket}`

/** Bytes as a key of a Map: one character a byte. */
const textOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1")

const known = <A>(found: A | undefined, entry: string): A => {
  if (found !== undefined) return found
  throw new Error(`The manager has no such entry: ${entry}. Do both processes use the same definition?`)
}
