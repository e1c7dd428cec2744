/**
 * What really ran, written by the workers themselves: a file to which every worker appends a record of twelve bytes when a
 * task starts, and while one spins. Records are appended whole and in the order in which things happen, so that the
 * length of the file is a clock: a record of a task behind the length that its caller saw when it was answered shows a task
 * that ran on.
 */
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface RunRecord {
  readonly token: number
  /** Thread id or process id. */
  readonly worker: number
  readonly mark: "started" | "running"
  /** The length of the file before it. */
  readonly at: number
}

const recordBytes = 12
const marks = ["started", "running"] as const

/** The name of the environment variable that tells a worker where to write. */
export const runLogVariable = "SOAK_RUN_LOG"

/** The worker's side. */
export const openRunLog = (worker: number): ((token: number, mark: RunRecord["mark"]) => void) => {
  const file = openSync(process.env[runLogVariable] as string, "a")
  const record = Buffer.alloc(recordBytes)
  record.writeUInt32LE(worker, 4)
  return (token, mark) => {
    record.writeUInt32LE(token, 0)
    record.writeUInt32LE(marks.indexOf(mark), 8)
    writeSync(file, record)
  }
}

export interface RunLog {
  readonly path: string
  readonly length: () => number
  readonly records: () => ReadonlyArray<RunRecord>
}

/** The soak's side: a file that is gone with its scope. */
export const makeRunLog: Effect.Effect<RunLog, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(join(tmpdir(), "ropewalk-soak-"))
      const path = join(folder, "runs")
      return { folder, path, file: openSync(path, "a") }
    }),
    ({ file, folder }) =>
      Effect.sync(() => {
        closeSync(file)
        rmSync(folder, { recursive: true, force: true })
      })
  ),
  ({ file, path }) => ({ path, length: () => fstatSync(file).size, records: () => recordsIn(readFileSync(path)) })
)

const recordsIn = (bytes: Buffer): Array<RunRecord> => {
  const records: Array<RunRecord> = []
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    records.push({
      token: bytes.readUInt32LE(at),
      worker: bytes.readUInt32LE(at + 4),
      mark: marks[bytes.readUInt32LE(at + 8)] ?? "started",
      at
    })
  }
  return records
}
