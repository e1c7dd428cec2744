/**
 * Where `CheckpointStore` keeps keys.
 *
 * ```text
 * # ropewalk checkpoint 1
 * "page 1"
 * "a key\nof two lines"
 * ```
 *
 * The first line tells the file from any other, which must not be cut or added to.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CheckpointStore, FileOptions } from "../../CheckpointStore.ts"
import type { FileFailed, FileInUse } from "../file/fileErrors.ts"
import { openLineFile } from "../file/LineFile.ts"
import { CheckpointFailed, CheckpointInUse } from "./checkpointErrors.ts"

export const memoryStore = (done: Iterable<string> = []): Effect.Effect<CheckpointStore> =>
  Effect.sync(() => {
    const keys = new Set(done)
    return {
      has: (key) => Effect.sync(() => keys.has(key)),
      markDone: (more) => Effect.sync(() => addAll(keys, more))
    }
  })

export const fileStore = (
  path: string,
  options: FileOptions = {}
): Effect.Effect<CheckpointStore, CheckpointInUse | CheckpointFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const keys = new Set<string>()
    let isNew = true
    const lines = yield* openLineFile(path, {
      durable: options.durable ?? false,
      onLine: (line, index) => {
        if (index > 0) keys.add(parseKey(line, index))
        else if (line !== header) throw notAStore()
        isNew = false
      },
      onTail: (tail, index) => {
        if (index > 0) return isKey(tail)
        if (!header.startsWith(tail)) throw notAStore()
        return false
      }
    })
    if (isNew) yield* lines.append([header])
    const store: CheckpointStore = {
      has: (key) => Effect.sync(() => keys.has(key)),
      markDone: (done) =>
        Effect.suspend(() => {
          const fresh = [...new Set(done)].filter((key) => !keys.has(key))
          const written = Effect.mapError(lines.append(fresh.map((key) => JSON.stringify(key))), failed)
          return Effect.tap(written, () => Effect.sync(() => addAll(keys, fresh)))
        })
    }
    return store
  }).pipe(Effect.mapError(refused))

const header = "# ropewalk checkpoint 1"

const notAStore = () => new Error("it is no file of checkpoints; it was not changed")

const parseKey = (line: string, index: number): string => {
  if (!isKey(line)) throw new Error(`line ${index + 1} is no key; it was not changed`)
  return JSON.parse(line)
}

/** A key is written as JSON; of which no part that lacks its end is JSON. */
const isKey = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === "string"
  } catch {
    return false
  }
}

const addAll = (keys: Set<string>, more: ReadonlyArray<string>): void => {
  for (const key of more) keys.add(key)
}

const failed = ({ cause, doing, file }: FileFailed): CheckpointFailed =>
  new CheckpointFailed({ store: file, doing, cause })

const refused = (error: FileFailed | FileInUse): CheckpointFailed | CheckpointInUse =>
  error._tag === "FileFailed"
    ? failed(error)
    : new CheckpointInUse({ store: error.file, pid: error.pid, host: error.host })
