/**
 * A file of lines that only grows, and that survives the death of its writer at any byte.
 *
 * Lines are read when the file is opened, and what the last writer left unfinished is cut off. So is what a failed write left
 * behind. One process at a time has it open: see `FileLock.ts`.
 *
 * @internal
 */
import { constants } from "node:fs"
import * as fs from "node:fs/promises"
import { dirname } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { holdLock } from "./FileLock.ts"
import { FileFailed, type FileInUse } from "./fileErrors.ts"
import { GroupCommit } from "./GroupCommit.ts"
import { LineReader } from "./LineReader.ts"

export interface LineFileOptions {
  /** Whether lines are on the disk when `append` succeeds. If not, they survive this process, and not the machine. */
  readonly durable: boolean
  /** Is given each line that is there. Opening the file fails with what it throws. */
  readonly onLine: (line: string, index: number) => void
  /**
   * Is given what stands after the last line's end, and answers whether it is a line that only lacks its end: then that is
   * added, and the line goes to `onLine`. If not, it is cut off. It throws when no writer of ours can have left it: then nothing
   * is changed.
   */
  readonly onTail: (tail: string, index: number) => boolean
}

export interface LineFile {
  /** Adds lines, none of which contains a line feed, in one write; those of others, that came meanwhile, are in it too. */
  readonly append: (lines: ReadonlyArray<string>) => Effect.Effect<void, FileFailed>
}

/** Opens a file, or makes an empty one, until the scope closes. */
export const openLineFile = (
  path: string,
  options: LineFileOptions
): Effect.Effect<LineFile, FileFailed | FileInUse, Scope.Scope> =>
  Effect.gen(function* () {
    const { durable } = options
    const attempt = attemptAt(path)
    const handle = yield* Effect.acquireRelease(
      attempt("open", () => fs.open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o666)),
      (handle) => Effect.ignore(attempt("write", () => handle.close()))
    )
    // Two names of one file have one lock.
    const real = yield* attempt("open", () => fs.realpath(path))
    yield* holdLock(path, `${real}.lock`)
    let end = yield* readAndRepair(attempt, handle, options)
    if (durable) yield* syncFolder(attempt, dirname(real))

    let broken: FileFailed | undefined
    const breakWith = (error: FileFailed) =>
      Effect.sync(() => {
        broken ??= error
      })

    const commits = new GroupCommit<string, FileFailed>((lines) => {
      if (broken !== undefined) return Effect.fail(broken)
      const bytes = encode(lines)
      const append = attempt("write", () => handle.appendFile(bytes))
      return Effect.matchEffect(durable ? Effect.andThen(append, syncData(attempt, handle)) : append, {
        onSuccess: () =>
          Effect.sync(() => {
            end += bytes.length
          }),
        // Half a line would spoil the next one. What can't be taken back is the last that is written.
        onFailure: (error) =>
          Effect.andThen(Effect.catch(truncate(attempt, handle, end), breakWith), Effect.fail(error))
      })
    })
    // Runs first when the scope closes: the file stays open, and locked, until what is being written has been.
    yield* Effect.addFinalizer(() => commits.inTurn(breakWith(closed(path))))
    return { append: (lines) => (lines.length === 0 ? Effect.void : commits.add(lines)) }
  })

type Attempt = <A>(doing: FileFailed["doing"], run: () => Promise<A>) => Effect.Effect<A, FileFailed>

const attemptAt =
  (file: string): Attempt =>
  (doing, run) =>
    Effect.tryPromise({ try: run, catch: (cause) => new FileFailed({ file, doing, cause }) })

const closed = (file: string) => new FileFailed({ file, doing: "write", cause: new Error("its scope has been closed") })

const encode = (lines: ReadonlyArray<string>): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(""))

const truncate = (attempt: Attempt, handle: fs.FileHandle, end: number) => attempt("write", () => handle.truncate(end))

const syncData = (attempt: Attempt, handle: fs.FileHandle) => attempt("write", () => handle.datasync())

const chunkSize = 64 * 1024

/** Answers with where the next line goes. */
const readAndRepair = (
  attempt: Attempt,
  handle: fs.FileHandle,
  { onLine, onTail }: LineFileOptions
): Effect.Effect<number, FileFailed> =>
  Effect.gen(function* () {
    const reader = new LineReader(onLine)
    const chunk = Buffer.alloc(chunkSize)
    const readOn = Effect.flatMap(
      attempt("read", () => handle.read(chunk, 0, chunkSize, reader.size)),
      ({ bytesRead }) => attempt("read", async () => reader.read(chunk.subarray(0, bytesRead)))
    )
    yield* Effect.repeat(readOn, { while: (wasMore) => wasMore })
    const { lines, tail } = reader
    if (tail === "") return reader.size
    if (yield* attempt("read", async () => onTail(tail, lines))) {
      yield* attempt("write", () => handle.appendFile("\n"))
      yield* attempt("read", async () => onLine(tail, lines))
      return reader.size + 1
    }
    yield* truncate(attempt, handle, reader.end)
    return reader.end
  })

/** A new file is lost with the machine unless its folder is on the disk too. Windows has no such thing. */
const syncFolder = (attempt: Attempt, folder: string): Effect.Effect<void, FileFailed> => {
  const open = Effect.acquireRelease(
    attempt("open", () => fs.open(folder, "r")),
    (handle) => Effect.ignore(attempt("open", () => handle.close()))
  )
  return process.platform === "win32"
    ? Effect.void
    : Effect.scoped(Effect.flatMap(open, (handle) => attempt("write", () => handle.sync())))
}
