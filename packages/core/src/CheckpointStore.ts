/**
 * What a pipeline has done already, so that a run that was killed is taken up where it was. It is given to
 * `Pipeline.checkpoint(store, key)`, which leaves out elements whose key is done, and notes a key when all that has become of
 * its element has left the pipeline.
 *
 * **When to use**: for a run that is too long to begin again: an import, a crawl, a batch of pictures. What each element does
 * must bear being done twice, since a run that is killed has done more than it has noted. To begin anew, remove the file.
 *
 * **Lineage**: the job log of GNU parallel (`--joblog`, `--resume`), and the offsets that consumers of Kafka commit. Not
 * Flink's snapshots: nothing of what a stage has in its memory is kept, only which elements are done.
 *
 * **What differs**: elements have keys and not positions, so the input may grow, shrink or come in another order, and what is
 * done out of order is noted. Two runs can't use one file at the same time.
 *
 * **Gotchas**: the keys are kept in memory, in a `Set`: about 100 bytes each besides their text, so ten million are a
 * gigabyte. A file is never compacted; it has each key once.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CheckpointFailed, CheckpointInUse } from "./internal/pipeline/checkpointErrors.ts"
import { fileStore, memoryStore } from "./internal/pipeline/checkpointStores.ts"

export { CheckpointFailed, CheckpointInUse } from "./internal/pipeline/checkpointErrors.ts"

/**
 * The keys of the elements that are done. Anything that can keep a set of strings can be one: a table, a bucket, a cache.
 *
 * @since 0.1.0
 */
export interface CheckpointStore {
  /** Whether the element of this key is done, by this run or by one before. */
  readonly has: (key: string) => Effect.Effect<boolean, CheckpointFailed>
  /** Notes that these are done. When this has succeeded, a crash of the program doesn't lose them. */
  readonly markDone: (keys: ReadonlyArray<string>) => Effect.Effect<void, CheckpointFailed>
}

/**
 * How a file of keys is written.
 *
 * @since 0.1.0
 */
export interface FileOptions {
  /**
   * Whether keys are on the disk when they count as done, so that they survive a loss of power too. It costs a sync of the
   * disk each time, a millisecond or so, which all that come meanwhile share. Default: `false`; a `kill -9` loses nothing
   * either way.
   */
  readonly durable?: boolean | undefined
}

/**
 * A store that is gone with the program: for tests, and to take up a run that failed within one program. `done` is what it
 * begins with.
 *
 * **Example**
 *
 * ```ts
 * import * as CheckpointStore from "@ropewalk/core/CheckpointStore"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const store = yield* CheckpointStore.memory(["a"])
 *   yield* store.markDone(["b"])
 *   assert.equal(yield* store.has("a"), true)
 *   assert.equal(yield* store.has("b"), true)
 *   assert.equal(yield* store.has("c"), false)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const memory: (done?: Iterable<string>) => Effect.Effect<CheckpointStore> = memoryStore

/**
 * A store in a file, which is made if it isn't there; its folder must be. It is open until the scope closes.
 *
 * The file survives a kill at any byte: each key is a line of JSON that is only ever appended, and a last line that is torn
 * is cut off when the file is opened. Keys may contain anything. Keys that are noted while a write goes on are written
 * together by the next one.
 *
 * Fails with {@link CheckpointInUse} while another run has the file open, in this process or in another. When that process is
 * dead the file is taken over. With {@link CheckpointFailed} if the file can't be read or written, or is something else: then
 * it isn't changed.
 *
 * **Gotchas**: the lock is a file beside it, `<path>.lock`. A process on another machine that shares the file can't be asked
 * whether it lives: if it died, remove that file by hand.
 *
 * **Example** (what is done is known to the next run)
 *
 * ```ts
 * import * as CheckpointStore from "@ropewalk/core/CheckpointStore"
 * import assert from "node:assert/strict"
 * import { mkdtempSync, rmSync } from "node:fs"
 * import { join } from "node:path"
 * import * as Effect from "effect/Effect"
 *
 * const folder = mkdtempSync("checkpoint-")
 * const open = CheckpointStore.file(join(folder, "import.done"))
 *
 * const first = Effect.flatMap(open, (store) => store.markDone(["page 1", "page 2"]))
 * const second = Effect.flatMap(open, (store) => Effect.forEach(["page 2", "page 3"], store.has))
 *
 * await Effect.runPromise(Effect.scoped(first))
 * assert.deepEqual(await Effect.runPromise(Effect.scoped(second)), [true, false])
 * rmSync(folder, { recursive: true })
 * ```
 *
 * @since 0.1.0
 */
export const file: (
  path: string,
  options?: FileOptions
) => Effect.Effect<CheckpointStore, CheckpointInUse | CheckpointFailed, Scope.Scope> = fileStore
