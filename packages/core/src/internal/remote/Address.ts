/**
 * Where a server listens and what proves that a client may talk to it. Plain data: it survives structured clone, JSON,
 * an environment variable.
 *
 * Whoever holds an address may connect, so treat it as the secret that it contains.
 *
 * @internal
 */
import * as crypto from "node:crypto"
import * as Schema from "effect/Schema"

const UnixAddress = Schema.Struct({
  transport: Schema.Literal("unix"),
  path: Schema.String,
  key: Schema.String
})

const TcpAddress = Schema.Struct({
  transport: Schema.Literal("tcp"),
  host: Schema.String,
  port: Schema.Int,
  key: Schema.String
})

export const Address = Schema.Union([UnixAddress, TcpAddress])

export type Address = typeof Address.Type

/** 256 random bits, written in characters that an environment variable can carry. */
export const randomKey = (): string => crypto.randomBytes(32).toString("base64url")
