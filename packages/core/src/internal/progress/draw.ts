/**
 * Draws a stream of stats: in place on a terminal, as lines now and then elsewhere.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Options, TerminalStream } from "../../Progress.ts"
import { InvalidOption } from "../errors.ts"
import { millis } from "../options.ts"
import type { PipelineStats } from "../pipeline/stats.ts"
import { LiveBlock } from "./LiveBlock.ts"
import { renderLine } from "./plain.ts"
import { render } from "./render.ts"

/** Milliseconds over which rates are taken: what is quicker flickers. */
const paceOver = 2000

export interface Output {
  readonly stream: TerminalStream
  /** Other streams that may end at the same terminal. */
  readonly others: ReadonlyArray<TerminalStream>
  readonly env: { readonly NO_COLOR?: string | undefined; readonly TERM?: string | undefined }
}

export const outputOf = ({ stream = process.stderr }: Options): Output => ({
  stream,
  others: [process.stdout, process.stderr],
  env: process.env
})

/** Whether it can be drawn in place: a dumb terminal can't move its cursor. */
const isLive = ({ env, stream }: Output): boolean => stream.isTTY === true && env.TERM !== "dumb"

interface Intervals {
  readonly live: number
  readonly plain: number
}

const intervalsOf = ({
  interval = "200 millis",
  plainInterval = "10 seconds"
}: Options): Effect.Effect<Intervals, InvalidOption> =>
  Effect.all({ live: millis("interval", interval), plain: millis("plainInterval", plainInterval) })

/** How often it is worth to look. */
export const intervalOf = (options: Options, output: Output): Effect.Effect<number, InvalidOption> =>
  Effect.map(intervalsOf(options), ({ live, plain }) => (isLive(output) ? live : plain))

export const draw = <E, R>(
  changes: Stream.Stream<PipelineStats, E, R>,
  options: Options,
  output: Output
): Effect.Effect<void, E | InvalidOption, R> =>
  Effect.gen(function* () {
    const { live, plain } = yield* intervalsOf(options)
    yield* checkTotal(options.total)
    const pace = new Pace()
    const block = isLive(output) ? yield* openBlock(output) : undefined
    yield* block === undefined
      ? sparsely(changes, plain, plainDrawing(options, output, pace))
      : sparsely(changes, live, liveDrawing(block, options, output, pace))
  }).pipe(Effect.scoped)

const checkTotal = (total: number | undefined): Effect.Effect<void, InvalidOption> =>
  total === undefined || total >= 0
    ? Effect.void
    : Effect.fail(new InvalidOption({ option: "total", message: `total must be a number of at least 0, not ${total}` }))

type Show = (stats: PipelineStats) => Effect.Effect<void>

/** Shows the first and the last, and of those between at most one in each interval: always the newest. */
const sparsely = <E, R>(
  changes: Stream.Stream<PipelineStats, E, R>,
  interval: number,
  show: Show
): Effect.Effect<void, E, R> => {
  const ended = Latch.makeUnsafe()
  const pause = Effect.raceFirst(ended.await, Effect.sleep(interval))
  return changes.pipe(
    Stream.ensuring(ended.open),
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach((stats) => Effect.andThen(show(stats), pause))
  )
}

/** None while another picture is on that terminal: there is room for one. */
const openBlock = ({ others, stream }: Output): Effect.Effect<LiveBlock | undefined, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => LiveBlock.open(stream, others)),
    (block) => Effect.sync(() => block?.close())
  )

const liveDrawing =
  (block: LiveBlock, { color, title, total }: Options, { env, stream }: Output, pace: Pace): Show =>
  (stats) =>
    Effect.sync(() => {
      const since = pace.since(stats)
      // A terminal that doesn't know its size says 0. Its last row is the cursor's.
      const columns = stream.columns || 80
      const rows = (stream.rows || 24) - 1
      block.draw(render(stats, { columns, rows, color: color ?? !env.NO_COLOR, title, total, since }))
    })

const plainDrawing =
  ({ title, total }: Options, { stream }: Output, pace: Pace): Show =>
  (stats) =>
    Effect.sync(() => {
      stream.write(`${renderLine(stats, { title, total, since: pace.since(stats) })}\n`)
    })

/** Remembers the snapshots of the last seconds, for the pace of now. The last one tells of the whole run. */
class Pace {
  private readonly past: Array<PipelineStats> = []

  since(stats: PipelineStats): PipelineStats | undefined {
    const { past } = this
    // One that is old enough is enough.
    while (past.length > 1 && past[1]!.elapsed <= stats.elapsed - paceOver) past.shift()
    const [since] = past
    past.push(stats)
    return stats.isDone ? undefined : since
  }
}
