/** The article's practical example: the sales ranks of three books, read off their web pages, in turn and together. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Result from "effect/Result"
import { FetchError } from "../FetchError.ts"
import * as BookShop from "../internal/BookShop.ts"
import { ctime, elapsed, lane, realSeconds, Stage, verdict } from "../internal/Stage.ts"

const RANK = /#([\d,]+) in Books/

const BOOKS = [
  { title: "Core Python Programming", path: "/dp/0132269937" },
  { title: "Python Web Development with Django", path: "/dp/0132356139" },
  { title: "Python Fundamentals", path: "/dp/0137143419" }
]

const getRanking = (url: string, timeout: number) =>
  Effect.gen(function* () {
    const client = HttpClient.followRedirects(yield* HttpClient.HttpClient)
    const response = yield* client.get(url)
    if (response.status !== 200) {
      return yield* new FetchError({ url, reason: { _tag: "Status", code: response.status } })
    }
    const rank = RANK.exec(yield* response.text)?.[1]
    return rank ?? (yield* new FetchError({ url, reason: { _tag: "NotFound", pattern: RANK.source } }))
  }).pipe(
    Effect.catchTag("HttpClientError", (error) => {
      const detail = error.cause instanceof Error ? error.cause.message || error.cause.name : error.message
      return new FetchError({ url, reason: { _tag: "Network", detail } })
    }),
    Effect.timeoutOrElse({
      duration: timeout * 1000,
      orElse: () => new FetchError({ url, reason: { _tag: "Timeout", seconds: timeout } })
    })
  )

/** Prints the rank or why there is none, and succeeds with either: one failure hides no other book. */
const showRanking = (title: string, url: string, timeout = 10) =>
  getRanking(url, timeout).pipe(
    Effect.tap((rank) => Console.log(`- '${title}' ranked ${rank}`)),
    Effect.tapError((error) => Console.log(`- '${title}': ${error.message}`)),
    lane(title),
    Effect.result
  )

/** What can go wrong, on purpose: the reasons of four requests that fail. */
const showFailures = Effect.fnUntraced(function* (shop: string) {
  const pages = [
    showRanking("overloaded", `${shop}/dp/overloaded`),
    showRanking("silent", `${shop}/dp/silent`, yield* realSeconds(2)),
    showRanking("refused", "http://127.0.0.1:1/dp/refused"),
    showRanking("unranked", `${shop}/dp/unranked`)
  ]
  const results = yield* Effect.all(pages, { concurrency: "unbounded" })
  return results.map((result) => (Result.isFailure(result) ? result.failure.reason._tag : "None")).join(", ")
})

export const run = Effect.gen(function* () {
  const { baseUrl } = yield* Stage
  const shop = baseUrl ?? (yield* BookShop.open)
  const fetchAll = (concurrency: number) =>
    Effect.forEach(BOOKS, ({ path, title }) => showRanking(title, shop + path), { concurrency })

  const program = Effect.gen(function* () {
    yield* Effect.addFinalizer(() => Effect.flatMap(ctime, (time) => Console.log("all done at:", time)))
    yield* Console.log("At", yield* ctime, "on Amazon, in turn...")
    const start = yield* elapsed
    const inTurn = yield* fetchAll(1)
    const between = yield* elapsed
    yield* Console.log("At", yield* ctime, "on Amazon, together...")
    const together = yield* fetchAll(BOOKS.length)
    const times = { inTurn: between - start, together: (yield* elapsed) - between }
    if (baseUrl === undefined) yield* Console.log("At", yield* ctime, "four that fail...")
    const reasons = baseUrl === undefined ? yield* showFailures(shop) : ""
    return { failed: [...inTurn, ...together].filter(Result.isFailure).length, reasons, times }
  })
  const { failed, reasons, times } = yield* program.pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp))

  yield* verdict({
    elapsed: times.together,
    ideal: times.inTurn / BOOKS.length,
    shown:
      `together they take ${times.together.toFixed(1)} s, in turn ${times.inTurn.toFixed(1)} s; ` +
      (reasons === "" ? `${failed} requests failed` : `each failure is its own typed reason (${reasons})`),
    ok: failed === 0 && (baseUrl !== undefined || reasons === "Status, Timeout, Network, NotFound")
  })
})
