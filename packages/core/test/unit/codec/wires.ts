/** The two wires that a value may cross, without the thread or the process behind them. */
import { PassThrough } from "node:stream"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import { toCloneCodec } from "../../../src/internal/codec/cloneCodec.ts"
import { FrameWriter, readFrames, toStream } from "../../../src/internal/transport/frames.ts"

const settled = (value: unknown) => ({ kind: "settled", id: 1, exit: { kind: "success", value } }) as const

const throughFrames = (value: unknown): Effect.Effect<unknown, unknown> =>
  Effect.callback((resume) => {
    const stream = new PassThrough()
    readFrames(
      stream,
      (message) => resume(Effect.succeed((message as ReturnType<typeof settled>).exit.value)),
      (cause) => resume(Effect.fail(cause))
    )
    try {
      new FrameWriter(toStream(stream)).writeNow(settled(value))
    } catch (thrown) {
      resume(Effect.fail(thrown))
    }
  })

/** What a thread's port, and what a process's channel, makes of a value. */
export const wires = {
  thread: (value: unknown): Effect.Effect<unknown, unknown> =>
    Effect.try({ try: () => structuredClone(value), catch: (thrown) => thrown }),
  process: throughFrames
}

type Convert = (value: unknown) => Effect.Effect<unknown, SchemaIssue.Issue>

/** The schema's codec for these wires, as a task uses it: none at all when every value crosses as it is. */
export const converterOf = (schema: Schema.Top): { readonly encode: Convert; readonly decode: Convert } => {
  const codec = toCloneCodec(schema)
  return codec === undefined
    ? { encode: Effect.succeed, decode: Effect.succeed }
    : {
        encode: SchemaParser.encodeUnknownEffect(codec) as Convert,
        decode: SchemaParser.decodeUnknownEffect(codec) as Convert
      }
}

/** The value after its way: encoded, carried, decoded; once for each wire. */
export const cross = (schema: Schema.Top, value: unknown): Effect.Effect<Array<unknown>, unknown> => {
  const { decode, encode } = converterOf(schema)
  return Effect.flatMap(encode(value), (encoded) =>
    Effect.forEach([wires.thread, wires.process], (wire) => Effect.flatMap(wire(encoded), decode))
  )
}
