/** Each job in each place gives what it gives on one thread; what goes wrong costs only itself. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import { crawl, onPool, onThisThread } from "@ropewalk/examples/jobs/crawl"
import { draw, drawHere } from "@ropewalk/examples/jobs/mandelbrot"
import { count, countHere } from "@ropewalk/examples/jobs/word-count"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { parsersOf } from "../../src/internal/crawl/parsing.ts"
import type { Site } from "../../src/internal/crawl/Site.ts"
import { publish, serveSite } from "../../src/internal/crawl/serveSite.ts"
import { bandsOf } from "../../src/internal/fractal/render.ts"
import { viewOf } from "../../src/internal/fractal/views.ts"
import { workersOf } from "../../src/internal/job/workers.ts"
import { byFrequency } from "../../src/internal/words/counts.ts"
import { draftsOf, filesIn, writeDraft } from "../../src/internal/words/folder.ts"
import { chunksOf } from "../../src/internal/words/spans.ts"
import { temporaryFolder } from "./temporary.ts"

const places = ["fiber", "thread", "process"] as const

const textIn = (folder: string) =>
  Effect.promise(() => {
    for (const draft of draftsOf(folder, 1, 400_000)) writeDraft(draft)
    return filesIn(folder).then(({ files }) => files)
  })

describe("word-count", () => {
  for (const place of places) {
    it.live(`${place}: counts what one thread counts, and tells of the file that it can't read`, () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const files = yield* textIn(folder)
        const gone = { path: join(folder, "gone.txt"), bytes: 10 }
        const chunks = [...chunksOf([...files, gone], () => 30_000)]
        const workers = yield* workersOf<typeof import("@ropewalk/examples/jobs/word-count.worker")>(
          "jobs/word-count.worker",
          place,
          2
        )
        const expected = yield* countHere([...chunksOf(files, () => 1e9)])
        assert.isAbove(expected.counts.size, 1000)
        const tally = yield* count(workers, 2, chunks)
        assert.deepStrictEqual(byFrequency(tally.counts), byFrequency(expected.counts))
        assert.deepStrictEqual(
          tally.unread.map(({ path, reason }) => [path, reason.split(":")[0]]),
          [[gone.path, "ENOENT"]]
        )
        assert.deepStrictEqual((yield* countHere(chunks)).unread, tally.unread)
      })
    )
  }

  it.live("a worker that dies under a chunk is replaced, and the chunk is counted all the same, once", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const chunks = [...chunksOf(yield* textIn(join(folder, "text")), () => 50_000)]
      const marker = join(folder, "has-died")
      const workers = yield* ThreadPool.module<typeof import("@ropewalk/examples/jobs/word-count.worker")>(
        new URL("./fixtures/mortal.ts", import.meta.url),
        { size: 2, env: { MORTAL_MARKER: marker } }
      )
      const tally = yield* count(workers, 2, chunks)
      assert.strictEqual(readFileSync(marker, "utf8"), "")
      assert.deepStrictEqual(tally.counts, (yield* countHere(chunks)).counts)
    })
  )

  it.live("takes the files of all folders below, and no links: no file is counted twice", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      mkdirSync(join(folder, "a/b"), { recursive: true })
      writeFileSync(join(folder, "a/b/c.txt"), "one two")
      writeFileSync(join(folder, "d"), "")
      symlinkSync(join(folder, "a"), join(folder, "loop"))
      symlinkSync(join(folder, "a/b/c.txt"), join(folder, "again"))
      const { files, unread } = yield* Effect.promise(() => filesIn(folder))
      assert.deepStrictEqual(unread, [])
      assert.deepStrictEqual(files, [
        { path: join(folder, "a/b/c.txt"), bytes: 7 },
        { path: join(folder, "d"), bytes: 0 }
      ])
    })
  )
})

describe("mandelbrot", () => {
  for (const place of places) {
    it.live(`${place}: draws what one thread draws, to the pixel`, () =>
      Effect.gen(function* () {
        const bands = bandsOf(viewOf(4), 64, 36, 5)
        const workers = yield* workersOf<typeof import("@ropewalk/examples/jobs/mandelbrot.worker")>(
          "jobs/mandelbrot.worker",
          place,
          2
        )
        const expected = yield* drawHere(bands)
        assert.isAbove(new Set(expected.pixels).size, 50)
        assert.deepStrictEqual(yield* draw(workers, 2, bands), expected)
      })
    )
  }
})

describe("crawl", () => {
  const site: Site = { seed: 3, pages: 25 }
  const onSite = (parsing: Parameters<typeof crawl>[1]) =>
    Effect.flatMap(publish(site), serveSite).pipe(
      Effect.flatMap((url) => crawl(url, parsing, 700)),
      Effect.scoped,
      Effect.provide(NodeHttpClient.layerNodeHttp)
    )
  const reasonsOf = ({ letters }: Effect.Success<ReturnType<typeof onSite>>) =>
    letters
      .map(({ cause, input, stage }) => {
        const error = Option.getOrThrow(Cause.findErrorOption(cause))
        const reason = "reason" in error && Predicate.hasProperty(error.reason, "_tag") ? error.reason._tag : ""
        return `${input} ${stage} ${error._tag} ${reason}`.trim()
      })
      .sort()

  for (const place of places) {
    it.live(`${place}: the index is that of one thread; what is lost is a dead letter with its reason`, () =>
      Effect.gen(function* () {
        const pool = yield* parsersOf(place, 2)
        const crawled = yield* onSite(onPool(pool))
        const expected = yield* onSite(onThisThread)
        // All pages, and the three that were there only when they were asked again.
        assert.strictEqual(crawled.index.pages, site.pages + 3)
        for (const path of ["/heals/1", "/heals/2", "/sleepy"]) assert.isString(crawled.index.titleOf(path), path)
        assert.strictEqual(JSON.stringify(crawled.index), JSON.stringify(expected.index))
        const title = crawled.index.titleOf("/page/7")!
        assert.strictEqual(crawled.index.search(title)[0]?.path, "/page/7")
        assert.deepStrictEqual(crawled.index.search(title), expected.index.search(title))
        const poisoned = place === "fiber" ? "/poison Parse ParseError" : "/poison Parse WorkerCrashed Exited"
        assert.deepStrictEqual(reasonsOf(crawled), [
          "/broken Fetch FetchError Status",
          "/deep Parse ParseError",
          "/loop/a Fetch FetchError Redirects",
          "/missing/1 Fetch FetchError Status",
          "/missing/2 Fetch FetchError Status",
          poisoned,
          "/silent Fetch StageTimeout"
        ])
      })
    )
  }

  it.live("no page is parsed twice, though some are found on several ways", () =>
    Effect.gen(function* () {
      const parsed: Array<string> = []
      yield* onSite((onError) => (pages) => {
        const noted = Pipeline.map(pages, (page) => {
          parsed.push(new URL(page.url).pathname)
          return page
        })
        return onThisThread(onError)(noted)
      })
      // All that is a page, also those that can't be parsed. That which has moved is known already.
      assert.deepStrictEqual(parsed.sort(), [...new Set(parsed)])
      assert.lengthOf(parsed, site.pages + 5)
    })
  )

  it.live("a site that is not there is one dead letter, after three tries, and an empty index", () =>
    Effect.gen(function* () {
      const crawled = yield* crawl("http://127.0.0.1:1", onThisThread, 250)
      assert.strictEqual(crawled.index.pages, 0)
      assert.deepStrictEqual(reasonsOf(crawled), ["/page/0 Fetch FetchError Network"])
    }).pipe(Effect.provide(NodeHttpClient.layerNodeHttp))
  )
})
