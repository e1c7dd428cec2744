/**
 * Sources that are files: their lines, and what lines of JSON say.
 *
 * @internal
 */
import { open } from "node:fs/promises"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LineReader } from "../file/LineReader.ts"
import { asEffect, Element, mostAtOnce, type Pull, theEnd } from "./Element.ts"
import { JsonLineInvalid, SourceFailed } from "./errors.ts"
import type { Reading } from "./reading.ts"

export type Path = string | URL

const pathOf = (path: Path): string => (typeof path === "string" ? path : fileURLToPath(path))

export const fileName = (path: Path): string => basename(pathOf(path))

/** Bytes that are read at once. */
const block = 64 * 1024

/** A block is read when the lines of the one before have been taken: no more of the file than that is in memory. */
export const readLines = (path: Path): Effect.Effect<Reading, SourceFailed> => {
  const file = pathOf(path)
  const tried = <A>(work: () => Promise<A>): Effect.Effect<A, SourceFailed> =>
    Effect.tryPromise({ try: work, catch: (cause) => new SourceFailed({ source: file, cause }) })
  return Effect.map(
    tried(() => open(file)),
    (handle) => {
      const buffer = Buffer.allocUnsafe(block)
      let lines: Array<string> = []
      let taken = 0
      let hasEnded = false
      const reader = new LineReader((line) => void lines.push(line))
      const read = Effect.map(
        tried(() => handle.read(buffer, 0, block)),
        ({ bytesRead }) => {
          lines = []
          taken = 0
          if (reader.read(buffer.subarray(0, bytesRead))) return
          hasEnded = true
          if (reader.tail !== "") lines.push(reader.tail)
        }
      )
      const pull: Pull = (most) => {
        if (taken === lines.length) return hasEnded ? theEnd : Effect.flatMap(read, () => asEffect(pull(most)))
        const some = lines.slice(taken, taken + Math.min(most, mostAtOnce))
        taken += some.length
        return some.map((line) => new Element(line.endsWith("\r") ? line.slice(0, -1) : line))
      }
      return { pull, close: Effect.promise(() => handle.close()) }
    }
  )
}

/** What a line says; `index` is its own, from 0. */
export const decodeLine = (path: Path, schema: Schema.Codec<any, any, any, any>) => {
  const file = pathOf(path)
  const decode = Schema.decodeUnknownEffect(schema)
  return (text: string, index: number): Effect.Effect<unknown, JsonLineInvalid, any> => {
    const invalid = (cause: unknown) => new JsonLineInvalid({ path: file, line: index + 1, cause })
    const parsed = Effect.try({ try: (): unknown => JSON.parse(text), catch: invalid })
    return Effect.flatMap(parsed, (value) => Effect.mapError(decode(value), invalid))
  }
}
