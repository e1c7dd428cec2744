import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@ropewalk/core/Channel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Bytes } from "../fixtures/remote/shared.ts"
import { spawnPeer } from "../fixtures/remote/spawn.ts"

const Numbers = Channel.schema(Schema.Number)

/** The same channel as it looks from where its items are put and from where they are taken. */
interface Ends {
  readonly putter: Channel.Served<number>
  readonly taker: Channel.Served<number>
}

/** Both ends in this thread, both at the owner of a served channel, and both behind a connection. */
const places: Record<string, (capacity: number) => Effect.Effect<Ends, unknown, Scope.Scope>> = {
  make: (capacity) =>
    Effect.map(Channel.make<number>({ capacity }), (channel) => ({ putter: channel, taker: channel })),
  serve: (capacity) =>
    Effect.map(Channel.serve(Schema.Number, { capacity }), (channel) => ({ putter: channel, taker: channel })),
  remote: (capacity) =>
    Effect.gen(function* () {
      const handle = yield* Schema.encodeEffect(Numbers)(yield* Channel.serve(Schema.Number, { capacity }))
      return {
        putter: yield* Schema.decodeEffect(Numbers)(handle),
        taker: yield* Schema.decodeEffect(Numbers)(handle)
      }
    })
}

for (const [place, open] of Object.entries(places)) {
  /** A fiber that has got as far as it gets, which is when both connections have answered what came after it. */
  const waiting = <A, E>(effect: Effect.Effect<A, E>, { putter, taker }: Ends) =>
    Effect.tap(Effect.forkChild(effect, { startImmediately: true }), () => Effect.andThen(putter.size, taker.size))

  describe(`Channel in its place: ${place}`, () => {
    it.live("Q20: items arrive in the order in which they were put", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { putter, taker } = yield* open(3)
          yield* Effect.forkChild(Effect.forEach([1, 2, 3, 4, 5, 6], putter.put))
          assert.deepStrictEqual(yield* Effect.replicateEffect(taker.take, 6), [1, 2, 3, 4, 5, 6])
        })
      )
    )

    it.live("Q23: close drains, then ChannelClosed; putters fail at once", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const ends = yield* open(2)
          const { putter, taker } = ends
          yield* putter.put(1)
          yield* putter.put(2)
          const late = yield* waiting(Effect.flip(putter.put(3)), ends)
          yield* taker.close
          assert.strictEqual((yield* Fiber.join(late))._tag, "ChannelClosed")
          assert.strictEqual((yield* Effect.flip(putter.put(4)))._tag, "ChannelClosed")
          assert.deepStrictEqual(yield* Stream.runCollect(taker.stream), [1, 2])
          assert.strictEqual((yield* Effect.flip(taker.take))._tag, "ChannelClosed")
          assert.strictEqual((yield* Effect.flip(taker.tryTake))._tag, "ChannelClosed")
        })
      )
    )

    it.live("W29: a full channel blocks its sender; close wakes all who wait", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const ends = yield* open(1)
          const { putter, taker } = ends
          yield* putter.put(1)
          const blocked = yield* waiting(putter.put(2), ends)
          assert.isUndefined(blocked.pollUnsafe())
          assert.strictEqual(yield* taker.take, 1)
          yield* Fiber.join(blocked)
          assert.strictEqual(yield* taker.take, 2)
          const takers = yield* Effect.forEach([1, 2, 3], () => waiting(Effect.flip(taker.take), ends))
          yield* putter.close
          const errors = yield* Effect.forEach(takers, Fiber.join)
          assert.deepStrictEqual(
            errors.map((error) => error._tag),
            ["ChannelClosed", "ChannelClosed", "ChannelClosed"]
          )
        })
      )
    )

    it.live("Q70: a cancelled waiter is skipped and the order of the others kept", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const ends = yield* open(1)
          const order: Array<string> = []
          const take = (name: string) =>
            waiting(
              Effect.andThen(
                ends.taker.take,
                Effect.sync(() => order.push(name))
              ),
              ends
            )
          const [first, second, third] = [yield* take("first"), yield* take("second"), yield* take("third")]
          yield* Fiber.interrupt(second)
          yield* ends.putter.put(1)
          yield* Fiber.join(first)
          yield* ends.putter.put(2)
          yield* Fiber.join(third)
          assert.deepStrictEqual(order, ["first", "third"])
        })
      )
    )

    it.live("Q71: a cancelled take drops no item, whenever it is cancelled", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { putter, taker } = yield* open(4)
          const total = 150
          yield* Effect.forkChild(
            Effect.forEach(
              Array.from({ length: total }, (_, n) => n),
              putter.put
            )
          )
          const taken: Array<number> = []
          for (let round = 0; taken.length < total && round < 20 * total; round++) {
            const fiber = yield* Effect.forkChild(taker.take, { startImmediately: true })
            // Every number of turns from none to more than a round trip needs: the interrupt hits each step of a take.
            for (let turn = 0; turn < round % 12; turn++) yield* Effect.promise(() => new Promise(setImmediate))
            yield* Fiber.interrupt(fiber)
            const exit = yield* Fiber.await(fiber)
            if (Exit.isSuccess(exit)) taken.push(exit.value)
          }
          assert.deepStrictEqual(
            taken,
            Array.from({ length: total }, (_, n) => n)
          )
        })
      )
    )

    it.live("Q21: a deadline that is negative is rejected", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { putter, taker } = yield* open(1)
          assert.instanceOf(yield* Effect.flip(taker.takeWithin(-1)), Channel.InvalidTimeout)
          assert.instanceOf(yield* Effect.flip(putter.putWithin(1, -1)), Channel.InvalidTimeout)
        })
      )
    )

    it.live("a try answers at once: ChannelFull with the capacity, ChannelEmpty", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { putter, taker } = yield* open(1)
          assert.strictEqual((yield* Effect.flip(taker.tryTake))._tag, "ChannelEmpty")
          yield* putter.tryPut(1)
          const full = yield* Effect.flip(putter.tryPut(2))
          assert.deepStrictEqual([full._tag, "capacity" in full && full.capacity], ["ChannelFull", 1])
          assert.strictEqual(yield* taker.tryTake, 1)
        })
      )
    )
  })
}

describe("Channel", () => {
  it.effect("Q36: a put with a deadline fails with ChannelFull after that time, not before", () =>
    Effect.gen(function* () {
      const channel = yield* Channel.make<number>({ capacity: 1 })
      yield* channel.put(1)
      const put = yield* Effect.forkChild(Effect.flip(channel.putWithin(2, "1 second")), { startImmediately: true })
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(put.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(put))._tag, "ChannelFull")
      assert.strictEqual(yield* channel.take, 1)
      const take = yield* Effect.forkChild(Effect.flip(channel.takeWithin("1 second")), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(take))._tag, "ChannelEmpty")
    })
  )

  it.effect("L12: a capacity that is not a positive integer is rejected", () =>
    Effect.gen(function* () {
      for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.instanceOf(yield* Effect.flip(Channel.make({ capacity })), Channel.InvalidOption)
      }
    })
  )

  it.live("P37: an item that can't be encoded fails its own put, says where, and takes no capacity", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const item = Schema.Struct({ name: Schema.String })
        const channel = yield* Channel.serve(item, { capacity: 1 })
        const error = yield* Effect.flip(channel.tryPut({ name: (() => "a function") as never }))
        assert.deepStrictEqual([error._tag, "path" in error && error.path], ["EncodeFailed", ["name"]])
        assert.strictEqual(yield* channel.size, 0)
        yield* channel.tryPut({ name: "fits" })
        assert.deepStrictEqual(yield* channel.take, { name: "fits" })
      })
    )
  )

  it.live("P48: boundaries are kept, and an empty message is a message", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const channel = yield* Channel.serve(Schema.Uint8Array, { capacity: 8 })
        const remote = yield* Schema.decodeEffect(Bytes)(yield* Schema.encodeEffect(Bytes)(channel))
        const lengths = [0, 1, 0, 70_000, 3]
        yield* Effect.forEach(lengths, (length) => remote.put(new Uint8Array(length)))
        const received = yield* Effect.forEach(lengths, () => channel.take)
        assert.deepStrictEqual(
          received.map((bytes) => bytes.length),
          lengths
        )
      })
    )
  )

  it.live("P47: a message of 17 MiB goes to another process and back", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const channel = yield* Channel.serve(Schema.Uint8Array, { capacity: 1 })
        const peer = yield* spawnPeer("echoes bytes", yield* Schema.encodeEffect(Bytes)(channel))
        const item = new Uint8Array(17 * 1024 * 1024).fill(7)
        yield* channel.put(item)
        assert.strictEqual(yield* peer.line, String(item.length))
        assert.strictEqual(Buffer.compare(yield* channel.take, item), 0)
      })
    )
  )
})
