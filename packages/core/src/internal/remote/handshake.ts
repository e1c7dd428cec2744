/**
 * Mutual authentication before anything else is read from a socket.
 *
 * Lineage: `deliver_challenge` and `answer_challenge` of Python's `multiprocessing.connection`. What differs: one exchange
 * authenticates both sides, each proof covers both nonces and names its role (so that a proof can't be reflected to
 * who asked for it), every frame has a fixed length (so that nobody makes us buffer), and the whole has a deadline.
 *
 * ```text
 * server → client   magic, server's nonce
 * client → server   magic, client's nonce, HMAC(key, "client" + server's nonce + client's nonce)
 * server → client   accepted or refused,   HMAC(key, "server" + server's nonce + client's nonce)
 * ```
 *
 * @internal
 */
import * as crypto from "node:crypto"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Socket from "effect/socket/Socket"
import { AuthenticationFailed, ConnectionLost } from "./errors.ts"

/** Long enough for a busy machine, short enough that silent strangers don't pile up. */
const deadline = "10 seconds"

const magic = Buffer.from("ropewlk1")
const nonceLength = 32
const proofLength = 32
const accepted = 1
const refused = 0

/** The client's half. The socket it returns carries rpc frames and nothing else. */
export const authenticateAsClient = Effect.fnUntraced(
  function* (socket: Socket.Socket, key: string) {
    const failed = (reason: AuthenticationFailed["reason"]) => new AuthenticationFailed({ side: "client", reason })
    const { pull } = yield* socket.reader
    const writer = yield* socket.writer
    const input = new Frames(pull)

    yield* Effect.gen(function* () {
      if (!(yield* input.startsWith(magic))) return yield* failed("NotThisProtocol")
      const serverNonce = yield* input.take(nonceLength)
      const clientNonce = crypto.randomBytes(nonceLength)
      yield* writer.write(Buffer.concat([magic, clientNonce, proof(key, "client", serverNonce, clientNonce)]))
      const verdict = yield* input.take(1 + proofLength)
      const genuine = isEqual(verdict.subarray(1), proof(key, "server", serverNonce, clientNonce))
      if (verdict[0] !== accepted || !genuine) return yield* failed("WrongKey")
    }).pipe(Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.fail(failed("Timeout")) }))
    return Socket.make({ reader: Effect.succeed(input.reader), writer: Effect.succeed(writer) })
  },
  Effect.catchTag("SocketError", (cause) => Effect.fail(new ConnectionLost({ cause })))
)

/** The server's half. The socket it returns carries rpc frames and nothing else. */
export const authenticateAsServer = Effect.fnUntraced(
  function* (socket: Socket.Socket, key: string) {
    const failed = (reason: AuthenticationFailed["reason"]) => new AuthenticationFailed({ side: "server", reason })
    const { pull } = yield* socket.reader
    const writer = yield* socket.writer
    const input = new Frames(pull)

    yield* Effect.gen(function* () {
      const serverNonce = crypto.randomBytes(nonceLength)
      yield* writer.write(Buffer.concat([magic, serverNonce]))
      if (!(yield* input.startsWith(magic))) return yield* failed("NotThisProtocol")
      const clientNonce = yield* input.take(nonceLength)
      const genuine = isEqual(yield* input.take(proofLength), proof(key, "client", serverNonce, clientNonce))
      // A client that failed gets noise instead of our proof: it has no right to a signature over a nonce it chose.
      const reply = genuine ? proof(key, "server", serverNonce, clientNonce) : crypto.randomBytes(proofLength)
      yield* writer.write(Buffer.concat([Buffer.of(genuine ? accepted : refused), reply]))
      if (!genuine) return yield* failed("WrongKey")
    }).pipe(Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.fail(failed("Timeout")) }))
    return Socket.make({ reader: Effect.succeed(input.reader), writer: Effect.succeed(writer) })
  },
  Effect.catchTag("SocketError", () =>
    Effect.fail(new AuthenticationFailed({ side: "server", reason: "Disconnected" }))
  )
)

const proof = (key: string, role: "client" | "server", serverNonce: Uint8Array, clientNonce: Uint8Array): Buffer =>
  crypto.createHmac("sha256", key).update(`ropewalk/${role}\0`).update(serverNonce).update(clientNonce).digest()

const isEqual = (received: Uint8Array, expected: Uint8Array): boolean =>
  received.length === expected.length && crypto.timingSafeEqual(received, expected)

/** Cuts frames of known length from a socket and hands what follows them to the rpc layer. */
class Frames {
  readonly #pull: Socket.Reader["pull"]
  #buffered: Buffer = Buffer.alloc(0)

  constructor(pull: Socket.Reader["pull"]) {
    this.#pull = pull
  }

  take(length: number): Effect.Effect<Buffer, Socket.SocketError> {
    return Effect.suspend(() => {
      if (this.#buffered.length < length) return Effect.andThen(this.#more, this.take(length))
      const frame = this.#buffered.subarray(0, length)
      this.#buffered = this.#buffered.subarray(length)
      return Effect.succeed(frame)
    })
  }

  /** Takes the prefix, or answers `false` with the first byte that differs: a stranger may never send as many. */
  startsWith(prefix: Buffer): Effect.Effect<boolean, Socket.SocketError> {
    return Effect.suspend(() => {
      const length = Math.min(this.#buffered.length, prefix.length)
      if (!this.#buffered.subarray(0, length).equals(prefix.subarray(0, length))) return Effect.succeed(false)
      if (length < prefix.length) return Effect.andThen(this.#more, this.startsWith(prefix))
      return Effect.as(this.take(length), true)
    })
  }

  get #more(): Effect.Effect<void, Socket.SocketError> {
    return Effect.map(this.#pull, (chunks) => {
      this.#buffered = Buffer.concat([this.#buffered, ...chunks.map(toBuffer)])
    })
  }

  readonly reader: Socket.Reader = {
    pull: Effect.suspend((): Socket.Reader["pull"] => {
      const rest: NonEmptyReadonlyArray<Uint8Array> = [this.#buffered]
      if (this.#buffered.length === 0) return Effect.mapError(this.#pull, asClose)
      this.#buffered = Buffer.alloc(0)
      return Effect.succeed(rest)
    }),
    upgrade: Socket.SocketUpgradeError.unsupported
  }
}

const toBuffer = (chunk: Uint8Array | string): Uint8Array => (typeof chunk === "string" ? Buffer.from(chunk) : chunk)

/** A peer that was killed with data in flight resets the connection: to the rpc layer that is an end like any other. */
const asClose = (error: Socket.SocketError): Socket.SocketError =>
  error.reason._tag === "SocketReadError"
    ? new Socket.SocketError({ reason: new Socket.SocketCloseError({ code: 1006 }) })
    : error
