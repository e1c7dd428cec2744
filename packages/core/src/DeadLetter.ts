/**
 * Where the elements go that a stage of a pipeline could not handle, with why: `onError: Pipeline.deadLetter(sink)`.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import type { DeadLetterFailed } from "./internal/pipeline/deadLetterErrors.ts"

export { DeadLetterFailed } from "./internal/pipeline/deadLetterErrors.ts"

/**
 * An element that a stage could not handle.
 *
 * @since 0.1.0
 */
export interface Letter<out A, out E> {
  /** The name of the stage. */
  readonly stage: string
  /** Which of the elements that came to the stage it was, from 0. */
  readonly index: number
  /** The element, as the stage was given it. */
  readonly input: A
  /** Of the last attempt. */
  readonly cause: Cause.Cause<E>
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Takes letters. A sink that can't fails, and so does the pipeline: an element that is neither handled nor kept would be
 * lost in silence.
 *
 * @since 0.1.0
 */
export interface DeadLetter<in A, in E> {
  readonly write: (letter: Letter<A, E>) => Effect.Effect<void, DeadLetterFailed>
}
