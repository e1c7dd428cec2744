/**
 * Where `DeadLetter` keeps letters.
 *
 * ```text
 * {"stage":"fetch","index":3,"at":"2026-01-05T22:44:25.000Z","error":{"tag":"NotFound","message":"no such page"},"input":"/a"}
 * ```
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Collected, DeadLetter, FileOptions, Letter } from "../../DeadLetter.ts"
import { describeValue } from "../errors.ts"
import type { FileFailed, FileInUse } from "../file/fileErrors.ts"
import { openLineFile } from "../file/LineFile.ts"
import { DeadLetterFailed } from "./deadLetterErrors.ts"
import { StageTimeout } from "./errors.ts"

/** What is kept of an error that no schema describes. */
export const ErrorSummary = Schema.Struct({
  tag: Schema.optionalKey(Schema.String),
  message: Schema.String
})

export const letterSchema = <I extends Schema.Constraint, F extends Schema.Constraint>(input: I, error: F) =>
  Schema.Struct({
    stage: Schema.String,
    index: Schema.Int,
    at: Schema.DateTimeUtcFromString,
    // Any stage may be given a time limit.
    error: Schema.toCodecJson(Schema.Union([error, StageTimeout])),
    input: Schema.toCodecJson(input)
  })

type AnySink = DeadLetter<unknown, unknown>

export const fileSink = (
  path: string,
  { durable = false, error, input }: FileOptions<Schema.Constraint, Schema.Constraint>
): Effect.Effect<AnySink, DeadLetterFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const encode = Schema.encodeUnknownEffect(letterSchema(input ?? Schema.Json, error ?? ErrorSummary))
    const lines = yield* Effect.mapError(
      openLineFile(path, { durable, onLine: () => {}, onTail: isWholeLetter }),
      (error) => new DeadLetterFailed({ sink: path, cause: causeOf(error) })
    )
    return {
      write: ({ at, cause, index, input: value, stage }) => {
        const failure = Cause.squash(cause)
        const letter = {
          stage,
          index,
          at: DateTime.makeUnsafe(at),
          error: error === undefined ? summaryOf(failure) : failure,
          input: value
        }
        return encode(letter).pipe(
          Effect.catchTag("SchemaError", (refused) =>
            Effect.fail(input === undefined ? new Error(`${refused.message}; give the file a schema`) : refused)
          ),
          Effect.flatMap((encoded) => lines.append([JSON.stringify(encoded)])),
          Effect.mapError((error) => new DeadLetterFailed({ sink: path, stage, cause: causeOf(error) })),
          Effect.provideContext(context as never)
        )
      }
    }
  })

/** No part of a JSON object that lacks its end is JSON. */
const isWholeLetter = (tail: string): boolean => {
  if (!tail.startsWith("{")) throw new Error("it is no file of dead letters; it was not changed")
  try {
    JSON.parse(tail)
    return true
  } catch {
    return false
  }
}

const summaryOf = (failure: unknown): typeof ErrorSummary.Type => {
  const message = describeValue(failure)
  const tag = typeof failure === "object" && failure !== null && "_tag" in failure ? failure._tag : undefined
  return typeof tag === "string" ? { tag, message } : { message }
}

const causeOf = (error: FileFailed | FileInUse | Error): unknown => {
  if (!("_tag" in error)) return error
  if (error._tag === "FileFailed") return error.cause
  return error._tag === "FileInUse" ? new Error(`process ${error.pid} on ${error.host} has it open`) : error
}

export const queueSink = <A, E>(queue: Queue.Enqueue<Letter<A, E>, never>): DeadLetter<A, E> => ({
  write: (letter) =>
    Effect.flatMap(Queue.offer(queue, letter), (isTaken) =>
      isTaken ? Effect.void : Effect.fail(endedQueue(letter.stage))
    )
})

const endedQueue = (stage: string) =>
  new DeadLetterFailed({ sink: "a queue", stage, cause: new Error("the queue takes no more") })

export const collecting = <A, E>(): Effect.Effect<Collected<A, E>> =>
  Effect.sync(() => {
    const letters: Array<Letter<A, E>> = []
    return {
      letters: Effect.sync(() => letters.slice()),
      write: (letter) => Effect.sync(() => void letters.push(letter))
    }
  })
