/** The jobs as they are run: what they leave, what they say, what they refuse, and how they end. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, dirname, join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { DemoEvent } from "@ropewalk/examples/DemoEvent"
import { runOne } from "@ropewalk/examples/DemoRunner"
import * as Jobs from "@ropewalk/examples/Jobs"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import { SearchIndex } from "../../src/internal/crawl/SearchIndex.ts"
import { bandsOf, renderBand } from "../../src/internal/fractal/render.ts"
import { viewOf } from "../../src/internal/fractal/views.ts"
import * as Png from "../../src/internal/png.ts"
import { contentOf, temporaryFolder } from "./temporary.ts"

/** Plays a job, and gives back what it said. */
const record = Effect.fnUntraced(function* <Options>(
  job: Jobs.Job<Options>,
  options: Options,
  onEvent: (event: DemoEvent) => void = () => {}
) {
  const events: Array<DemoEvent> = []
  const passed = yield* runOne(Jobs.toDemo(job, options), {
    scale: 1,
    seed: 1,
    render: (event) => {
      events.push(event)
      onEvent(event)
    }
  })
  return {
    passed,
    lines: events.flatMap((event) => (event.type === "line" ? [event.text] : [])),
    notes: events.flatMap((event) => (event.type === "note" ? [event.text] : [])),
    verdict: events.find((event) => event.type === "verdict"),
    ended: events.find((event) => event.type === "demo-ended")
  }
})

describe("what a job leaves", () => {
  it.live("word-count: all words of a folder, the most frequent first", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      mkdirSync(join(folder, "in"))
      writeFileSync(join(folder, "in/a.txt"), "rope walk rope")
      writeFileSync(join(folder, "in/b.txt"), "Walk, ROPE!")
      const { lines, passed } = yield* record(Jobs.wordCount, {
        folder: join(folder, "in"),
        out: join(folder, "new/out"),
        workers: 1,
        top: 1
      })
      assert.isTrue(passed)
      assert.deepStrictEqual(lines.slice(1, 3), ["5 words, 2 different", "3  rope"])
      assert.notInclude(lines.join("\n"), "2  walk")
      assert.strictEqual(readFileSync(join(folder, "new/out/words.tsv"), "utf8"), "rope\t3\nwalk\t2\n")
      assert.deepStrictEqual(contentOf(folder), ["in", "in/a.txt", "in/b.txt", "new", "new/out", "new/out/words.tsv"])
    })
  )

  it.live("word-count: nothing to count is no failure", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { lines, passed } = yield* record(Jobs.wordCount, { folder, out: "nowhere", place: "fiber" })
      assert.isTrue(passed)
      assert.include(lines, "0 words, 0 different")
    })
  )

  it.live("mandelbrot: a picture in a folder that it names, the same for the same seed", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { lines, passed } = yield* record(Jobs.mandelbrot, { size: 64, seed: 4, workers: 1 })
      assert.isTrue(passed)
      const path = /^The picture is (.*)$/.exec(lines[1] ?? "")?.[1] ?? ""
      assert.deepStrictEqual(contentOf(folder), [basename(dirname(path)), relative(folder, path)])
      const picture = Png.decode(readFileSync(path))
      const [band] = bandsOf(viewOf(4), 64, 36, 36)
      assert.deepStrictEqual(picture, { width: 64, height: 36, pixels: renderBand(band!) })
    })
  )

  it.live("crawl: an index that can be asked, and the dead letters", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { lines, notes, passed } = yield* record(Jobs.crawl, {
        size: 5,
        out: folder,
        workers: 1,
        timeout: 700,
        query: "page 4"
      })
      assert.isTrue(passed)
      assert.deepStrictEqual(contentOf(folder), ["dead-letters.jsonl", "index.json"])
      const index = SearchIndex.fromJSON(JSON.parse(readFileSync(join(folder, "index.json"), "utf8")))
      assert.strictEqual(index.search("page 4")[0]?.path, "/page/4")
      assert.match(lines.find((line) => line.includes("/page/")) ?? "", /^ +\d+\.\d\d {2}\/page\/4 /)
      const letters = readFileSync(join(folder, "dead-letters.jsonl"), "utf8").trimEnd().split("\n")
      assert.lengthOf(letters, 7)
      assert.deepStrictEqual(letters.map((line) => JSON.parse(line).input).sort(), [
        "/broken",
        "/deep",
        "/loop/a",
        "/missing/1",
        "/missing/2",
        "/poison",
        "/silent"
      ])
      assert.lengthOf(notes, 7)
    })
  )

  for (const job of Jobs.jobs) {
    it.live(`${job.name} as a demo: nothing`, () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const small = Jobs.small({ ...job, size: { ...job.size, small: job.size.least } })
        assert.isTrue(yield* runOne(small, { scale: 1, seed: 1, render: () => {} }))
        assert.deepStrictEqual(contentOf(folder), [])
      })
    )
  }
})

describe("--compare", () => {
  it.live("runs the job on one thread too, and says how the two compare", () =>
    Effect.gen(function* () {
      const { passed, verdict } = yield* record(Jobs.mandelbrot, {
        size: 32,
        workers: 1,
        place: "fiber",
        compare: true,
        out: "nowhere"
      })
      assert.isTrue(passed)
      assert.match(verdict?.shown ?? "", /on 1 fiber, and \d+\.\d\d s on one thread: \d+\.\d\d times as fast$/)
    })
  )
})

describe("what is wrong is said, and nothing is left", () => {
  const refused = <Options extends Jobs.JobOptions>(
    what: string,
    job: Jobs.Job<Options>,
    options: Options,
    message: RegExp
  ) =>
    it.live(what, () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const { ended, passed } = yield* record(job, options)
        assert.isFalse(passed)
        assert.strictEqual(ended?.outcome, "failed")
        assert.match(ended?.error ?? "", message)
        assert.deepStrictEqual(contentOf(folder), [])
      })
    )

  refused("no workers", Jobs.mandelbrot, { workers: 0 }, /InvalidOption: workers must be a whole number from 1 to 256/)
  refused("half a worker", Jobs.crawl, { workers: 1.5 }, /InvalidOption: workers/)
  refused("no size", Jobs.wordCount, { size: 0 }, /InvalidOption: size must be a whole number from 1 to 10000, not 0/)
  refused("a size that is none", Jobs.mandelbrot, { size: Number.NaN }, /InvalidOption: size .* not NaN/)
  refused("a seed that is none", Jobs.mandelbrot, { seed: 0.5 }, /InvalidOption: seed/)
  refused("fewer words than none", Jobs.wordCount, { top: -1 }, /InvalidOption: top/)
  refused("no time", Jobs.crawl, { timeout: 0 }, /InvalidOption: timeout/)
  refused(
    "a folder that is not there",
    Jobs.wordCount,
    { folder: "/nowhere/at/all", workers: 1 },
    /InputUnreadable: \/nowhere\/at\/all can't be read: ENOENT/
  )
  refused(
    "an output folder that no system makes",
    Jobs.mandelbrot,
    { out: "/proc/none/at/all", size: 16 },
    /OutputUnwr/
  )
  refused("an output folder that is a file", Jobs.mandelbrot, { out: "/dev/null/out", size: 16 }, /OutputUnwritable/)
})

describe("an output that can't be put in its place", () => {
  it.live("is not left beside it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      mkdirSync(join(folder, "mandelbrot.png"))
      const { ended } = yield* record(Jobs.mandelbrot, { size: 16, workers: 1, out: folder })
      assert.match(ended?.error ?? "", /OutputUnwritable: .*mandelbrot\.png can't be written: EISDIR/)
      assert.deepStrictEqual(contentOf(folder), ["mandelbrot.png"])
    })
  )
})

describe("an interrupt", () => {
  for (const [job, options, at] of [
    [Jobs.wordCount, { size: 2 }, /^Making/],
    [Jobs.wordCount, { size: 1, place: "fiber" }, /^Counting/],
    [Jobs.wordCount, { size: 1, place: "process" }, /^Counting/],
    [Jobs.mandelbrot, { size: 2000 }, /^Drawing/],
    [Jobs.crawl, { size: 50 }, /^Crawling/]
  ] as const) {
    it.live(`of ${job.name} at ${at} leaves nothing, in the folder that was given either`, () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const reached = yield* Latch.make()
        const fiber = yield* Effect.forkChild(
          record(job, { ...options, workers: 1, out: join(folder, "out") }, (event) => {
            if (event.type === "line" && at.test(event.text)) reached.openUnsafe()
          })
        )
        yield* reached.await
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(contentOf(folder), [])
      })
    )
  }
})
