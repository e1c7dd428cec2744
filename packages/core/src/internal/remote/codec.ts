/**
 * Values as bytes, on both sides of a process boundary.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as SchemaBinary from "effect/encoding/SchemaBinary"
import * as Schema from "effect/Schema"
import { describeIssue } from "../codec/describeIssue.ts"
import { EncodeFailed, type RemoteError } from "../errors.ts"
import { unservable } from "./errors.ts"

/** What may cross: a schema that needs no services. */
export type Sendable<A> = Schema.Codec<A, unknown, never, never>

export interface Codec<A> {
  readonly encode: (value: A) => Effect.Effect<Uint8Array, EncodeFailed>
  readonly decode: (bytes: Uint8Array) => Effect.Effect<A, RemoteError>
}

/** The bytes begin with the schema's fingerprint, so that two processes with different schemas notice it. */
export const makeCodec = <A>(schema: Sendable<A>): Codec<A> => {
  const binary = SchemaBinary.toCodec(schema, { fingerprint: true })
  const encode = Schema.encodeUnknownEffect(binary)
  const decode = Schema.decodeUnknownEffect(binary)
  return {
    encode: (value) =>
      Effect.mapError(encode(value), (error) => new EncodeFailed({ what: "value", ...describeIssue(error.issue) })),
    decode: (bytes) => Effect.mapError(decode(bytes), unservable) as Effect.Effect<A, RemoteError>
  }
}
