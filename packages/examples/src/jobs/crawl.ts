/**
 * Crawls a site: fetch → parse → index, where each page brings the addresses of others.
 *
 * What has a bad moment is asked again, a little later each time. What stays bad, and what can't be parsed, goes to the
 * dead letters with its reason, and the crawl goes on: also when a page ends the worker that reads it.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as DeadLetter from "@ropewalk/core/DeadLetter"
import * as Limiter from "@ropewalk/core/Limiter"
import * as Pipeline from "@ropewalk/core/Pipeline"
import type { InvalidOption } from "@ropewalk/core/Pool"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { FetchError } from "../FetchError.ts"
import * as Frontier from "../internal/crawl/Frontier.ts"
import { type Fetched, fetchPage, isTransient } from "../internal/crawl/fetchPage.ts"
import { type Parsers, parseHere, parsersOf } from "../internal/crawl/parsing.ts"
import { SearchIndex } from "../internal/crawl/SearchIndex.ts"
import { entrance } from "../internal/crawl/Site.ts"
import { publish, serveSite } from "../internal/crawl/serveSite.ts"
import { measure } from "../internal/job/measure.ts"
import { type JobOptions, settingsOf, wholeNumber } from "../internal/job/options.ts"
import { type OutputFolder, openOutput } from "../internal/job/output.ts"
import { sizes } from "../internal/job/sizes.ts"
import { lane, note, verdict } from "../internal/Stage.ts"
import { watched } from "../internal/watched.ts"
import { unpack } from "../internal/words/counts.ts"
import type { Page, Parsed } from "./crawl.tasks.ts"

/** `size` is how many pages the site has, 1 to 5000, by default 2000. */
export interface Options extends JobOptions {
  /** What to ask the index. Default: the title of one of the pages. */
  readonly query?: string | undefined
  /** How long a page may take to come, in milliseconds, 10 to 60,000. Default: 500. */
  readonly timeout?: number | undefined
}

type CrawlError = Error & { readonly _tag: string }

export interface Crawled {
  readonly index: SearchIndex
  readonly letters: ReadonlyArray<DeadLetter.Letter<string, CrawlError>>
}

type Failure = InvalidOption | DeadLetter.DeadLetterFailed

/** How pages are parsed: a stage, and what it does with a page that it can't parse. */
type ParseStage = (
  onError: Pipeline.OnError<Page, CrawlError, DeadLetter.DeadLetterFailed>
) => <R>(pages: Pipeline.Pipeline<Page, Failure, R>) => Pipeline.Pipeline<Parsed, Failure, R>

/** Each page by a worker of the pool. */
export const onPool =
  (pool: Parsers): ParseStage =>
  (onError) =>
    Pipeline.task(pool, "Parse", { ordered: false, onError })

/** One after the other on this thread. */
export const onThisThread: ParseStage = (onError) => Pipeline.map(parseHere, { name: "Parse", onError })

/** Again after 50 and after 100 ms; but not what will be the same another time. */
const backOff = Schedule.exponential("50 millis").pipe(
  Schedule.setInputType<FetchError | Pipeline.StageTimeout>(),
  Schedule.while(({ input }) => Effect.succeed(input._tag === "StageTimeout" || isTransient(input))),
  Schedule.upTo({ times: 2 })
)

/** Crawls all that the entrance of a site leads to, and no other site. */
export const crawl = (site: string, parsing: ParseStage, timeout: number) =>
  Effect.gen(function* () {
    const frontier = yield* Frontier.make(entrance)
    const connections = yield* Limiter.make({ permits: 8, name: "connections" })
    const index = new SearchIndex()
    const sink = yield* DeadLetter.collect<string, CrawlError>()
    const pathOf = (url: string) => url.slice(site.length)
    /** A page that is lost: its path and why. */
    const bury = (path: string, failed: Pipeline.Failed<unknown, CrawlError>) =>
      Effect.andThen(sink.write({ ...failed, input: path }), frontier.done)
    /** Whether a page is to be parsed: not one that is no page, nor one that a redirect led to and that is known. */
    const isWanted = Effect.fnUntraced(function* ({ path, type, url }: Fetched) {
      const isNew = pathOf(url) === path || (yield* frontier.claim(pathOf(url)))
      if (isNew && type.startsWith("text/html")) return true
      yield* frontier.done
      return false
    })

    yield* Pipeline.from(frontier.paths, { name: "Frontier" }).pipe(
      Pipeline.map((path) => fetchPage(site, path), {
        name: "Fetch",
        // More than there are connections: a page that waits to be asked again needs none.
        concurrency: 16,
        limiter: connections,
        ordered: false,
        timeout,
        retry: backOff,
        onError: (failed) => bury(failed.input, failed)
      }),
      Pipeline.filter(isWanted, { name: "Wanted" }),
      Pipeline.map(({ body, url }): Page => ({ url, body }), { name: "Page" }),
      parsing((failed) => bury(pathOf(failed.input.url), failed)),
      watched(),
      Pipeline.runForEach(
        (page) => {
          index.add({ ...page, words: unpack(page.words) })
          return Effect.andThen(frontier.add(page.links), frontier.done)
        },
        { name: "Index" }
      )
    )
    return { index, letters: yield* sink.letters }
  })

export const job = Effect.fnUntraced(function* (options: Options) {
  const settings = yield* settingsOf(options, sizes.crawl)
  const timeout = yield* wholeNumber("timeout", options.timeout ?? 500, 10, 60_000)
  const out = yield* openOutput("crawl", options.out)
  const answers = yield* publish({ seed: settings.seed, pages: settings.size }).pipe(lane("write the site"))
  const parsers = yield* parsersOf(settings.place, settings.workers)

  yield* Console.log(`Crawling a site of ${settings.size} pages...`)
  const crawling = (parsing: ParseStage) =>
    Effect.scoped(Effect.flatMap(serveSite(answers), (site) => crawl(site, parsing, timeout)))
  const { beside, result, seconds, shown } = yield* measure(settings, {
    one: crawling(onThisThread),
    many: crawling(onPool(parsers)),
    isSame: (one, many) => JSON.stringify(one.index) === JSON.stringify(many.index)
  }).pipe(Effect.provide(NodeHttpClient.layerNodeHttp), lane("crawl"))
  yield* report(result, out, options.query ?? result.index.titleOf(`/page/${settings.size - 1}`) ?? "")

  yield* verdict({
    elapsed: seconds,
    ...(beside === undefined ? {} : { ideal: beside.ideal }),
    shown: `crawled in ${shown}`,
    ok: beside?.isSame ?? true
  })
})

/** Writes the index and the dead letters, and asks the index. */
const report = Effect.fnUntraced(function* ({ index, letters }: Crawled, out: OutputFolder, query: string) {
  yield* Console.log(`${index.pages} pages have ${index.words} different words; ${letters.length} dead letters`)
  for (const { cause, input, stage } of letters.toSorted((a, b) => (a.input < b.input ? -1 : 1))) {
    yield* note(`dead letter: ${input} (${stage}: ${Option.getOrThrow(Cause.findErrorOption(cause)).message})`)
  }
  const indexPath = yield* out.write("index.json", JSON.stringify(index))
  const lettersPath = yield* Effect.scoped(
    Effect.gen(function* () {
      const staged = yield* out.stage("dead-letters.jsonl")
      const sink = yield* DeadLetter.file(staged.path)
      yield* Effect.forEach(letters, sink.write, { discard: true })
      return yield* staged.keep
    })
  )
  if (out.isKept) yield* Console.log(`The index is ${indexPath},\nthe dead letters are ${lettersPath}`)

  yield* Console.log(`The best pages for "${query}":`)
  for (const { path, score, title } of index.search(query, 5)) {
    yield* Console.log(`${score.toFixed(2).padStart(6)}  ${path}  ${title}`)
  }
})
