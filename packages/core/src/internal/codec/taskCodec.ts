/**
 * A task's payload and outcome, encoded and decoded: the one place where a schema meets the wire.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import * as RpcSchema from "effect/rpc/RpcSchema"
import * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import { EncodeFailed } from "../errors.ts"
import { DecodeFailed } from "../poolErrors.ts"
import type { WireExit, WireReason } from "../transport/Transport.ts"
import { asIsGuard } from "./asIsGuard.ts"
import { toCloneCodec } from "./cloneCodec.ts"
import { describeIssue } from "./describeIssue.ts"
import { containsHandle } from "./handles.ts"
import { movedWith, type TransferList } from "./moves.ts"
import { exitNow, flatMapNow, mapErrorNow, mapNow } from "./now.ts"
import { quickConstruct, unsure } from "./quickConstruct.ts"
import { adoptOrigin, fromWireError, originOf, toWireError } from "./wireError.ts"

/** The services that a schema may need are named in the type of `Pool.run`; here they are found in the fiber's context. */
type Convert = (value: unknown) => Effect.Effect<unknown, SchemaIssue.Issue>

export interface TaskCodec {
  /** The payload with the defaults of its schema, checked: what an untyped caller passes is not trusted. */
  readonly construct: (input: unknown) => Effect.Effect<unknown, EncodeFailed>
  /** Whether something in the payload has to hear of the call's end. */
  readonly carriesHandles: boolean
  /** What the caller said is to be moved with a payload, and not copied. */
  readonly movedWith: (input: unknown) => TransferList | undefined
  /** Whether a payload crosses as it is, and nothing would be made of it: then it needs no `encodePayload`. */
  readonly crossesAsIs: (input: unknown) => boolean
  readonly encodePayload: (input: unknown) => Effect.Effect<unknown, EncodeFailed>
  /** Whether every payload crosses as it is: then there is nothing to decode. */
  readonly takesAsIs: boolean
  readonly decodePayload: (wire: unknown) => Effect.Effect<unknown, SchemaIssue.Issue>
  /** Whether every result crosses as it is: then that of a success needs neither to be encoded nor decoded. */
  readonly answersAsIs: boolean
  readonly encodeExit: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<WireExit>
  readonly decodeExit: (wire: WireExit) => Effect.Effect<unknown, unknown>
  /** Of a task that answers with a stream: its exit has no value then. */
  readonly elements: ElementCodec | undefined
}

/** The caller's side. */
export type CallCodec = Pick<
  TaskCodec,
  "crossesAsIs" | "encodePayload" | "answersAsIs" | "decodeExit" | "carriesHandles" | "elements" | "movedWith"
>

/** Both are `undefined` when elements cross as they are. */
export interface ElementCodec {
  readonly encode: Convert | undefined
  readonly decode: Convert | undefined
}

const codecs = new WeakMap<object, TaskCodec>()
const validating = new WeakMap<object, TaskCodec>()

/** The codec of one task of a group; made once. `validate`: what arrives is checked also when it needs no decoding. */
export const taskCodec = (rpc: Rpc.AnyWithProps, validate = false): TaskCodec => {
  const made = validate ? validating : codecs
  const known = made.get(rpc)
  if (known !== undefined) return known
  const codec = make(rpc, validate)
  made.set(rpc, codec)
  return codec
}

const make = (rpc: Rpc.AnyWithProps, validate: boolean): TaskCodec => {
  const task = rpc._tag
  const payload = converter(rpc.payloadSchema, validate)
  const stream = RpcSchema.isStreamSchema(rpc.successSchema) ? rpc.successSchema : undefined
  const success = converter(stream === undefined ? rpc.successSchema : Schema.Void, validate)
  const errors = [
    rpc.errorSchema,
    ...(stream === undefined ? [] : [stream.error]),
    ...Array.from(rpc.middlewares, (middleware) => middleware.error)
  ]
  const error = converter(errors.length === 1 ? rpc.errorSchema : Schema.Union(errors), validate)
  const makePayload = constructor(rpc.payloadSchema)
  const unfitPayload = (issue: SchemaIssue.Issue) =>
    new EncodeFailed({ task, what: "payload", ...describeIssue(issue) })

  const encodeReason = (reason: Cause.Reason<unknown>): Effect.Effect<WireReason, SchemaIssue.Issue> => {
    switch (reason._tag) {
      case "Fail":
        return Effect.map(error.encode(reason.error), (encoded) => ({
          kind: "fail",
          error: encoded,
          origin: reason.error instanceof Error ? originOf(reason.error) : undefined
        }))
      case "Die":
        return Effect.succeed({ kind: "die", defect: toWireError(reason.defect) })
      case "Interrupt":
        return Effect.succeed({ kind: "interrupt" })
    }
  }

  const decodeReason = (wire: WireReason): Effect.Effect<Cause.Reason<unknown>, SchemaIssue.Issue> => {
    switch (wire.kind) {
      case "fail":
        return Effect.map(error.decode(wire.error), (decoded) => {
          if (decoded instanceof Error && wire.origin !== undefined) adoptOrigin(decoded, wire.origin)
          return Cause.makeFailReason(decoded)
        })
      case "thrown":
        return Effect.succeed(Cause.makeDieReason(fromWireError(wire.thrown)))
      case "die":
        return Effect.succeed(Cause.makeDieReason(fromWireError(wire.defect)))
      case "interrupt":
        return Effect.succeed(Cause.makeInterruptReason())
    }
  }

  const construct = (input: unknown) => mapErrorNow(makePayload(input), unfitPayload)

  return {
    movedWith,
    carriesHandles: containsHandle(rpc.payloadSchema.ast),
    elements: stream === undefined ? undefined : elementCodec(stream.success, validate),
    crossesAsIs: asIsGuard(rpc.payloadSchema),
    takesAsIs: payload === asItIs,
    answersAsIs: success === asItIs,
    construct,
    encodePayload:
      payload === asItIs
        ? construct
        : (input) => mapErrorNow(flatMapNow(makePayload(input), payload.encode), unfitPayload),
    decodePayload: payload.decode,
    encodeExit: (exit) => {
      const encoded = Exit.isSuccess(exit)
        ? mapNow(success.encode(exit.value), (value): WireExit => ({ kind: "success", value }))
        : Effect.map(
            Effect.forEach(exit.cause.reasons, encodeReason),
            (reasons): WireExit => ({ kind: "failure", reasons })
          )
      const done = exitNow(encoded)
      if (done?._tag === "Success") return Exit.succeed(done.value)
      return Effect.catch(encoded, (issue) => {
        const { cause, path } = describeIssue(issue)
        return Effect.succeed<WireExit>({ kind: "unsendable", path, cause: toWireError(cause) })
      })
    },
    decodeExit: (wire) => {
      switch (wire.kind) {
        case "success":
          return mapErrorNow(success.decode(wire.value), (issue) => unreadableResult(task, issue))
        case "failure":
          return Effect.flatMap(
            Effect.mapError(Effect.forEach(wire.reasons, decodeReason), (issue) => unreadableResult(task, issue)),
            (reasons) => Effect.failCause(Cause.fromReasons(reasons))
          )
        default:
          return Effect.fail(problemOf(task, wire))
      }
    }
  }
}

interface Converter {
  readonly encode: Convert
  readonly decode: Convert
}

const asItIs: Converter = { encode: Exit.succeed, decode: Exit.succeed }

/** Most payloads are plain, and need no parser. */
const constructor = (schema: Schema.Top): Convert => {
  const parse = SchemaParser.makeEffect(schema) as Convert
  const quick = quickConstruct(schema.ast)
  if (quick === undefined) return parse
  return (input) => {
    const made = quick(input)
    return made === unsure ? parse(input) : Exit.succeed(made)
  }
}

/** A value that crosses as it is costs nothing: no parser runs, unless what arrives is to be checked. */
const converter = (schema: Schema.Top, validate: boolean): Converter => {
  const codec = toCloneCodec(schema)
  if (codec === undefined && validate) {
    return { ...asItIs, decode: SchemaParser.decodeUnknownEffect(schema) as Convert }
  }
  return codec === undefined
    ? asItIs
    : {
        encode: SchemaParser.encodeUnknownEffect(codec) as Convert,
        decode: SchemaParser.decodeUnknownEffect(codec) as Convert
      }
}

const elementCodec = (schema: Schema.Top, validate: boolean): ElementCodec => {
  const asIs = toCloneCodec(schema) === undefined
  const { decode, encode } = converter(schema, validate)
  return { encode: asIs ? undefined : encode, decode: asIs && !validate ? undefined : decode }
}

/** The typed error behind an outcome that is about the message and not about the task. */
export const problemOf = (
  task: string,
  wire: Extract<WireExit, { readonly kind: "unsendable" | "unreadable" }>
): EncodeFailed | DecodeFailed => {
  const fields = { task, path: wire.path, cause: fromWireError(wire.cause) }
  return wire.kind === "unsendable"
    ? new EncodeFailed({ ...fields, what: "result" })
    : new DecodeFailed({ ...fields, what: "payload" })
}

const unreadableResult = (task: string, issue: SchemaIssue.Issue): DecodeFailed =>
  new DecodeFailed({ task, what: "result", ...describeIssue(issue) })
