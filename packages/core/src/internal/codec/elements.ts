/**
 * The elements of a stream, encoded or decoded one after the other.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as SchemaIssue from "effect/SchemaIssue"
import { exitNow } from "./now.ts"

export interface Converted {
  /** Up to the one that was refused. */
  readonly values: ReadonlyArray<unknown>
  /** Its place is the number of the values. */
  readonly issue: SchemaIssue.Issue | undefined
}

type Convert = (value: unknown) => Effect.Effect<unknown, SchemaIssue.Issue>

/** Never fails. What a schema does at once, as most do, is done in one loop. */
export const convertAll = (convert: Convert, values: ReadonlyArray<unknown>): Effect.Effect<Converted> =>
  Effect.suspend(() => convertFrom(convert, values, []))

const convertFrom = (
  convert: Convert,
  values: ReadonlyArray<unknown>,
  converted: Array<unknown>
): Effect.Effect<Converted> => {
  while (converted.length < values.length) {
    const effect = convert(values[converted.length])
    const done = exitNow(effect)
    if (done?._tag !== "Success") {
      return Effect.matchEffect(effect, {
        onFailure: (issue) => Effect.succeed({ values: converted, issue }),
        onSuccess: (value) => {
          converted.push(value)
          return convertFrom(convert, values, converted)
        }
      })
    }
    converted.push(done.value)
  }
  return Effect.succeed({ values: converted, issue: undefined })
}
