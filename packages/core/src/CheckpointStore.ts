/**
 * What a pipeline has done already, so that a run that was killed is taken up where it was, by `Pipeline.checkpoint`.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { CheckpointFailed } from "./internal/pipeline/checkpointErrors.ts"

export { CheckpointFailed, CheckpointInUse } from "./internal/pipeline/checkpointErrors.ts"

/**
 * The keys of the elements that are done. Anything that can keep a set of strings can be one.
 *
 * @since 0.1.0
 */
export interface CheckpointStore {
  /** Whether the element of this key is done, by this run or by one before. */
  readonly has: (key: string) => Effect.Effect<boolean, CheckpointFailed>
  /** Notes that these are done. They are when this has succeeded: a crash after that doesn't lose them. */
  readonly markDone: (keys: ReadonlyArray<string>) => Effect.Effect<void, CheckpointFailed>
}
