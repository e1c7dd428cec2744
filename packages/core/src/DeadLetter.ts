/**
 * Where the elements go that a stage of a pipeline could not handle, with why: `onError: Pipeline.deadLetter(sink)`. The
 * rest goes on without them.
 *
 * **When to use**: where one bad element must not stop the others, and must not be forgotten either: somebody looks at the
 * letters, mends what was wrong, and runs them again. To leave elements out for good, use `Pipeline.skip`.
 *
 * **Lineage**: the dead-letter queues of message brokers (RabbitMQ, SQS), as a file.
 *
 * **What differs**: a letter has the element as the stage was given it, so that a pipeline of that stage alone can take it up
 * again. A letter that can't be kept fails the pipeline with {@link DeadLetterFailed}.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import type * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { DeadLetterFailed } from "./internal/pipeline/deadLetterErrors.ts"
import * as sinks from "./internal/pipeline/deadLetters.ts"
import type { StageTimeout } from "./internal/pipeline/errors.ts"

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
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * Takes letters of elements `A` that failed with `E`. The stage has done with an element when `write` has succeeded; if it
 * fails, so does the pipeline: an element that is neither handled nor kept would be lost in silence.
 *
 * @since 0.1.0
 */
export interface DeadLetter<in A, in E> {
  readonly write: (letter: Letter<A, E>) => Effect.Effect<void, DeadLetterFailed>
}

/**
 * A sink whose letters can be looked at. `E` is what the stage fails with; if that has a `timeout`, `StageTimeout` too.
 *
 * @since 0.1.0
 */
export interface Collected<in out A, in out E> extends DeadLetter<A, E> {
  /** Those that have come until now, in their order. */
  readonly letters: Effect.Effect<ReadonlyArray<Letter<A, E>>>
}

/**
 * What is kept of an error that no schema describes: its `_tag`, if it has one, and its message.
 *
 * @since 0.1.0
 */
export const ErrorSummary = sinks.ErrorSummary

/**
 * How letters are written, and read again.
 *
 * @since 0.1.0
 */
export interface SchemaOptions<I extends Schema.Constraint, F extends Schema.Constraint> {
  /** Of the elements. Default: they are JSON as they are; one that isn't can't be written. */
  readonly input?: I | undefined
  /** Of the errors; a `StageTimeout` can be written by any. Default: an {@link ErrorSummary} of each. */
  readonly error?: F | undefined
}

/**
 * How a file of letters is written.
 *
 * @since 0.1.0
 */
export interface FileOptions<I extends Schema.Constraint, F extends Schema.Constraint> extends SchemaOptions<I, F> {
  /** Whether letters are on the disk when they count as written: see `CheckpointStore`. Default: `false`. */
  readonly durable?: boolean | undefined
}

/** What a sink takes that writes by these schemas, or without them. */
type InputOf<I extends Schema.Constraint> = I extends typeof Schema.Json ? unknown : I["Type"]
type ErrorOf<F extends Schema.Constraint> = F extends typeof ErrorSummary ? unknown : F["Type"] | StageTimeout

/**
 * A file with a line of JSON for each letter: `stage`, `index`, `at`, `error` and `input`. It is made if it isn't there, and
 * added to if it is, until the scope closes; a last line that is torn, because its writer was killed, is cut off.
 *
 * Fails with {@link DeadLetterFailed} if the file can't be written, is open elsewhere, or is something else.
 *
 * **Example** (run what failed again)
 *
 * ```ts
 * import * as DeadLetter from "@ropewalk/core/DeadLetter"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import assert from "node:assert/strict"
 * import { mkdtempSync, rmSync } from "node:fs"
 * import { join } from "node:path"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const folder = mkdtempSync("letters-")
 * const path = join(folder, "fetch.jsonl")
 * const options = { input: Schema.URLFromString }
 * const fetched = (isUp: boolean) => (url: URL) => isUp ? Effect.succeed(url.pathname) : Effect.fail(`${url.host} is down`)
 *
 * const first = Effect.gen(function* () {
 *   const sink = yield* DeadLetter.file(path, options)
 *   return yield* Pipeline.from([new URL("http://localhost/a")]).pipe(
 *     Pipeline.map(fetched(false), { name: "fetch", onError: Pipeline.deadLetter(sink) }),
 *     Pipeline.runCollect
 *   )
 * })
 * const again = Pipeline.fromJsonLines(path, DeadLetter.schema(options)).pipe(
 *   Pipeline.map((letter) => fetched(true)(letter.input)),
 *   Pipeline.runCollect
 * )
 *
 * assert.deepEqual(await Effect.runPromise(Effect.scoped(first)), [])
 * assert.deepEqual(await Effect.runPromise(again), ["/a"])
 * rmSync(folder, { recursive: true })
 * ```
 *
 * @since 0.1.0
 */
export const file = <
  I extends Schema.Constraint = typeof Schema.Json,
  F extends Schema.Constraint = typeof ErrorSummary
>(
  path: string,
  options: FileOptions<I, F> = {}
): Effect.Effect<
  DeadLetter<InputOf<I>, ErrorOf<F>>,
  DeadLetterFailed,
  Scope.Scope | I["EncodingServices"] | F["EncodingServices"]
> => sinks.fileSink(path, options)

/**
 * The schema of a line of such a file, for `Pipeline.fromJsonLines(path, DeadLetter.schema(…))`: with the options that the
 * file was written with.
 *
 * @since 0.1.0
 */
export const schema = <
  I extends Schema.Constraint = typeof Schema.Json,
  F extends Schema.Constraint = typeof ErrorSummary
>(
  options: SchemaOptions<I, F> = {}
) => sinks.letterSchema((options.input ?? Schema.Json) as I, (options.error ?? ErrorSummary) as F)

/**
 * Offers letters to a queue, for a consumer within the program. When the queue is full the stage waits; when it has ended, the
 * pipeline fails.
 *
 * @since 0.1.0
 */
export const queue: <A, E>(queue: Queue.Enqueue<Letter<A, E>, never>) => DeadLetter<A, E> = sinks.queueSink

/**
 * Keeps letters in memory: for tests, and for few.
 *
 * **Example**
 *
 * ```ts
 * import * as DeadLetter from "@ropewalk/core/DeadLetter"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const bad = yield* DeadLetter.collect<number, unknown>()
 *   const half = (n: number) => (n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail("odd" as const))
 *   const halves = yield* Pipeline.from([2, 3, 4]).pipe(
 *     Pipeline.map(half, { onError: Pipeline.deadLetter(bad) }),
 *     Pipeline.runCollect
 *   )
 *   assert.deepEqual(halves, [1, 2])
 *   assert.deepEqual((yield* bad.letters).map(({ index, input }) => [index, input]), [[1, 3]])
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const collect: <A, E>() => Effect.Effect<Collected<A, E>> = sinks.collecting
