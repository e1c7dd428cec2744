/**
 * A picture of the Mandelbrot set as PNG: bands of rows are drawn on all processors, and put together as they come.
 *
 * The work of a band is known only when it is done, so there are many more bands than workers, and whoever is free takes the
 * next one.
 */
import * as Pipeline from "@ropewalk/core/Pipeline"
import type { Module } from "@ropewalk/core/Pool"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { blank, paste } from "../internal/fractal/canvas.ts"
import { type Band, bandsOf, renderBand } from "../internal/fractal/render.ts"
import { viewOf } from "../internal/fractal/views.ts"
import { measure, onThisThread } from "../internal/job/measure.ts"
import { type JobOptions, settingsOf } from "../internal/job/options.ts"
import { openOutput } from "../internal/job/output.ts"
import { sizes } from "../internal/job/sizes.ts"
import { workersOf } from "../internal/job/workers.ts"
import * as Png from "../internal/png.ts"
import { lane, verdict } from "../internal/Stage.ts"
import { watched } from "../internal/watched.ts"

/** `size` is the width of the picture in pixels, 16 to 16,384, by default 1920; it is 16:9. The seed chooses the place. */
export type Options = JobOptions

type Work = typeof import("./mandelbrot.worker.ts")

const rowsPerBand = 8

/** One that it works on, and one that waits for it. */
const perWorker = 2

/** Draws the bands on so many workers. */
export const draw = (workers: Module<Work>, size: number, bands: ReadonlyArray<Band>) =>
  Effect.suspend(() => {
    const picture = blank(bands[0]!.width, bands[0]!.height)
    return Pipeline.from(bands, { name: "bands" }).pipe(
      Pipeline.call(workers, "render", { concurrency: perWorker * size, ordered: false }),
      watched(bands.length),
      Pipeline.runForEach((painted) => paste(picture, painted), { name: "paste" }),
      Effect.as(picture)
    )
  })

/** The same on one thread: this one. */
export const drawHere = (bands: ReadonlyArray<Band>): Effect.Effect<Png.Picture> =>
  Effect.suspend(() => {
    const picture = blank(bands[0]!.width, bands[0]!.height)
    const draw = (band: Band) => paste(picture, { band, pixels: renderBand(band) })
    return Effect.as(onThisThread(bands, draw), picture)
  })

export const job = Effect.fnUntraced(function* (options: Options) {
  const settings = yield* settingsOf(options, sizes.mandelbrot)
  const out = yield* openOutput("mandelbrot", options.out)
  const view = viewOf(settings.seed)
  const bands = bandsOf(view, settings.size, Math.round((settings.size * 9) / 16), rowsPerBand)
  const { height, width } = bands[0]!
  const workers = yield* workersOf<Work>("jobs/mandelbrot.worker", settings.place, settings.workers)

  yield* Console.log(`Drawing ${view.name}, ${width} × ${height} pixels, in ${bands.length} bands...`)
  const drawn = yield* measure(settings, {
    one: drawHere(bands),
    many: draw(workers, settings.workers, bands),
    isSame: (one, many) => Buffer.compare(one.pixels, many.pixels) === 0
  }).pipe(lane("draw"))
  const path = yield* Effect.flatMap(Png.encode(drawn.result), (png) => out.write("mandelbrot.png", png)).pipe(
    lane("encode")
  )
  if (out.isKept) yield* Console.log(`The picture is ${path}`)

  yield* verdict({
    elapsed: drawn.seconds,
    ...(drawn.beside === undefined ? {} : { ideal: drawn.beside.ideal }),
    shown: `${width} × ${height} pixels drawn in ${drawn.shown}`,
    ok: drawn.beside?.isSame ?? true
  })
})
