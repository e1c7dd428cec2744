import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@ropewalk/core/Channel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { Words } from "./fixtures/remote/shared.ts"
import { spawnPeer } from "./fixtures/remote/spawn.ts"

const served = Effect.gen(function* () {
  const channel = yield* Channel.serve(Schema.String, { capacity: 2 })
  const handle = yield* Schema.encodeEffect(Words)(channel)
  return { channel, handle }
})

describe("Channel", () => {
  it.effect("abandon drops the items and fails everybody with the cause", () =>
    Effect.gen(function* () {
      const channel = yield* Channel.make<number>({ capacity: 1 })
      yield* channel.put(1)
      const putter = yield* Effect.forkChild(Effect.flip(channel.put(2)), { startImmediately: true })
      yield* channel.abandon("broken")
      const errors = [yield* Fiber.join(putter), yield* Effect.flip(channel.take), yield* Effect.flip(channel.put(3))]
      assert.deepStrictEqual(
        errors.map((error) => [error._tag, "cause" in error && error.cause]),
        Array.from({ length: 3 }, () => ["ChannelAbandoned", "broken"])
      )
    })
  )

  it.effect("a channel of one thread can't be encoded for another", () =>
    Effect.gen(function* () {
      const channel = yield* Channel.make<string>({ capacity: 1 })
      const error = yield* Effect.flip(Schema.encodeEffect(Words)(channel))
      assert.include(String(error), "Channel.serve")
    })
  )

  it.live("a peer that is killed while it waits to take leaves nothing behind", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { channel, handle } = yield* served
        const peer = yield* spawnPeer("takes for ever", handle)
        yield* peer.line
        yield* peer.kill
        yield* channel.put("a")
        assert.strictEqual(yield* channel.take, "a")
      })
    )
  )

  it.live("a peer that is killed while it waits to put leaves nothing behind", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { channel, handle } = yield* served
        yield* channel.put("a")
        yield* channel.put("b")
        const peer = yield* spawnPeer("puts for ever", handle)
        yield* peer.line
        yield* peer.kill
        assert.deepStrictEqual([yield* channel.take, yield* channel.take], ["a", "b"])
        assert.strictEqual((yield* Effect.flip(channel.takeWithin("50 millis")))._tag, "ChannelEmpty")
      })
    )
  )

  it.live("a peer that is killed after it took an item has taken it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { channel, handle } = yield* served
        const peer = yield* spawnPeer("takes for ever", handle)
        yield* peer.line
        yield* channel.put("a")
        assert.strictEqual(yield* peer.line, "a")
        yield* peer.kill
        yield* channel.put("b")
        assert.strictEqual(yield* channel.take, "b")
      })
    )
  )

  it.live("a thousand items pass through a capacity of two, in order", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { channel, handle } = yield* served
        const peer = yield* spawnPeer("puts a thousand", handle)
        const items: Array<string> = []
        let largest = 0
        yield* Effect.gen(function* () {
          while (true) {
            items.push(yield* channel.take)
            largest = Math.max(largest, yield* channel.size)
          }
        }).pipe(Effect.catchTag("ChannelClosed", () => Effect.void))
        assert.deepStrictEqual(items, Array.from({ length: 1_000 }, String))
        assert.isAtMost(largest, 2)
        assert.strictEqual(yield* peer.exit, 0)
      })
    )
  )

  it.live("waiting remote takers and later ones learn of the end of the owner's scope", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const waiting = yield* Effect.scoped(
          Effect.gen(function* () {
            const { handle } = yield* served
            const remote = yield* Effect.provideService(Schema.decodeEffect(Words)(handle), ...(yield* outerScope))
            const taker = yield* Effect.forkDetach(Effect.exit(remote.take), { startImmediately: true })
            yield* remote.size
            return { remote, taker }
          })
        ).pipe(Effect.provide(yield* rememberScope))
        const exit = yield* Fiber.join(waiting.taker)
        assert.isTrue(Exit.isFailure(exit))
        assert.strictEqual((yield* Effect.flip(waiting.remote.take))._tag, "ChannelAbandoned")
      })
    )
  )
})
