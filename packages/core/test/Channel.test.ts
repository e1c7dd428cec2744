import { assert, describe, it } from "@effect/vitest"
import * as Channel from "@ropewalk/core/Channel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { CallContext } from "../src/internal/codec/CallContext.ts"
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

  it.live("remote takers learn of the end of the owner's scope at once", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const owner = yield* Scope.make()
        const { handle } = yield* Scope.provide(served, owner)
        const remote = yield* Schema.decodeEffect(Words)(handle)
        yield* remote.size
        const taker = yield* Effect.forkChild(Effect.flip(remote.take), { startImmediately: true })
        yield* remote.size
        yield* Scope.close(owner, Exit.void)
        assert.strictEqual((yield* Fiber.join(taker))._tag, "ChannelAbandoned")
        assert.strictEqual((yield* Effect.flip(remote.take))._tag, "ChannelAbandoned")
      })
    )
  )

  it.live("a decoded channel's connection ends with the call that carried it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { channel, handle } = yield* served
        let settle = (_: "returned" | "crashed"): void => {}
        const call: CallContext = {
          place: "process",
          onSettled: (callback) => {
            settle = callback
          }
        }
        const remote = yield* Effect.provideService(Schema.decodeEffect(Words)(handle), CallContext, call)
        yield* remote.size
        const taker = yield* Effect.forkChild(Effect.flip(remote.take), { startImmediately: true })
        yield* remote.size
        settle("returned")
        assert.strictEqual((yield* Fiber.join(taker))._tag, "ChannelAbandoned")
        yield* channel.put("still here")
        assert.strictEqual(yield* channel.take, "still here")
      })
    )
  )

  it.live("decoded outside of a call and of a scope it fails: nobody would close its connection", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { handle } = yield* served
        const decoded = yield* Effect.promise(() => Effect.runPromiseExit(Schema.decodeEffect(Words)(handle)))
        assert.include(String(decoded), "Effect.scoped")
      })
    )
  )
})
