import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Manager from "@ropewalk/core/Manager"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Shared } from "../fixtures/remote/shared.ts"

/** Speaks to the manager's socket without its protocol; answers everything that the server said until it hung up. */
const speak = (address: Manager.Address, bytes: Uint8Array | undefined) =>
  Effect.callback<Buffer>((resume) => {
    const socket = address.transport === "unix" ? net.connect(address.path) : net.connect(address.port, address.host)
    const heard: Array<Buffer> = []
    socket.on("data", (chunk: Buffer) => {
      heard.push(chunk)
      if (heard.length > 1) return
      if (bytes === undefined) socket.destroy()
      else socket.write(bytes)
    })
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(Buffer.concat(heard))))
    return Effect.sync(() => socket.destroy())
  })

/** A server that is not a manager: it says this and keeps the connection. */
const impostor = (greeting: Uint8Array) =>
  Effect.acquireRelease(
    Effect.callback<{ address: Manager.Address; server: net.Server }>((resume) => {
      const server = net.createServer((socket) => {
        socket.on("error", () => {})
        socket.write(greeting)
        // Reflects whatever proof it is given.
        socket.on("data", (chunk: Buffer) => socket.write(Buffer.concat([Buffer.of(1), chunk.subarray(-32)])))
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as net.AddressInfo
        resume(Effect.succeed({ server, address: { transport: "tcp", host: "127.0.0.1", port, key: "secret" } }))
      })
    }),
    ({ server }) => Effect.sync(() => server.close())
  ).pipe(Effect.map(({ address }) => address))

for (const transport of ["unix", "tcp"] as const) {
  describe(`Manager over ${transport}`, () => {
    it.live("P51: a wrong key fails authentication on both sides, and the server goes on", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { address, rejections } = yield* Manager.make(Shared, { transport })
          const wrong = { ...address, key: "guess" }
          const error = yield* Effect.flip(Effect.scoped(Manager.connect(Shared, wrong)))
          assert.deepInclude(error, { _tag: "AuthenticationFailed", side: "client", reason: "WrongKey" })
          const [rejection] = yield* Stream.runCollect(Stream.take(rejections, 1))
          assert.deepInclude(rejection, { _tag: "AuthenticationFailed", side: "server", reason: "WrongKey" })
          const { total } = yield* Manager.connect(Shared, address)
          assert.strictEqual(yield* total.add(1), 1)
        })
      )
    )

    it.live("P51: garbage in place of an answer is refused, reported, and hurts nobody", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { address, proxies, rejections } = yield* Manager.make(Shared, { transport })
          const client = yield* Manager.connect(Shared, address)
          const garbage = [Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.alloc(1_000_000, 0xff), undefined]
          for (const bytes of garbage) {
            const heard = yield* speak(address, bytes)
            // The greeting and nothing else: a magic and a nonce.
            assert.strictEqual(heard.length, 40)
          }
          const reasons = Array.from(yield* Stream.runCollect(Stream.take(rejections, 3)), ({ reason }) => reason)
          assert.deepStrictEqual(reasons, ["NotThisProtocol", "NotThisProtocol", "Disconnected"])
          assert.strictEqual(yield* client.total.add(1), 1)
          assert.strictEqual(yield* proxies.total.get, 1)
        })
      )
    )
  })
}

describe("Manager", () => {
  it.live("P51: a client gives nothing to a server that does not hold the key", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const greeting = Buffer.concat([Buffer.from("ropewlk1"), Buffer.alloc(32)])
        const reflecting = yield* Effect.flip(Manager.connect(Shared, yield* impostor(greeting)))
        assert.deepInclude(reflecting, { _tag: "AuthenticationFailed", side: "client", reason: "WrongKey" })
        const http = yield* Effect.flip(Manager.connect(Shared, yield* impostor(Buffer.from("HTTP/1.1 400\r\n\r\n"))))
        assert.deepInclude(http, { _tag: "AuthenticationFailed", side: "client", reason: "NotThisProtocol" })
      })
    )
  )

  it.effect("P51: who says nothing is turned away after the deadline", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { address, rejections } = yield* Manager.make(Shared)
        const silent = yield* Effect.forkChild(speak(address, new Uint8Array(0)), { startImmediately: true })
        const rejection = yield* Effect.forkChild(Stream.runHead(rejections), { startImmediately: true })
        // Real sockets under a virtual clock: the deadline starts when the greeting is sent, some turns from now.
        while (rejection.pollUnsafe() === undefined) {
          yield* Effect.promise(() => new Promise(setImmediate))
          yield* TestClock.adjust("1 second")
        }
        assert.strictEqual(Option.getOrThrow(yield* Fiber.join(rejection)).reason, "Timeout")
        assert.strictEqual((yield* Fiber.join(silent)).length, 40)
      })
    )
  )

  it.live("P51: a chosen key works on both sides", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { address } = yield* Manager.make(Shared, { key: "our secret" })
        assert.strictEqual(address.key, "our secret")
        yield* Manager.connect(Shared, address)
      })
    )
  )

  it.live("the socket is in a directory of its owner alone, which goes with the scope", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.scoped(
        Effect.gen(function* () {
          const { address } = yield* Manager.make(Shared)
          if (address.transport !== "unix") return undefined
          const directory = path.dirname(address.path)
          assert.strictEqual(fs.statSync(directory).mode & 0o777, 0o700)
          return directory
        })
      )
      if (directory !== undefined) assert.isFalse(fs.existsSync(directory))
    })
  )
})
