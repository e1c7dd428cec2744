/**
 * Shows people how a pipeline gets on: a line for each stage, which one holds up the others, and how long it still takes.
 *
 * **When to use**: in a command that somebody waits for. A service publishes the same figures as metrics: read the
 * `changes` of a run.
 *
 * **Lineage**: the bars of Rust's indicatif and Python's tqdm; what is printed meanwhile goes above the bars, as with
 * log-update and listr.
 *
 * **What differs**: it shows a pipeline and not a loop. `busy` says what share of its width a stage was at work, and the
 * stage that the others wait for is marked: widen that one.
 *
 * ```text
 * import  41 %  ████████████▎░░░░░░░░░░░░░░░░░  12,336 of 30,000  9 under way  1,233/s  10 s, 14.3 s left
 *   stage    done     rate  in flight  queued     p50    p99  busy
 *   lines  12,345  1,234/s          0       0    2 µs   5 µs   1 %  ▏░░░░░░░
 * ▶ parse  12,334  1,233/s          8       0  5.1 ms  12 ms  98 %  ███████▉  bottleneck, 3 failed, 3 skipped
 *   write  12,333  1,233/s          1       0  200 µs   1 ms  12 %  █░░░░░░░
 * ```
 *
 * The first line is about the elements that the sources give: done are those that have left the last stage, or were left out on
 * the way; the others are under way. Where a stage makes many of one or one of many, each that leaves counts for as much of an
 * element as it stands for on average, and what a `reduce` has folded is done. A line of a stage is about what the stage was given
 * and has given.
 *
 * **Gotchas**: while a picture is shown, `write` of the program's terminal streams is watched, so that what others print is
 * not torn. A process that inherits the terminal writes past it: give it pipes.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { PoolStats } from "./internal/dispatch/lifeOptions.ts"
import type { InvalidOption } from "./internal/errors.ts"
import type { RunStats } from "./internal/pipeline/observe.ts"
import type { PipelineStats } from "./internal/pipeline/stats.ts"
import * as drawing from "./internal/progress/draw.ts"
import * as poolStats from "./internal/progress/pools.ts"
import * as lines from "./internal/progress/render.ts"

/**
 * What is drawn on: `process.stderr`, or what looks like it.
 *
 * @since 0.1.0
 */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  write: (chunk: string | Uint8Array) => boolean
  readonly on: (event: "resize", listener: () => void) => unknown
  readonly off: (event: "resize", listener: () => void) => unknown
}

/**
 * How the progress of a pipeline is shown.
 *
 * @since 0.1.0
 */
export interface Options {
  /** What it is about. */
  readonly title?: string | undefined
  /**
   * How many elements the sources give in all, if that is known: then there is a bar, and the time that is left. Both are about
   * what is done, and not about what was read.
   */
  readonly total?: number | undefined
  /** Default: `process.stderr`, so that the program's output may go elsewhere. */
  readonly stream?: TerminalStream | undefined
  /** Default: on a terminal, unless the environment has `NO_COLOR` (https://no-color.org). */
  readonly color?: boolean | undefined
  /** How long a picture stays at the least, on a terminal. Default: 200 ms. */
  readonly interval?: Duration.Input | undefined
  /** The same of a line, where there is no terminal. Default: 10 seconds. */
  readonly plainInterval?: Duration.Input | undefined
}

/**
 * For {@link render}.
 *
 * @since 0.1.0
 */
export interface RenderOptions {
  /** No line is wider. East Asian signs and emoji count as two. */
  readonly columns: number
  /** There are no more lines, if there is room for three: the last says how many stages it leaves out. Default: any number. */
  readonly rows?: number | undefined
  /** Default: `false`. */
  readonly color?: boolean | undefined
  readonly title?: string | undefined
  /** How many elements the sources give in all. */
  readonly total?: number | undefined
  /** An earlier snapshot of the same run, from which on rates and shares are taken. Default: the start. */
  readonly since?: PipelineStats | undefined
}

/**
 * The stats of a pipeline as lines for a terminal: a title, a heading, and a line for each stage. It is pure: the same stats
 * give the same lines. Names are shown without control codes. Where it is narrow, columns are left out: first the bar, at the
 * end all but the name and what is done.
 *
 * **Example** (a picture of the stats of a run)
 *
 * ```ts
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Progress from "@ropewalk/core/Progress"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * let lines: ReadonlyArray<string> = []
 * const look = (run: Pipeline.RunStats) =>
 *   Stream.runForEach(run.changes(), (stats) => {
 *     lines = Progress.render(stats, { columns: 40, total: 3 })
 *     return Effect.void
 *   })
 * const program = Pipeline.from([1, 2, 3]).pipe(
 *   Pipeline.map((n) => n * 2, { name: "double" }),
 *   Pipeline.observe(look),
 *   Pipeline.run
 * )
 * await Effect.runPromise(program)
 *
 * assert.match(lines[0] ?? "", /^100 % .* ended after/)
 * assert.match(lines.at(-1) ?? "", /^  double +3/)
 * ```
 *
 * @since 0.1.0
 */
export const render = (stats: PipelineStats, options: RenderOptions): ReadonlyArray<string> =>
  lines.render(stats, options)

/**
 * Draws stats as they come, until they end: in place on a terminal, elsewhere as a line now and then. The last one is always
 * shown, and stays. Of those that come quicker than `interval` the newest is shown. A terminal has room for one picture: what
 * is drawn beside it is lines.
 *
 * The cursor is hidden meanwhile, and is there again however this ends: with the stream, by a failure, an interrupt, or with
 * the program.
 *
 * Fails with `InvalidOption` for an interval that is no duration or a total below 0, and as the stream does.
 *
 * **Example** (stats of one's own)
 *
 * ```ts
 * import * as Progress from "@ropewalk/core/Progress"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * let printed = ""
 * const stream: Progress.TerminalStream = {
 *   write: (text) => {
 *     printed += text
 *     return true
 *   },
 *   on: () => {},
 *   off: () => {}
 * }
 * const changes = Stream.succeed({ elapsed: 12_000, done: 0, stages: [], bottleneck: undefined, isDone: true })
 * await Effect.runPromise(Progress.draw(changes, { stream, title: "nothing" }))
 * assert.equal(printed, "nothing: ended after 12 s\n")
 * ```
 *
 * @since 0.1.0
 */
export const draw = <E, R>(
  changes: Stream.Stream<PipelineStats, E, R>,
  options: Options = {}
): Effect.Effect<void, E | InvalidOption, R> => drawing.draw(changes, options, drawing.outputOf(options))

/**
 * Draws a run until it has ended: {@link draw} of its `changes`, for `Pipeline.observe`.
 *
 * **Example**
 *
 * ```ts
 * import * as Pipeline from "@ropewalk/core/Pipeline"
 * import * as Progress from "@ropewalk/core/Progress"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const pages = ["/a", "/b", "/c"]
 * const program = Pipeline.from(pages).pipe(
 *   Pipeline.map((page) => page.length, { name: "measure" }),
 *   Pipeline.observe(Progress.show({ title: "pages", total: pages.length })),
 *   Pipeline.runCollect
 * )
 * assert.deepEqual(await Effect.runPromise(program), [2, 2, 2])
 * ```
 *
 * @since 0.1.0
 */
export const show =
  (options: Options = {}): ((run: RunStats) => Effect.Effect<void, InvalidOption>) =>
  (run) =>
    Effect.flatMap(drawing.intervalOf(options, drawing.outputOf(options)), (interval) =>
      draw(run.changes(interval), options)
    )

/**
 * The stats of pools, each as a stage, for {@link draw}: at once, and then each time `interval` has passed (default 200 ms).
 * It doesn't end: draw it beside what uses the pools. `queued` are calls that wait for a worker, `failed` those whose worker
 * died.
 *
 * **Example** (a pool while it works)
 *
 * ```ts
 * import * as FiberPool from "@ropewalk/core/FiberPool"
 * import * as Pool from "@ropewalk/core/Pool"
 * import * as Progress from "@ropewalk/core/Progress"
 * import assert from "node:assert/strict"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const zlib = yield* FiberPool.module<typeof import("node:zlib")>(new URL("node:zlib"))
 *   yield* Effect.forkScoped(Progress.draw(Progress.ofPools({ checksums: Pool.statsOf(zlib) })))
 *   assert.equal(yield* zlib.crc32("ropewalk"), 9184573)
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 *
 * @since 0.1.0
 */
export const ofPools = (
  pools: Readonly<Record<string, Effect.Effect<PoolStats>>>,
  interval: Duration.Input = "200 millis"
): Stream.Stream<PipelineStats, InvalidOption> => poolStats.ofPools(pools, interval)
