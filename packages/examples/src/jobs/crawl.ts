/**
 * Crawls a site: fetch → parse → index, where each page brings the addresses of others.
 *
 * What has a bad moment is asked again, a little later each time. What stays bad, and what can't be parsed, goes to the
 * dead letters with its reason, and the crawl goes on: also when a page ends the worker that reads it.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Pipeline from "@ropewalk/core/Pipeline"
import type { InvalidOption } from "@ropewalk/core/Pool"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { FetchError } from "../FetchError.ts"
import { type DeadLetter, letterOf, toLines } from "../internal/crawl/deadLetters.ts"
import * as Frontier from "../internal/crawl/Frontier.ts"
import { type Fetched, fetchPage, isTransient } from "../internal/crawl/fetchPage.ts"
import { type Parsers, parseHere, parsersOf } from "../internal/crawl/parsing.ts"
import { SearchIndex } from "../internal/crawl/SearchIndex.ts"
import { entrance } from "../internal/crawl/Site.ts"
import { publish, serveSite } from "../internal/crawl/serveSite.ts"
import { measure } from "../internal/job/measure.ts"
import { type JobOptions, settingsOf, wholeNumber } from "../internal/job/options.ts"
import { openOutput } from "../internal/job/output.ts"
import { sizes } from "../internal/job/sizes.ts"
import { lane, note, verdict } from "../internal/Stage.ts"
import { unpack } from "../internal/words/counts.ts"
import type { Page, Parsed } from "./crawl.tasks.ts"

/** `size` is how many pages the site has, 1 to 5000, by default 1000. */
export interface Options extends JobOptions {
  /** What to ask the index. Default: the title of one of the pages. */
  readonly query?: string | undefined
  /** How long a page may take to come, in milliseconds, 10 to 60,000. Default: 300. */
  readonly timeout?: number | undefined
}

export interface Crawled {
  readonly index: SearchIndex
  readonly letters: ReadonlyArray<DeadLetter>
}

/** How pages are parsed: a stage, and what it does with a page that it can't parse. */
type ParseStage = (
  onError: Pipeline.OnError<Page, Error & { readonly _tag: string }>
) => <R>(pages: Pipeline.Pipeline<Page, InvalidOption, R>) => Pipeline.Pipeline<Parsed, InvalidOption, R>

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
    const index = new SearchIndex()
    const letters: Array<DeadLetter> = []
    const pathOf = (url: string) => url.slice(site.length)
    /** Whether a page is to be parsed: not one that is no page, nor one that a redirect led to and that is known. */
    const isWanted = Effect.fnUntraced(function* ({ path, type, url }: Fetched) {
      const isNew = pathOf(url) === path || (yield* frontier.claim(pathOf(url)))
      if (isNew && type.startsWith("text/html")) return true
      yield* frontier.done
      return false
    })

    yield* Pipeline.from(frontier.paths).pipe(
      Pipeline.map((path) => fetchPage(site, path), {
        name: "Fetch",
        concurrency: 16,
        ordered: false,
        timeout,
        retry: backOff,
        onError: (failed) => {
          letters.push(letterOf(failed, failed.input))
          return frontier.done
        }
      }),
      Pipeline.filter(isWanted),
      Pipeline.map(({ body, url }): Page => ({ url, body })),
      parsing((failed) => {
        letters.push(letterOf(failed, pathOf(failed.input.url)))
        return frontier.done
      }),
      Pipeline.runForEach((page) => {
        index.add({ ...page, words: unpack(page.words) })
        return Effect.andThen(frontier.add(page.links), frontier.done)
      })
    )
    return { index, letters }
  })

export const job = Effect.fnUntraced(function* (options: Options) {
  const settings = yield* settingsOf(options, sizes.crawl)
  const timeout = yield* wholeNumber("timeout", options.timeout ?? 300, 10, 60_000)
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
  const { index, letters } = result

  for (const { error, path } of letters.toSorted(byPath)) yield* note(`dead letter: ${path} (${error})`)
  const paths = [
    yield* out.write("index.json", JSON.stringify(index)),
    yield* out.write("dead-letters.jsonl", toLines(letters))
  ]
  yield* Console.log(`${index.pages} pages have ${index.words} different words; ${letters.length} dead letters`)
  if (out.isKept) for (const path of paths) yield* Console.log(`Written: ${path}`)
  const query = options.query ?? index.titleOf(`/page/${settings.size - 1}`) ?? ""
  yield* Console.log(`The best pages for "${query}":`)
  for (const { path, score, title } of index.search(query, 5)) {
    yield* Console.log(`${score.toFixed(2).padStart(6)}  ${path}  ${title}`)
  }

  yield* verdict({
    elapsed: seconds,
    ...(beside === undefined ? {} : { ideal: beside.ideal }),
    shown: `crawled in ${shown}`,
    ok: beside?.isSame ?? true
  })
})

const byPath = (a: DeadLetter, b: DeadLetter): number => (a.path < b.path ? -1 : 1)
