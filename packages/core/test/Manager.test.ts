import { assert, describe, it } from "@effect/vitest"
import * as Manager from "@ropewalk/core/Manager"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { Shared } from "./fixtures/remote/shared.ts"
import { spawnPeer } from "./fixtures/remote/spawn.ts"

type Proxies = Manager.ProxiesOf<(typeof Shared)["entries"]>

/** The same objects, as the manager's process and as another one see them. */
const sides: Record<string, Effect.Effect<Proxies, unknown, Scope.Scope>> = {
  "where they are": Effect.map(Manager.make(Shared), ({ proxies }) => proxies),
  "over a connection": Effect.flatMap(Manager.make(Shared), ({ address }) => Manager.connect(Shared, address))
}

for (const [side, open] of Object.entries(sides)) {
  describe(`shared objects, used ${side}`, () => {
    it.live("a value: get, set, compare-and-set, update, add", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { total } = yield* open
          yield* total.set(1)
          assert.strictEqual(yield* total.add(2), 3)
          assert.isFalse(yield* total.compareAndSet(1, 10))
          assert.isTrue(yield* total.compareAndSet(3, 10))
          assert.strictEqual(yield* total.update((n) => n * 2), 20)
          assert.strictEqual(yield* total.get, 20)
        })
      )
    )

    it.live("updates that meet take turns: each runs a few times, not once for each of the others", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { items, counts, total } = yield* open
          const times = 100
          yield* items.append({ name: "", tags: [] })
          let runs = 0
          const inc = (n: number) => {
            runs++
            return n + 1
          }
          const updates: Array<Effect.Effect<unknown, unknown>> = [
            total.update(inc),
            counts.update("a", (n) => inc(Option.getOrElse(n, () => 0))),
            items.update(0, ({ name, tags }) => ({ name: String(inc(Number(name))), tags }))
          ]
          for (const update of updates) {
            runs = 0
            yield* Effect.all(Effect.replicate(update, times), { concurrency: "unbounded", discard: true })
            // Each first attempt makes at most one other update repeat itself.
            assert.isAtMost(runs, 3 * times)
          }
          assert.strictEqual(yield* total.get, times)
          assert.deepStrictEqual(yield* counts.get("a"), Option.some(times))
          assert.strictEqual(Option.getOrThrow(yield* items.get(0)).name, String(times))
        })
      )
    )

    it.live("a sum that the schema refuses fails typed, and changes nothing", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { whole } = yield* open
          yield* whole.set(1)
          for (const amount of [0.5, Number.NaN]) {
            assert.instanceOf(yield* Effect.flip(whole.add(amount)), Manager.EncodeFailed)
          }
          assert.strictEqual(yield* whole.get, 1)
        })
      )
    )

    it.live("a dictionary", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { counts } = yield* open
          assert.isTrue(Option.isNone(yield* counts.get("a")))
          yield* counts.set("b", 2)
          yield* counts.set("a", 1)
          assert.deepStrictEqual(yield* counts.get("a"), Option.some(1))
          assert.strictEqual(yield* counts.update("c", (n) => Option.getOrElse(n, () => 0) + 3), 3)
          assert.deepStrictEqual(yield* counts.keys, ["b", "a", "c"])
          assert.deepStrictEqual(yield* counts.entries, [
            ["b", 2],
            ["a", 1],
            ["c", 3]
          ])
          assert.isTrue(yield* counts.delete("b"))
          assert.isFalse(yield* counts.delete("b"))
          assert.isFalse(yield* counts.has("b"))
          assert.strictEqual(yield* counts.size, 2)
        })
      )
    )

    it.live("a list", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { items } = yield* open
          const item = (name: string, ...tags: Array<string>) => ({ name, tags })
          assert.strictEqual(yield* items.append(item("a")), 1)
          assert.strictEqual(yield* items.append(item("c")), 2)
          yield* items.insert(1, item("b"))
          yield* items.set(0, item("A"))
          yield* items.update(0, (first) => ({ ...first, tags: [...first.tags, "new"] }))
          assert.deepStrictEqual(yield* items.toArray, [item("A", "new"), item("b"), item("c")])
          assert.deepStrictEqual(yield* items.pop, Option.some(item("c")))
          assert.strictEqual(yield* items.length, 2)
          assert.isTrue(Option.isNone(yield* items.get(2)))
          const outside = [
            yield* Effect.flip(items.set(2, item("x"))),
            yield* Effect.flip(items.insert(3, item("x"))),
            yield* Effect.flip(items.update(-1, (x) => x))
          ]
          assert.deepStrictEqual(
            outside.map((error) => error._tag),
            ["IndexOutOfRange", "IndexOutOfRange", "IndexOutOfRange"]
          )
        })
      )
    )

    it.live("a list has no place between two items", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { items } = yield* open
          const item = { name: "a", tags: [] }
          yield* items.append(item)
          for (const index of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
            assert.isTrue(Option.isNone(yield* items.get(index)))
            for (const change of [items.set(index, item), items.insert(index, item), items.update(index, (x) => x)]) {
              assert.deepInclude(yield* Effect.flip(change), { _tag: "IndexOutOfRange", index, length: 1 })
            }
          }
          assert.deepStrictEqual(yield* items.toArray, [item])
        })
      )
    )

    it.live("a namespace", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { settings } = yield* open
          assert.strictEqual(yield* settings.get("host"), "localhost")
          yield* settings.set("host", "example.org")
          assert.strictEqual(yield* settings.update("port", (port) => port + 1), 81)
          assert.strictEqual(yield* settings.get("host"), "example.org")
        })
      )
    )

    it.live("what is handed out is frozen, and a change to it does not reach the object", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { items } = yield* open
          yield* items.append({ name: "a", tags: ["one"] })
          const [first] = yield* items.toArray
          assert.throws(() => (first!.tags as Array<string>).push("two"), TypeError)
          assert.deepStrictEqual(yield* items.toArray, [{ name: "a", tags: ["one"] }])
        })
      )
    )

    it.live("a value that its schema refuses changes nothing, and the error says where", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { items } = yield* open
          const error = yield* Effect.flip(items.append({ name: "a", tags: [1 as never] }))
          assert.deepStrictEqual([error._tag, "path" in error && error.path], ["EncodeFailed", ["tags", 0]])
          assert.strictEqual(yield* items.length, 0)
        })
      )
    )

    it.live("the lock: one at a time, first come first served, released however its holder ends", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { guard, total } = yield* open
          yield* Effect.exit(guard.withLock(Effect.die("holder failed")))
          const order: Array<number> = []
          const use = (n: number) =>
            guard.withLock(
              Effect.andThen(
                total.get,
                Effect.sync(() => order.push(n))
              )
            )
          yield* Effect.forEach([1, 2, 3, 4], use, { concurrency: "unbounded" })
          assert.deepStrictEqual(order, [1, 2, 3, 4])
          assert.deepStrictEqual(yield* guard.withLock(Effect.all([guard.tryWithLock(Effect.void), total.get])), [
            Option.none(),
            0
          ])
          yield* Effect.scoped(guard.scoped)
          assert.isTrue(Option.isSome(yield* guard.tryWithLock(Effect.void)))
        })
      )
    )

    it.live("L5: a lock released by who does not hold it fails NotOwner", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { guard } = yield* open
          assert.strictEqual((yield* Effect.flip(guard.release))._tag, "NotOwner")
          yield* guard.acquire
          const other = yield* Effect.forkChild(Effect.flip(guard.release))
          assert.strictEqual((yield* Fiber.join(other))._tag, "NotOwner")
          yield* guard.release
          assert.isTrue(Option.isSome(yield* guard.tryWithLock(Effect.void)))
        })
      )
    )

    it.live("L6: a waiter for the lock that is interrupted, at any step, leaves nothing behind", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { guard } = yield* open
          for (let turns = 0; turns < 24; turns++) {
            const waiter = yield* Effect.forkChild(guard.withLock(Effect.never), { startImmediately: true })
            for (let turn = 0; turn < turns % 12; turn++) yield* Effect.promise(() => new Promise(setImmediate))
            yield* Fiber.interrupt(waiter)
          }
          assert.isTrue(Option.isSome(yield* guard.tryWithLock(Effect.void)))
        })
      )
    )
  })
}

describe("Manager, between processes", () => {
  it.live("three processes lose no update: added, updated, and under the lock", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { address, proxies } = yield* Manager.make(Shared)
        const peers = yield* Effect.replicateEffect(spawnPeer("counts to a hundred", address), 3)
        for (const peer of peers) assert.strictEqual(yield* peer.line, "done")
        assert.strictEqual(yield* proxies.total.get, 300)
        assert.strictEqual(yield* proxies.raced.get, 300)
        assert.deepStrictEqual(yield* proxies.counts.get("locked"), Option.some(300))
      })
    )
  )

  it.live("L2: a lock whose holder is killed is free at once", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { address, proxies } = yield* Manager.make(Shared)
        const holder = yield* spawnPeer("holds the lock", address)
        assert.strictEqual(yield* holder.line, "held")
        const next = yield* Effect.forkChild(proxies.guard.withLock(Effect.succeed("mine")), { startImmediately: true })
        assert.isUndefined(next.pollUnsafe())
        yield* holder.kill
        assert.strictEqual(yield* Fiber.join(next), "mine")
      })
    )
  )

  it.live("a client that waits for the lock of a manager that dies fails at once", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const owner = yield* spawnPeer("owns a lock", null)
        const address = yield* Schema.decodeUnknownEffect(Manager.Address)(JSON.parse(yield* owner.line))
        const { guard, total } = yield* Manager.connect(Shared, address)
        const waiting = yield* Effect.forkChild(Effect.flip(guard.withLock(Effect.void)), { startImmediately: true })
        yield* total.get
        yield* owner.kill
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "ManagerClosed")
        assert.strictEqual((yield* Effect.flip(total.get))._tag, "ManagerClosed")
        assert.strictEqual((yield* Effect.flip(Effect.scoped(Manager.connect(Shared, address))))._tag, "ManagerClosed")
      })
    )
  )

  it.live("a process whose definition differs gets a RemoteError, and the manager goes on", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { address, proxies } = yield* Manager.make(Shared)
        const Other = Manager.define({ total: Manager.value(Schema.String, ""), unknown: Manager.list(Schema.Number) })
        const other = yield* Manager.connect(Other, address)
        assert.strictEqual((yield* Effect.flip(other.total.get))._tag, "RemoteError")
        assert.include(String(yield* Effect.flip(other.unknown.length)), "same definition")
        assert.strictEqual(yield* proxies.total.get, 0)
        assert.strictEqual((yield* Effect.exit(other.unknown.length))._tag, "Failure")
      })
    )
  )

  it.live("the end of its scope closes the manager for its clients", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const owner = yield* Scope.make()
        const { address } = yield* Scope.provide(Manager.make(Shared), owner)
        const { total } = yield* Manager.connect(Shared, address)
        yield* total.add(1)
        yield* Scope.close(owner, Exit.void)
        assert.strictEqual((yield* Effect.flip(total.get))._tag, "ManagerClosed")
      })
    )
  )
})
