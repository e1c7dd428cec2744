/**
 * A typed pipeline: a source, stages that run where they are put, and a way to run it. Its type tells what comes out, every
 * error that can happen at any stage, and every service it needs.
 *
 * **When to use**
 *
 * For work that flows through several steps, of which some wait and some compute: read, parse on threads, look up, write. For
 * one step over an array `Pool.map` and `Effect.forEach` are less to say; to transform values without putting work anywhere,
 * take `Stream`. {@link toStream} and {@link from} lead from one to the other.
 *
 * **Details**
 *
 * Nothing runs until a `run…` does, and a pipeline may be run many times. Stages are pulled from the end: each asks the one
 * before it for as many elements as it has room for. So no more is in memory than the concurrencies and buffers of the stages
 * allow, however long the input is, and 16 where a plain function is called on many in a row.
 *
 * When a run ends (at the end of the input, after `take`, by a failure, by an interrupt) all stages have stopped: what they ran
 * has been interrupted and has ended, what waited in the queues of pools has been withdrawn, the source has been closed.
 *
 * Lineage: Effect's Stream, Elixir's Flow and Broadway (demand that comes from the end, dead letters, partitions), Akka Streams,
 * Go's `conc/stream`, GNU parallel. What differs: a stage's place, width, order and error policy are said in one place, its
 * errors are in the type until a policy takes them out, and an element costs no fiber where a call will do.
 *
 * **Example** (Words of many lines, counted on threads or fibers alike)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const lines = ["to be", "or not", "to be"]
 *
 * const counts = Pipeline.from(lines).pipe(
 *   Pipeline.flatMap((line) => line.split(" ")),
 *   Pipeline.batch(2),
 *   Pipeline.map((words) => Effect.sync(() => words.length), { name: "count", concurrency: 4 }),
 *   Pipeline.reduce({ initial: () => 0, fold: (total: number, n: number) => total + n, combine: (a, b) => a + b })
 * )
 *
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(counts)), [6])
 * ```
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { Pipeable } from "effect/Pipeable"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Covariant } from "effect/Types"
import type { CheckpointFailed, CheckpointStore } from "./CheckpointStore.ts"
import type { DeadLetter, DeadLetterFailed } from "./DeadLetter.ts"
import type { InvalidOption } from "./internal/errors.ts"
import type { AnyModule, CallAnswer, CallInput, CallName } from "./internal/moduleTypes.ts"
import * as branches from "./internal/pipeline/branches.ts"
import type * as Branch from "./internal/pipeline/branchTypes.ts"
import type { JsonLineInvalid, SourceFailed } from "./internal/pipeline/errors.ts"
import type { Graph } from "./internal/pipeline/graph.ts"
import { graphOf } from "./internal/pipeline/graphOf.ts"
import { endOf, fromStage } from "./internal/pipeline/implementation.ts"
import type { Path } from "./internal/pipeline/lines.ts"
import * as mermaid from "./internal/pipeline/mermaid.ts"
import type { RunStats } from "./internal/pipeline/observe.ts"
import type { ThrottleOptions } from "./internal/pipeline/passing.ts"
import type { Collection } from "./internal/pipeline/reading.ts"
import * as internalRun from "./internal/pipeline/run.ts"
import * as runs from "./internal/pipeline/runs.ts"
import type {
  AnyStageOptions,
  ErrorOf,
  OnError,
  ServicesOf,
  StageError,
  StageServices,
  TimeoutOf,
  ValueOf
} from "./internal/pipeline/StageOptions.ts"
import * as sources from "./internal/pipeline/sources.ts"
import * as stages from "./internal/pipeline/stages.ts"
import type * as Stage from "./internal/pipeline/stageTypes.ts"
import type { Pool, TaskTag } from "./Pool.ts"

export { InvalidOption } from "./internal/errors.ts"
export type { BranchOptions, NotRouted, Parts, Route, Segment } from "./internal/pipeline/branchTypes.ts"
export { JsonLineInvalid, SourceFailed, StageFailed, StageTimeout } from "./internal/pipeline/errors.ts"
export type { Graph, GraphEdge, GraphNode } from "./internal/pipeline/graph.ts"
export type { RunStats } from "./internal/pipeline/observe.ts"
export type { ThrottleOptions } from "./internal/pipeline/passing.ts"
export type { Failed, OnError, StageLimiter, StageOptions } from "./internal/pipeline/StageOptions.ts"
export type { DedupeOptions, Many, Reducer, WindowOptions } from "./internal/pipeline/stageTypes.ts"
export type { PipelineStats, StageStats } from "./internal/pipeline/stats.ts"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Pipeline"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Pipeline"

/**
 * A description of work on elements, from their source to what comes out: `A`. Running it can fail with `E`, and needs `R`.
 *
 * @since 0.1.0
 */
export interface Pipeline<out A, out E = never, out R = never> extends Pipeable {
  readonly [TypeId]: { readonly _A: Covariant<A>; readonly _E: Covariant<E>; readonly _R: Covariant<R> }
}

/**
 * Whether a value is a pipeline.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 *
 * assert.equal(Pipeline.isPipeline(Pipeline.from([1])), true)
 * assert.equal(Pipeline.isPipeline([1]), false)
 * ```
 *
 * @since 0.1.0
 */
export const isPipeline = (u: unknown): u is Pipeline<unknown, unknown, unknown> =>
  typeof u === "object" && u !== null && TypeId in u

const isDataFirst = (args: IArguments): boolean => isPipeline(args[0])

/**
 * The elements of an iterable, an async iterable or a Stream. Each run reads it anew, no further ahead than there is room for,
 * and closes it at its end.
 *
 * Fails as the stream does; with `SourceFailed` when an async iterable throws. An iterable that throws is a defect.
 *
 * **Gotchas**: an async generator ends when what it awaits has come: a run that is stopped waits for that. A stream of Node is
 * destroyed.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const odd = Pipeline.from(Stream.iterate(1, (n) => n + 2), { name: "odd" })
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(Pipeline.take(odd, 3))), [1, 3, 5])
 * ```
 *
 * @since 0.1.0
 */
export const from: {
  <A, E, R>(source: Stream.Stream<A, E, R>, options?: SourceOptions): Pipeline<A, E, R>
  <A>(source: Iterable<A>, options?: SourceOptions): Pipeline<A>
  <A>(source: AsyncIterable<A>, options?: SourceOptions): Pipeline<A, SourceFailed>
} = (source: Collection, options?: SourceOptions): Pipeline<any> => fromStage(sources.from(source, options?.name))

/** @since 0.1.0 */
export interface SourceOptions {
  /** In stats, in graphs, in errors. */
  readonly name?: string | undefined
}

/**
 * The lines of a file of UTF-8, without their ends. Blocks of 64 KiB are read as they are wanted.
 *
 * Fails with `SourceFailed` when the file can't be opened or read.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const imports = Pipeline.fromLines(new URL(import.meta.url)).pipe(
 *   Pipeline.filter((line) => line.startsWith("import ")),
 *   Pipeline.runFold(() => 0, (count) => count + 1)
 * )
 * assert.equal(await Effect.runPromise(imports), 3)
 * ```
 *
 * @since 0.1.0
 */
export const fromLines = (path: Path, options?: SourceOptions): Pipeline<string, SourceFailed> =>
  fromStage(sources.fromLines(path, options?.name))

/**
 * What the lines of a file say: each is JSON, as the schema has it.
 *
 * Adds `JsonLineInvalid`, with the number of the line, unless `onError` takes it.
 *
 * **Example** (What can't be read is reported, and left out)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import { mkdtempSync, writeFileSync } from "node:fs"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const file = join(mkdtempSync(join(tmpdir(), "lines-")), "orders.jsonl")
 * writeFileSync(file, '{"item":"rope","count":2}\n{"item":"hemp"}\n')
 * const Order = Schema.Struct({ item: Schema.String, count: Schema.Number })
 *
 * const orders = Pipeline.fromJsonLines(file, Order, {
 *   onError: ({ error }) => Effect.sync(() => assert.equal(error._tag === "JsonLineInvalid" && error.line, 2))
 * })
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(orders)), [{ item: "rope", count: 2 }])
 * ```
 *
 * @since 0.1.0
 */
export const fromJsonLines = <A, I, R, RE, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
  path: Path,
  schema: Schema.Codec<A, I, R, RE>,
  options?: Stage.OptionsFor<string, JsonLineInvalid, O, T>
): Pipeline<A, SourceFailed | StageError<O, JsonLineInvalid | TimeoutOf<O>>, R | StageServices<O>> =>
  stages.fromJsonLines(path, schema, options as object)

/**
 * Replaces each element by what the function answers: an Effect's success, or a plain value.
 *
 * Adds the Effect's error, unless `onError` takes it; see {@link StageOptions}. What the function throws is a defect.
 *
 * **Example** (Three tries each, four at a time, as they come)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 * import * as Schedule from "effect/Schedule"
 *
 * let tries = 0
 * const flaky = (n: number) => Effect.suspend(() => (tries++ % 2 === 0 ? Effect.fail("busy") : Effect.succeed(n * 2)))
 *
 * const doubled = Pipeline.from([1, 2, 3]).pipe(
 *   Pipeline.map(flaky, { concurrency: 4, ordered: false, retry: Schedule.recurs(2), timeout: "1 second" })
 * )
 * const all = await Effect.runPromise(Pipeline.runCollect(doubled))
 * assert.deepEqual(all.toSorted(), [2, 4, 6])
 * ```
 *
 * @since 0.1.0
 */
export const map: {
  <A, B, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): <E, R>(self: Pipeline<A, E, R>) => Stage.After<E, R, ValueOf<B>, B, O>
  <A, E, R, B, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    self: Pipeline<A, E, R>,
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): Stage.After<E, R, ValueOf<B>, B, O>
} = dual(isDataFirst, stages.map)

/**
 * Leaves out the elements for which the predicate answers `false`: a plain boolean, or an Effect of one. A refinement narrows
 * what comes out.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const isText = (value: string | number): value is string => typeof value === "string"
 * const texts = Pipeline.from([1, "a", 2, "b"]).pipe(
 *   Pipeline.filter(isText),
 *   Pipeline.map((text) => text.toUpperCase())
 * )
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(texts)), ["A", "B"])
 * ```
 *
 * @since 0.1.0
 */
export const filter: {
  <A, B extends A, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    refinement: (value: A, index: number) => value is B,
    options?: Stage.OptionsFor<A, never, O, T>
  ): <E, R>(self: Pipeline<A, E, R>) => Stage.After<E, R, B, never, O>
  <A, B extends Stage.OrEffect<boolean>, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    predicate: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): <E, R>(self: Pipeline<A, E, R>) => Stage.After<E, R, A, B, O>
  <A, E, R, B extends A, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    self: Pipeline<A, E, R>,
    refinement: (value: A, index: number) => value is B,
    options?: Stage.OptionsFor<A, never, O, T>
  ): Stage.After<E, R, B, never, O>
  <A, E, R, B extends Stage.OrEffect<boolean>, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    self: Pipeline<A, E, R>,
    predicate: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): Stage.After<E, R, A, B, O>
} = dual(isDataFirst, stages.filter)

/**
 * Replaces each element by many: those of an iterable or a Stream, or of an Effect of one. They are read as they are taken,
 * those of one element after those of the element before it.
 *
 * `concurrency` is how often the function's Effects run at the same time; `timeout`, `retry` and `limiter` are for them too. The
 * error of a stream is for `onError` as well: the rest of that stream is left out.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const words = Pipeline.from(["to be", "or not"]).pipe(Pipeline.flatMap((line) => line.split(" ")))
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(words)), ["to", "be", "or", "not"])
 * ```
 *
 * @since 0.1.0
 */
export const flatMap: {
  <A, B extends Stage.OrEffect<Stage.Many>, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, Stage.ManyError<B>, O, T>
  ): <E, R>(self: Pipeline<A, E, R>) => Stage.AfterMany<E, R, B, O>
  <
    A,
    E,
    R,
    B extends Stage.OrEffect<Stage.Many>,
    const O extends AnyStageOptions = {},
    T extends Stage.Timeout = never
  >(
    self: Pipeline<A, E, R>,
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, Stage.ManyError<B>, O, T>
  ): Stage.AfterMany<E, R, B, O>
} = dual(isDataFirst, stages.flatMap)

/**
 * Runs a task of a pool for each element, which is its payload; what comes out is its result.
 *
 * Adds the task's own error and `PoolError`, as `pool.run` has them, unless `onError` takes them. A `timeout` is the task's own:
 * `TaskTimeout`. By default as many elements are at the pool as keep its workers busy with short tasks: twice the `capacity` that
 * it has when the stage is made, and 64 at the least. For tasks that take long `concurrency: pool.capacity` is enough, and reads
 * less ahead.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as Effect from "effect/Effect"
 * import * as Rpc from "effect/rpc/Rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * class Tasks extends RpcGroup.make(
 *   Rpc.make("Parse", { payload: Schema.String, success: Schema.Number, error: Schema.String })
 * ) {}
 *
 * const program = Effect.gen(function* () {
 *   // ThreadPool.make and ProcessPool.make would do as well.
 *   const pool = yield* FiberPool.make(Tasks, { size: 2 })
 *   return yield* Pipeline.from(["1", "two", "3"]).pipe(
 *     Pipeline.task(pool, "Parse", { onError: Pipeline.skip }),
 *     Pipeline.map((n) => n * 10),
 *     Pipeline.runCollect
 *   )
 * })
 *
 * const handlers = Tasks.toLayer({
 *   Parse: (text) => (Number.isNaN(Number(text)) ? Effect.fail(`${text} is no number`) : Effect.succeed(Number(text)))
 * })
 * assert.deepEqual(await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(handlers))), [10, 30])
 * ```
 *
 * @since 0.1.0
 */
export const task: {
  <G extends Rpc.Any, const Tag extends TaskTag<G>, const O extends AnyStageOptions = {}>(
    pool: Pool<G>,
    tag: Tag,
    options?: O & Stage.TaskOptions<NoInfer<G>, NoInfer<Tag>>
  ): <E, R>(self: Pipeline<Stage.PayloadOf<G, Tag>, E, R>) => Stage.AfterTask<E, R, G, Tag, O>
  <E, R, G extends Rpc.Any, const Tag extends TaskTag<G>, const O extends AnyStageOptions = {}>(
    self: Pipeline<Stage.PayloadOf<G, Tag>, E, R>,
    pool: Pool<G>,
    tag: Tag,
    options?: O & Stage.TaskOptions<NoInfer<G>, NoInfer<Tag>>
  ): Stage.AfterTask<E, R, G, Tag, O>
} = dual(isDataFirst, stages.task)

/**
 * Calls a function of a module pool for each element, which is its only argument; what comes out is its result.
 *
 * Adds the errors of the function's method (its own, `RemoteError` for what it throws, `PoolError`), unless `onError` takes
 * them. By default twice the pool's capacity, and 64 elements at the least, are at the pool; for calls that take long
 * `concurrency: Pool.controlOf(module).capacity` is enough.
 *
 * A function whose answer is a generator or a Stream is for {@link flatMap}: `flatMap((line) => module.words(line))`. A function
 * of yours that is given a module should say what it calls: `Pool.Module<{ parse: (line: string) => Order }>` is any module that
 * has this. In one that is generic in the module, the name can't be written; it may be a parameter, a `Pool.CallName`.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const path = yield* FiberPool.module<typeof import("node:path")>(new URL("node:path"))
 *   const names = Pipeline.from(["/a/one.ts", "/b/two.ts"]).pipe(Pipeline.call(path, "basename"))
 *   return yield* Pipeline.runCollect(names)
 * })
 *
 * assert.deepEqual(await Effect.runPromise(Effect.scoped(program)), ["one.ts", "two.ts"])
 * ```
 *
 * @since 0.1.0
 */
export const call: {
  <
    W extends AnyModule,
    const Name extends CallName<W>,
    const O extends AnyStageOptions = {},
    T extends Stage.Timeout = never
  >(
    module: W,
    name: Name,
    options?: Stage.OptionsFor<CallInput<W, Name>, ErrorOf<CallAnswer<W, Name>>, O, T>
  ): <E, R>(self: Pipeline<CallInput<W, Name>, E, R>) => Stage.AfterCall<E, R, W, Name, O>
  <
    E,
    R,
    W extends AnyModule,
    const Name extends CallName<W>,
    const O extends AnyStageOptions = {},
    T extends Stage.Timeout = never
  >(
    self: Pipeline<CallInput<W, Name>, E, R>,
    module: W,
    name: Name,
    options?: Stage.OptionsFor<CallInput<W, Name>, ErrorOf<CallAnswer<W, Name>>, O, T>
  ): Stage.AfterCall<E, R, W, Name, O>
} = dual(isDataFirst, stages.call)

/**
 * The first elements, and no more: the stages before are stopped after them.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const few = Pipeline.from([1, 2, 3]).pipe(Pipeline.take(2))
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(few)), [1, 2])
 * ```
 *
 * @since 0.1.0
 */
export const take: {
  (count: number): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<A, E | InvalidOption, R>
  <A, E, R>(self: Pipeline<A, E, R>, count: number): Pipeline<A, E | InvalidOption, R>
} = dual(isDataFirst, stages.take)

/**
 * As {@link map}, with the elements of one key being worked on one after another, in their order, while those of others are
 * worked on. `concurrency` is how many keys are in flight (default 16), and `buffer` how many elements may wait for a key that
 * is (default 16). Results come as they are ready, unless `ordered`: those of one key in their order in any case.
 *
 * **Example** (The bookings of an account in their order, several accounts at a time)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const bookings = [
 *   { account: "ann", amount: 5 },
 *   { account: "bob", amount: 7 },
 *   { account: "ann", amount: -2 }
 * ]
 * const balances = new Map<string, number>()
 * const book = ({ account, amount }: (typeof bookings)[number]) =>
 *   Effect.sync(() => balances.set(account, (balances.get(account) ?? 0) + amount))
 *
 * const posted = Pipeline.from(bookings).pipe(Pipeline.groupBy(({ account }) => account, book, { concurrency: 8 }))
 * await Effect.runPromise(Pipeline.run(posted))
 * assert.deepEqual(Object.fromEntries(balances), { ann: 3, bob: 7 })
 * ```
 *
 * @since 0.1.0
 */
export const groupBy: {
  <A, B, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    key: (value: A) => unknown,
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): <E, R>(self: Pipeline<A, E, R>) => Stage.After<E, R, ValueOf<B>, B, O>
  <A, E, R, B, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    self: Pipeline<A, E, R>,
    key: (value: A) => unknown,
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): Stage.After<E, R, ValueOf<B>, B, O>
} = dual(isDataFirst, stages.groupBy)

/**
 * Makes one of all elements. `concurrency` totals take their shares of them at the same time, and are combined at the end: so
 * neither the order of the elements nor their shares should matter. Of no elements it is `initial()`.
 *
 * To have workers of a pool do it, give them many at once and combine what they make of them:
 * `batch(1000)`, then `task(pool, "Count")`, then `reduce` with `combine` as its `fold`.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const longest = Pipeline.from(["hemp", "flax", "rope yarn"]).pipe(
 *   Pipeline.reduce(
 *     {
 *       initial: () => 0,
 *       fold: (most: number, text: string) => Effect.sync(() => Math.max(most, text.length)),
 *       combine: (a, b) => Math.max(a, b)
 *     },
 *     { concurrency: 2 }
 *   )
 * )
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(longest)), [9])
 * ```
 *
 * @since 0.1.0
 */
export const reduce: {
  <
    A,
    Z,
    B extends Stage.OrEffect<Z>,
    C extends Stage.OrEffect<Z>,
    const O extends AnyStageOptions = {},
    T extends Stage.Timeout = never
  >(
    reducer: Stage.Reducer<A, Z, B, C>,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): <E, R>(self: Pipeline<A, E, R>) => Stage.AfterReduce<E, R, Z, B, C, O>
  <
    A,
    E,
    R,
    Z,
    B extends Stage.OrEffect<Z>,
    C extends Stage.OrEffect<Z>,
    const O extends AnyStageOptions = {},
    T extends Stage.Timeout = never
  >(
    self: Pipeline<A, E, R>,
    reducer: Stage.Reducer<NoInfer<A>, Z, B, C>,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): Stage.AfterReduce<E, R, Z, B, C, O>
} = dual(isDataFirst, stages.reduce)

/**
 * Gathers elements in arrays of `size`, the last one perhaps shorter. With `within`, an array is given on when its first element
 * has waited so long, however many there are.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const pairs = Pipeline.from([1, 2, 3]).pipe(Pipeline.batch(2, "1 second"))
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(pairs)), [[1, 2], [3]])
 * ```
 *
 * @since 0.1.0
 */
export const batch: {
  (
    size: number,
    within?: Duration.Input
  ): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<ReadonlyArray<A>, E | InvalidOption, R>
  <A, E, R>(
    self: Pipeline<A, E, R>,
    size: number,
    within?: Duration.Input
  ): Pipeline<ReadonlyArray<A>, E | InvalidOption, R>
} = dual(isDataFirst, stages.batch)

/**
 * The elements of each window, as an array: windows of so many elements, which may overlap; or of a stretch of time, without
 * those in which nothing came. At the end, elements that no window had yet make a shorter one.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const means = Pipeline.from([1, 3, 5, 7]).pipe(
 *   Pipeline.window({ size: 2, step: 1 }),
 *   Pipeline.map(([a = 0, b = 0]) => (a + b) / 2)
 * )
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(means)), [2, 4, 6])
 * ```
 *
 * @since 0.1.0
 */
export const window: {
  (options: Stage.WindowOptions): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<ReadonlyArray<A>, E | InvalidOption, R>
  <A, E, R>(self: Pipeline<A, E, R>, options: Stage.WindowOptions): Pipeline<ReadonlyArray<A>, E | InvalidOption, R>
} = dual(isDataFirst, stages.window)

/**
 * Lets elements pass at a rate, evenly unless there is a `burst`. It holds none: the stages before it are asked for no more than
 * may pass.
 *
 * **Example** (At most a hundred a second, ten of them at once after a pause)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const calm = Pipeline.from([1, 2, 3]).pipe(Pipeline.throttle({ elements: 100, per: "1 second", burst: 10 }))
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(calm)), [1, 2, 3])
 * ```
 *
 * @since 0.1.0
 */
export const throttle: {
  (options: ThrottleOptions): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<A, E | InvalidOption, R>
  <A, E, R>(self: Pipeline<A, E, R>, options: ThrottleOptions): Pipeline<A, E | InvalidOption, R>
} = dual(isDataFirst, stages.throttle)

/**
 * Leaves out the elements whose key has been seen, as far as the last `capacity` different keys tell.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const once = Pipeline.from(["a", "b", "a"]).pipe(Pipeline.dedupe({ capacity: 1000 }))
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(once)), ["a", "b"])
 * ```
 *
 * @since 0.1.0
 */
export const dedupe: {
  <A>(options: Stage.DedupeOptions<A>): <E, R>(self: Pipeline<A, E, R>) => Pipeline<A, E | InvalidOption, R>
  <A, E, R>(self: Pipeline<A, E, R>, options: Stage.DedupeOptions<NoInfer<A>>): Pipeline<A, E | InvalidOption, R>
} = dual(isDataFirst, stages.dedupe)

/**
 * Leaves out the elements that an earlier run has done, and notes in the store which ones this run does.
 *
 * An element is done when all that was made of it after this stage has left the pipeline at its end, or was left out on purpose
 * (`filter`, `skip`, a dead letter). So a run that is killed is resumed by running it again: what was under way then is done once
 * more.
 *
 * **Example** (A run that fails, and the one that resumes it)
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as CheckpointStore from "@ropewalk/core/CheckpointStore"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   // CheckpointStore.file keeps it for the next program.
 *   const store = yield* CheckpointStore.memory()
 *   const work = (isBroken: boolean) =>
 *     Pipeline.from([1, 2, 3]).pipe(
 *       Pipeline.checkpoint(store, String),
 *       Pipeline.map((n) => (isBroken && n === 3 ? Effect.fail("broken") : Effect.succeed(n)))
 *     )
 *   yield* Effect.flip(Pipeline.run(work(true)))
 *   return yield* Pipeline.runCollect(work(false))
 * })
 *
 * assert.deepEqual(await Effect.runPromise(program), [3])
 * ```
 *
 * @since 0.1.0
 */
export const checkpoint: {
  <A>(
    store: CheckpointStore,
    key: (value: A) => string
  ): <E, R>(self: Pipeline<A, E, R>) => Pipeline<A, E | CheckpointFailed, R>
  <A, E, R>(
    self: Pipeline<A, E, R>,
    store: CheckpointStore,
    key: (value: NoInfer<A>) => string
  ): Pipeline<A, E | CheckpointFailed, R>
} = dual(isDataFirst, stages.checkpoint)

/**
 * The elements of both, as they come. Ends when both have; when one fails, the other is stopped.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const both = Pipeline.from([1, 2]).pipe(Pipeline.merge(Pipeline.from(["a"])))
 * const all = await Effect.runPromise(Pipeline.runCollect(both))
 * assert.deepEqual(new Set(all), new Set([1, 2, "a"]))
 * ```
 *
 * @since 0.1.0
 */
export const merge: {
  <A2, E2, R2, const O extends Branch.BranchOptions = {}>(
    that: Pipeline<A2, E2, R2>,
    options?: O
  ): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<A | A2, E | E2 | Branch.BufferError<O>, R | R2>
  <A, E, R, A2, E2, R2, const O extends Branch.BranchOptions = {}>(
    self: Pipeline<A, E, R>,
    that: Pipeline<A2, E2, R2>,
    options?: O
  ): Pipeline<A | A2, E | E2 | Branch.BufferError<O>, R | R2>
} = dual(
  (args) => isPipeline(args[1]),
  (self, that, options) => branches.merge([self, that], options)
)

/**
 * Gives each element to every branch: two to four of them. What comes out of them is merged, as it comes.
 *
 * A branch that ends early (`take`) is closed; the branch that is slowest holds up the others.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const both = Pipeline.from([1, 2, 3]).pipe(
 *   Pipeline.broadcast([Pipeline.map((n) => `${n}`), (all) => all.pipe(Pipeline.batch(3))])
 * )
 * const all = await Effect.runPromise(Pipeline.runCollect(both))
 * assert.deepEqual(new Set(all), new Set(["1", "2", "3", [1, 2, 3]]))
 * ```
 *
 * @since 0.1.0
 */
export const broadcast: Branch.Broadcast = dual(isDataFirst, branches.broadcast)

/**
 * Gives the elements for which the predicate holds to one branch, and the others to another. A refinement narrows what each
 * gets. What comes out of them is merged, as it comes.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const isText = (value: string | number): value is string => typeof value === "string"
 * const shown = Pipeline.from(["a", 1]).pipe(
 *   Pipeline.partition(isText, {
 *     matching: Pipeline.map((text) => text.toUpperCase()),
 *     others: (numbers) => numbers.pipe(Pipeline.map((n) => n.toFixed(1)))
 *   })
 * )
 * const all = await Effect.runPromise(Pipeline.runCollect(shown))
 * assert.deepEqual(all.toSorted(), ["1.0", "A"])
 * ```
 *
 * @since 0.1.0
 */
export const partition: {
  <A, F extends (value: A) => boolean, C1, E1, R1, C2, E2, R2, const O extends Branch.BranchOptions = {}>(
    predicate: F & ((value: A) => boolean),
    parts: Branch.Parts<A, F, C1, E1, R1, C2, E2, R2>,
    options?: O
  ): <E, R>(self: Pipeline<A, E, R>) => Pipeline<C1 | C2, E | E1 | E2 | Branch.BufferError<O>, R | R1 | R2>
  <A, E, R, F extends (value: A) => boolean, C1, E1, R1, C2, E2, R2, const O extends Branch.BranchOptions = {}>(
    self: Pipeline<A, E, R>,
    predicate: F & ((value: A) => boolean),
    parts: Branch.Parts<A, F, C1, E1, R1, C2, E2, R2>,
    options?: O
  ): Pipeline<C1 | C2, E | E1 | E2 | Branch.BufferError<O>, R | R1 | R2>
} = dual(isDataFirst, branches.partition)

/**
 * A way for {@link route}: the elements that a refinement picks, and what is done with them. A plain predicate picks elements too,
 * but the type can't tell which are left.
 *
 * @since 0.1.0
 */
export const when: {
  <A, B extends A, C, E, R>(
    name: string,
    refinement: (value: A) => value is B,
    segment: Branch.Segment<NoInfer<B>, C, E, R>
  ): Branch.Route<A, B, C, E, R>
  <A, C, E, R>(
    name: string,
    predicate: (value: A) => boolean,
    segment: Branch.Segment<NoInfer<A>, C, E, R>
  ): Branch.Route<A, never, C, E, R>
} = (name: string, predicate: (value: any) => boolean, segment: any): Branch.Route<any, never, any, any, any> => ({
  name,
  predicate,
  segment
})

/**
 * The last way for {@link route}: all that no other takes.
 *
 * @since 0.1.0
 */
export const otherwise = <A, C, E, R>(
  name: string,
  segment: Branch.Segment<A, C, E, R>
): Branch.Route<A, A, C, E, R> => ({
  name,
  predicate: () => true,
  segment
})

/**
 * Gives each element to the first way that takes it: see {@link when} and {@link otherwise}. What comes out of them is merged, as
 * it comes. Ways that leave out elements don't compile.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * type Shape = { kind: "square"; side: number } | { kind: "circle"; radius: number } | { kind: "point" }
 * const is =
 *   <K extends Shape["kind"]>(kind: K) =>
 *   (shape: Shape): shape is Extract<Shape, { kind: K }> =>
 *     shape.kind === kind
 * const shapes: ReadonlyArray<Shape> = [{ kind: "square", side: 3 }, { kind: "point" }]
 *
 * const areas = Pipeline.from(shapes).pipe(
 *   Pipeline.route(
 *     Pipeline.when("squares", is("square"), Pipeline.map(({ side }) => side * side)),
 *     Pipeline.when("circles", is("circle"), Pipeline.map(({ radius }) => Math.PI * radius * radius)),
 *     Pipeline.otherwise("rest", (rest: Pipeline.Pipeline<Shape>) => rest.pipe(Pipeline.map(() => 0)))
 *   )
 * )
 * const all = await Effect.runPromise(Pipeline.runCollect(areas))
 * assert.deepEqual(all.toSorted(), [0, 9])
 * ```
 *
 * @since 0.1.0
 */
export const route =
  <A, W extends ReadonlyArray<Branch.Route<A, any, any, any, any>>>(
    ...ways: W & ReadonlyArray<Branch.Route<A, any, any, any, any>>
  ) =>
  <B extends A, E, R>(
    self: Pipeline<B, E, R> & Branch.AllRouted<B, W[number]>
  ): Pipeline<Branch.RouteOut<W[number]>, E | Branch.RouteError<W[number]>, R | Branch.RouteServices<W[number]>> =>
    branches.route(self, ways as ReadonlyArray<any>)

/**
 * An `onError`: the element is left out.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const halve = (n: number) => (n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail("odd"))
 * const halves = Pipeline.from([2, 3, 4]).pipe(Pipeline.map(halve, { onError: Pipeline.skip }))
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(halves)), [1, 2])
 * ```
 *
 * @since 0.1.0
 */
export const skip: OnError<unknown, unknown> = () => {}

/**
 * An `onError`: the element is left out once the sink has its letter. Adds the sink's error.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as DeadLetter from "@ropewalk/core/DeadLetter"
 * import * as Effect from "effect/Effect"
 *
 * const halve = (n: number) => (n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail("odd"))
 *
 * const program = Effect.gen(function* () {
 *   // DeadLetter.file keeps them.
 *   const dead = yield* DeadLetter.collect<number, unknown>()
 *   yield* Pipeline.from([2, 3, 4]).pipe(
 *     Pipeline.map(halve, { onError: Pipeline.deadLetter(dead) }),
 *     Pipeline.run
 *   )
 *   return yield* dead.letters
 * })
 *
 * const letters = await Effect.runPromise(program)
 * assert.deepEqual(letters.map(({ input, stage }) => [stage, input]), [["halve", 3]])
 * ```
 *
 * @since 0.1.0
 */
export const deadLetter =
  <A, E>(sink: DeadLetter<A, E>): OnError<A, E, DeadLetterFailed> =>
  ({ at, cause, index, input, stage }) =>
    sink.write({ at, cause, index, input, stage })

/**
 * Wraps the errors of all stages before it as `StageFailed`: with the stage's name, and which of its elements it was about.
 * Defects stay what they are; so does `InvalidOption`, which is about no element.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const halve = (n: number) => (n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail("odd"))
 * const halves = Pipeline.from([2, 3, 4]).pipe(Pipeline.map(halve), Pipeline.withOrigin)
 * const { error, index, stage } = await Effect.runPromise(Effect.flip(Pipeline.run(halves)))
 * assert.deepEqual({ error, index, stage }, { error: "odd", index: 1, stage: "halve" })
 * ```
 *
 * @since 0.1.0
 */
export const withOrigin = <A, E, R>(self: Pipeline<A, E, R>): Pipeline<A, Stage.Originating<E>, R> =>
  stages.withOrigin(self)

/**
 * Runs it for what its stages do, and drops what comes out.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const seen: Array<number> = []
 * await Effect.runPromise(Pipeline.run(Pipeline.map(Pipeline.from([1, 2]), (n) => seen.push(n))))
 * assert.deepEqual(seen, [1, 2])
 * ```
 *
 * @since 0.1.0
 */
export const run = <A, E, R>(self: Pipeline<A, E, R>): Effect.Effect<void, E, R> => runs.run(self)

/**
 * Runs it, and answers with all that comes out.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * assert.deepEqual(await Effect.runPromise(Pipeline.runCollect(Pipeline.from([1, 2]))), [1, 2])
 * ```
 *
 * @since 0.1.0
 */
export const runCollect = <A, E, R>(self: Pipeline<A, E, R>): Effect.Effect<Array<A>, E, R> => runs.runCollect(self)

/**
 * Runs it, and calls a function with each element that comes out. Takes the options of a stage.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const seen: Array<number> = []
 * const all = Pipeline.from([1, 2]).pipe(Pipeline.runForEach((n) => Effect.sync(() => seen.push(n)), { concurrency: 2 }))
 * await Effect.runPromise(all)
 * assert.deepEqual(seen, [1, 2])
 * ```
 *
 * @since 0.1.0
 */
export const runForEach: {
  <A, B, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): <E, R>(self: Pipeline<A, E, R>) => Stage.RunAfter<E, R, B, O>
  <A, E, R, B, const O extends AnyStageOptions = {}, T extends Stage.Timeout = never>(
    self: Pipeline<A, E, R>,
    f: (value: A, index: number) => B,
    options?: Stage.OptionsFor<A, ErrorOf<B>, O, T>
  ): Stage.RunAfter<E, R, B, O>
} = dual(isDataFirst, runs.runForEach)

/**
 * Runs it, and makes one value of all that comes out, one element after another. The function answers with the next total, or
 * with an Effect of it.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 *
 * const sum = Pipeline.from([1, 2, 3]).pipe(Pipeline.runFold(() => 0, (total, n) => total + n))
 * assert.equal(await Effect.runPromise(sum), 6)
 * ```
 *
 * @since 0.1.0
 */
export const runFold: {
  <Z, A, B extends Stage.OrEffect<Z>>(
    initial: () => Z,
    f: (total: Z, value: A) => B
  ): <E, R>(self: Pipeline<A, E, R>) => Effect.Effect<Z, E | ErrorOf<B>, R | ServicesOf<B>>
  <A, E, R, Z, B extends Stage.OrEffect<Z>>(
    self: Pipeline<A, E, R>,
    initial: () => Z,
    f: (total: Z, value: A) => B
  ): Effect.Effect<Z, E | ErrorOf<B>, R | ServicesOf<B>>
} = dual(3, runs.runFold)

/**
 * As a Stream of Effect, which runs it each time it is run. Elements come in arrays of at most 16.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const stream = Pipeline.toStream(Pipeline.from([1, 2, 3]))
 * assert.deepEqual(await Effect.runPromise(Stream.runCollect(Stream.take(stream, 2))), [1, 2])
 * ```
 *
 * @since 0.1.0
 */
export const toStream = <A, E, R>(self: Pipeline<A, E, R>): Stream.Stream<A, E, R> =>
  internalRun.toStream(endOf(self)) as Stream.Stream<any, any, any>

/**
 * Looks on at each run of it. The function is called with what can be seen of the run when it begins, and what it answers with
 * is run beside it: `Progress.show()`, say, or what reads `changes`, which ends with the run.
 *
 * The observer has a second to end after the run has; then it is interrupted. When it fails, so does the run, before more elements
 * leave it.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const done: Array<number | undefined> = []
 * const watched = Pipeline.from([1, 2, 3]).pipe(
 *   Pipeline.map((n) => n, { name: "same" }),
 *   Pipeline.observe((run) =>
 *     Stream.runForEach(run.changes(), ({ isDone, stages }) =>
 *       Effect.sync(() => (isDone ? done.push(stages.find(({ name }) => name === "same")?.out) : undefined))
 *     )
 *   )
 * )
 * await Effect.runPromise(Pipeline.run(watched))
 * assert.deepEqual(done, [3])
 * ```
 *
 * @since 0.1.0
 */
export const observe: {
  <E2, R2>(
    observer: (run: RunStats) => Effect.Effect<unknown, E2, R2>
  ): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<A, E | E2, R | R2>
  <A, E, R, E2, R2>(
    self: Pipeline<A, E, R>,
    observer: (run: RunStats) => Effect.Effect<unknown, E2, R2>
  ): Pipeline<A, E | E2, R | R2>
} = dual(2, stages.observe)

/**
 * Its stages, and which of them feed which.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 *
 * const { edges, nodes } = Pipeline.describe(Pipeline.from([1]).pipe(Pipeline.map((n) => n, { name: "same" })))
 * assert.deepEqual(nodes.map(({ name }) => name), ["source", "same"])
 * assert.deepEqual(edges, [{ from: 0, to: 1, label: undefined }])
 * ```
 *
 * @since 0.1.0
 */
export const describe = (self: Pipeline<unknown, unknown, unknown>): Graph => graphOf(endOf(self)).graph

/**
 * Its graph in the language of Mermaid, which GitHub draws.
 *
 * **Example**
 *
 * ```ts
 * import assert from "node:assert/strict"
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 *
 * const drawn = Pipeline.toMermaid(Pipeline.from([1], { name: "ones" }).pipe(Pipeline.batch(2)))
 * assert.match(drawn, /^flowchart LR/)
 * ```
 *
 * @since 0.1.0
 */
export const toMermaid = (self: Pipeline<unknown, unknown, unknown>): string => mermaid.toMermaid(describe(self))

/**
 * Has a tracer draw spans of the elements of all stages before it: of every so manieth one that a stage is given, from its first
 * on, and of each of its attempts; `pipeline.<stage>.element`, below the span of the stage. Each costs some microseconds. Fails
 * with `InvalidOption` if `every` is no whole number of at least 1.
 *
 * The span of a stage itself, `pipeline.<stage>`, is there anyway, from the beginning of a run to its end, with the stage's
 * stats. Without a tracer there is nothing of all this.
 *
 * **Example**
 *
 * ```ts
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 * import * as Tracer from "effect/Tracer"
 *
 * const drawn: Array<string> = []
 * const tracer = Tracer.make({
 *   span: (options) => {
 *     drawn.push(options.name)
 *     return new Tracer.NativeSpan(options)
 *   }
 * })
 * const program = Pipeline.from([1, 2, 3, 4]).pipe(
 *   Pipeline.map((n) => n * 2, { name: "double" }),
 *   Pipeline.withSpans({ every: 3 }),
 *   Pipeline.run,
 *   Effect.provideService(Tracer.Tracer, tracer)
 * )
 * await Effect.runPromise(program)
 *
 * const elements = ["pipeline.double.element", "pipeline.double.element"]
 * assert.deepEqual(drawn, ["pipeline.source", "pipeline.double", ...elements])
 * ```
 *
 * @since 0.1.0
 */
export const withSpans: {
  (options: { readonly every: number }): <A, E, R>(self: Pipeline<A, E, R>) => Pipeline<A, E | InvalidOption, R>
  <A, E, R>(self: Pipeline<A, E, R>, options: { readonly every: number }): Pipeline<A, E | InvalidOption, R>
} = dual(2, stages.withSpans)
