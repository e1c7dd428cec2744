/**
 * What can go wrong with the files of this room. The public modules that use them have errors of their own, which say what
 * the file is for.
 *
 * @internal
 */
import * as Data from "effect/Data"

export class FileFailed extends Data.TaggedError("FileFailed")<{
  readonly file: string
  readonly doing: "open" | "read" | "write"
  readonly cause: unknown
}> {}

/** Another holds the file's lock. */
export class FileInUse extends Data.TaggedError("FileInUse")<{
  readonly file: string
  readonly pid: number
  readonly host: string
}> {}
