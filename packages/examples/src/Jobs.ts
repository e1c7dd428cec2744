/**
 * The jobs: programs that have real work to do, and data to do it on. Each runs on fibers, threads or in processes, beside
 * itself on one thread if it is asked to.
 *
 * | job | what it does | `size` |
 * | --- | --- | --- |
 * | `word-count` | counts the words of a folder of text (map and reduce) | megabytes of text to make |
 * | `mandelbrot` | draws a picture, in bands of rows | its width in pixels |
 * | `crawl` | fetches, parses and indexes a site where much goes wrong | pages of the site |
 *
 * A job is played as a demo is: it prints, and says at its end how long it took and whether all was well. Its file is loaded
 * when it runs and not before.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type { Demo } from "./Demos.ts"
import type { JobOptions } from "./internal/job/options.ts"
import { type SizeBounds, sizes } from "./internal/job/sizes.ts"
import type { Stage } from "./internal/Stage.ts"
import type { Options as CrawlOptions } from "./jobs/crawl.ts"
import type { Options as MandelbrotOptions } from "./jobs/mandelbrot.ts"
import type { Options as WordCountOptions } from "./jobs/word-count.ts"

export type { CrawlOptions, JobOptions, MandelbrotOptions, WordCountOptions }

export interface Job<in Options = JobOptions> {
  readonly name: string
  readonly title: string
  readonly size: SizeBounds
  readonly load: () => Promise<{
    /** Fails with `InvalidOption` for options that make no sense. */
    readonly job: (options: Options) => Effect.Effect<void, unknown, Stage | Scope.Scope>
  }>
}

export const wordCount: Job<WordCountOptions> = {
  name: "word-count",
  title: "The words of a folder of text, counted by all processors",
  size: sizes.wordCount,
  load: () => import("./jobs/word-count.ts")
}

export const mandelbrot: Job<MandelbrotOptions> = {
  name: "mandelbrot",
  title: "A picture of the Mandelbrot set, drawn in bands",
  size: sizes.mandelbrot,
  load: () => import("./jobs/mandelbrot.ts")
}

export const crawl: Job<CrawlOptions> = {
  name: "crawl",
  title: "A site where much goes wrong, crawled and indexed",
  size: sizes.crawl,
  load: () => import("./jobs/crawl.ts")
}

export const jobs: ReadonlyArray<Job> = [wordCount, mandelbrot, crawl]

/** A job with its options, as something that can be played. Its clock is the real one: there is nothing but work to wait for. */
export const toDemo = <Options>(job: Job<Options>, options: Options): Demo => ({
  name: job.name,
  title: job.title,
  realTime: true,
  load: async () => {
    const loaded = await job.load()
    return { run: loaded.job(options) }
  }
})

/** A job as a demo among others: small, with what is random drawn as theirs is, and without anything left at its end. */
export const small = (job: Job): Demo => ({
  ...toDemo(job, {}),
  load: async () => {
    const loaded = await job.load()
    const run = Effect.flatMap(Random.nextIntBetween(0, 1000), (seed) =>
      loaded.job({ size: job.size.small, seed, out: "nowhere" })
    )
    return { run }
  }
})
