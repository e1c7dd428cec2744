import { assert, describe, it } from "@effect/vitest"
import * as Pipe from "@ropewalk/core/Pipe"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { CallContext, type CallEnd } from "../src/internal/codec/CallContext.ts"
import { Theirs } from "./fixtures/remote/shared.ts"
import { spawnPeer } from "./fixtures/remote/spawn.ts"

const makePipe = Pipe.make({ send: Schema.String, receive: Schema.Number })

/** A call that the test settles. */
const makeCall = () => {
  const callbacks: Array<(end: CallEnd) => void> = []
  const context: CallContext = { place: "process", onSettled: (callback) => callbacks.push(callback) }
  return {
    provide: Effect.provideService(CallContext, context),
    settle: (end: CallEnd) => {
      for (const callback of callbacks) callback(end)
    }
  }
}

describe("Pipe", () => {
  it.live("both directions, between endpoints of one process", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        yield* here.send("rope")
        assert.strictEqual(yield* there.receive, "rope")
        yield* there.send(4)
        assert.strictEqual(yield* here.receive, 4)
      })
    )
  )

  it.live("both directions with another process; after close it has drained what was sent", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        const peer = yield* spawnPeer("answers and closes", yield* Schema.encodeEffect(Theirs)(there))
        yield* here.send("one")
        yield* here.send("three")
        assert.deepStrictEqual([yield* here.receive, yield* here.receive], [3, 5])
        yield* here.close
        assert.strictEqual(yield* peer.line, "done")
        assert.strictEqual(yield* peer.exit, 0)
      })
    )
  )

  it.live("close: the other side receives what was sent, then PipeClosed; here everything fails now", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        yield* there.send(1)
        yield* there.send(2)
        yield* there.close
        assert.deepStrictEqual(yield* Stream.runCollect(here.stream), [1, 2])
        const errors = [here.receive, here.send("x"), there.send(3), there.receive]
        for (const error of errors)
          assert.strictEqual((yield* Effect.flip(error as Effect.Effect<unknown, { _tag: string }>))._tag, "PipeClosed")
      })
    )
  )

  it.live("a killed peer: what it had sent, then PeerDied, for receive and for send", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        const peer = yield* spawnPeer("sends two and hangs", yield* Schema.encodeEffect(Theirs)(there))
        assert.strictEqual(yield* peer.line, "sent")
        yield* peer.kill
        assert.deepStrictEqual([yield* here.receive, yield* here.receive], [1, 2])
        assert.strictEqual((yield* Effect.flip(here.receive))._tag, "PeerDied")
        assert.strictEqual((yield* Effect.flip(here.send("x")))._tag, "PeerDied")
      })
    )
  )

  it.live("a killed peer wakes who waits for it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        const peer = yield* spawnPeer("sends two and hangs", yield* Schema.encodeEffect(Theirs)(there))
        const waiting = yield* Effect.forkChild(Effect.exit(Stream.runCollect(here.stream)))
        yield* peer.line
        yield* peer.kill
        assert.include(String(yield* Fiber.join(waiting)), "PeerDied")
      })
    )
  )

  it.live("a peer that dies before it connected is noticed through its call", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        const call = makeCall()
        yield* Schema.encodeEffect(Theirs)(there).pipe(call.provide)
        const waiting = yield* Effect.forkChild(Effect.flip(here.receive), { startImmediately: true })
        call.settle("crashed")
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "PeerDied")
      })
    )
  )

  for (const [end, error] of [
    ["crashed", "PeerDied"],
    ["returned", "PipeClosed"]
  ] as const) {
    it.live(`${end}: both directions end in one step, also for who acts on the end of the first`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const [here, there] = yield* makePipe
          const call = makeCall()
          yield* Schema.encodeEffect(Theirs)(there).pipe(call.provide)
          const receiveThenSend = Effect.all([Effect.flip(here.receive), Effect.flip(here.send("x"))])
          const sendThenReceive = Effect.all([Effect.flip(Effect.forever(here.send("y"))), Effect.flip(here.receive)])
          const ownTurn = Effect.all([Effect.flip(there.send(1).pipe(Effect.forever)), Effect.flip(there.receive)])
          const fibers = yield* Effect.forEach([receiveThenSend, sendThenReceive], (actor) =>
            Effect.forkChild(actor, { startImmediately: true })
          )
          call.settle(end)
          for (const fiber of fibers) {
            const tags = (yield* Fiber.join(fiber)).map(({ _tag }) => _tag)
            assert.deepStrictEqual(tags, [error, error])
          }
          assert.deepStrictEqual(
            (yield* ownTurn).map(({ _tag }) => _tag),
            [error, error]
          )
        })
      )
    )
  }

  it.live("a call that returns closes its endpoint, also when its process is gone before the news of it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        const call = makeCall()
        const handle = yield* Schema.encodeEffect(Theirs)(there).pipe(call.provide)
        const peer = yield* spawnPeer("sends two and hangs", handle)
        yield* peer.line
        yield* peer.kill
        assert.deepStrictEqual([yield* here.receive, yield* here.receive], [1, 2])
        const waiting = yield* Effect.forkChild(Effect.flip(here.receive), { startImmediately: true })
        call.settle("returned")
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "PipeClosed")
      })
    )
  )

  it.live("in the worker a decoded endpoint closes when its call returns, used or not", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* makePipe
        const call = makeCall()
        yield* Schema.decodeEffect(Theirs)(yield* Schema.encodeEffect(Theirs)(there)).pipe(call.provide)
        call.settle("returned")
        assert.strictEqual((yield* Effect.flip(here.receive))._tag, "PipeClosed")
      })
    )
  )

  it.live("two workers talk to each other through who made the pipe", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const Ours = Pipe.schema({ send: Schema.String, receive: Schema.Number })
        const [here, there] = yield* makePipe
        const left = yield* Schema.decodeEffect(Ours)(yield* Schema.encodeEffect(Ours)(here))
        const right = yield* spawnPeer("answers and closes", yield* Schema.encodeEffect(Theirs)(there))
        yield* left.send("seven")
        assert.strictEqual(yield* left.receive, 5)
        yield* right.kill
        assert.strictEqual((yield* Effect.flip(left.receive))._tag, "PeerDied")
      })
    )
  )

  it.live("the end of the scope that made it closes the pipe for everybody", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const owner = yield* Scope.make()
        const [, there] = yield* Scope.provide(makePipe, owner)
        const remote = yield* Schema.decodeEffect(Theirs)(yield* Schema.encodeEffect(Theirs)(there))
        yield* remote.send(1)
        const waiting = yield* Effect.forkChild(Effect.flip(remote.receive), { startImmediately: true })
        yield* remote.send(2)
        yield* Scope.close(owner, Exit.void)
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "PipeClosed")
      })
    )
  )

  it.live("a full direction makes its sender wait", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [here, there] = yield* Pipe.make({ send: Schema.String, receive: Schema.Number, capacity: 1 })
        yield* here.send("a")
        const second = yield* Effect.forkChild(here.send("b"), { startImmediately: true })
        assert.isUndefined(second.pollUnsafe())
        assert.strictEqual(yield* there.receive, "a")
        yield* Fiber.join(second)
      })
    )
  )

  it.live("L12: a capacity that is not a positive integer is rejected", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Pipe.make({ send: Schema.Null, receive: Schema.Null, capacity: 0 }))
      assert.instanceOf(error, Pipe.InvalidOption)
    })
  )
})
