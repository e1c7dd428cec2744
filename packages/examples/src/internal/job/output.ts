/**
 * Where a job puts what it makes: a folder in which no file is ever half-written. A file is written beside its place and then
 * renamed; a job that fails or is interrupted leaves nothing.
 *
 * @internal
 */
import { mkdir, mkdtemp, rename, rm, rmdir, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { OutputUnwritable } from "../../JobError.ts"

/**
 * Where to: a folder; nowhere, for a job that is only shown, which leaves nothing; or by default a new folder among the
 * system's temporary ones.
 */
export type Destination = string | "nowhere" | undefined

export interface OutputFolder {
  readonly path: string
  /** Whether there will be something to see when the job has ended. */
  readonly isKept: boolean
  /** Writes a file, all of it or nothing. Succeeds with its path. */
  readonly write: (name: string, content: string | Uint8Array) => Effect.Effect<string, OutputUnwritable>
  /** A file that grows while the job runs, and is in its place when it is kept. */
  readonly stage: (name: string) => Effect.Effect<Staged, never, Scope.Scope>
}

interface Staged {
  /** Where to write until then. */
  readonly path: string
  /** Puts it in its place. Succeeds with its path there. */
  readonly keep: Effect.Effect<string, OutputUnwritable>
}

/** Opens the folder, and makes it if it is not there. An empty one that was made for nothing goes with the scope. */
export const openOutput = (
  job: string,
  destination: Destination
): Effect.Effect<OutputFolder, OutputUnwritable, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(makeFolder(job, destination), ({ made, path }) =>
      destination === "nowhere"
        ? quietly(() => rm(path, { recursive: true, force: true }))
        : quietly(async () => {
            for (const folder of made) await rmdir(folder)
          })
    ),
    ({ path }) => {
      const stage = (name: string): Effect.Effect<Staged, never, Scope.Scope> => stageIn(path, name)
      const write = (name: string, content: string | Uint8Array) =>
        Effect.flatMap(stage(name), (staged) =>
          Effect.andThen(
            attempt(staged.path, (signal) => writeFile(staged.path, content, { signal })),
            staged.keep
          )
        ).pipe(Effect.scoped)
      return { path, isKept: destination !== "nowhere", stage, write }
    }
  )

const makeFolder = (job: string, destination: Destination) => {
  if (destination === undefined || destination === "nowhere") {
    const prefix = join(tmpdir(), `ropewalk-${job}-`)
    return Effect.map(
      attempt(prefix, () => mkdtemp(prefix)),
      (path) => ({ path, made: [path] })
    )
  }
  const path = resolve(destination)
  return Effect.map(
    attempt(path, () => makeWithParents(path)),
    (made) => ({ path, made })
  )
}

/**
 * Makes a folder, and those above it that are missing. Answers with those it made, the innermost first. Node's own `recursive`
 * never ends where the system has no folder although there is one above it (`/proc/x`, in Node 26).
 */
const makeWithParents = async (path: string): Promise<ReadonlyArray<string>> => {
  const make = () =>
    mkdir(path).then(
      () => [path],
      async (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST" && (await stat(path)).isDirectory()) return []
        throw error
      }
    )
  try {
    return await make()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error
  }
  const above = await makeWithParents(dirname(path))
  return [...(await make()), ...above]
}

const stageIn = (folder: string, name: string): Effect.Effect<Staged, never, Scope.Scope> => {
  const target = join(folder, name)
  // Two runs may write to one folder: each beside the place in its own file, and the last one wins.
  const path = `${target}.${process.pid}.part`
  const staged: Staged = {
    path,
    keep: Effect.as(Effect.uninterruptible(attempt(target, () => rename(path, target))), target)
  }
  return Effect.acquireRelease(Effect.succeed(staged), () => quietly(() => rm(path, { force: true })))
}

const attempt = <A>(path: string, f: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, OutputUnwritable> =>
  Effect.tryPromise({ try: f, catch: (cause) => new OutputUnwritable({ path, cause }) })

/** What can't be removed stays: the job's own end matters more. */
const quietly = (f: () => Promise<unknown>): Effect.Effect<void> => Effect.ignore(Effect.tryPromise(f))
