/**
 * Fetches one page, and follows its redirects.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import { FetchError } from "../../FetchError.ts"

export interface Fetched {
  /** Where it was asked for. */
  readonly path: string
  /** Where it was found: elsewhere, if it has moved. */
  readonly url: string
  readonly type: string
  readonly body: string
}

/** As many as browsers allow, or nearly: a loop is found sooner, since it comes back to where it has been. */
const mostRedirects = 10

/** Fails with why there is no page; one that does not answer is waited for. */
export const fetchPage = (base: string, path: string): Effect.Effect<Fetched, FetchError, HttpClient.HttpClient> => {
  const url = base + path
  return Effect.flatMap(HttpClient.HttpClient, (client) => follow(client, url, new Set([url]))).pipe(
    Effect.map(({ response, url }) => ({ response, url, type: response.headers["content-type"] ?? "" })),
    Effect.flatMap(({ response, type, url }) => Effect.map(response.text, (body) => ({ path, url, type, body }))),
    Effect.catchTag("HttpClientError", (error) => {
      const detail = error.cause instanceof Error ? error.cause.message || error.cause.name : error.message
      return new FetchError({ url, reason: { _tag: "Network", detail } })
    })
  )
}

const follow = Effect.fnUntraced(function* (client: HttpClient.HttpClient, start: string, been: Set<string>) {
  let url = start
  while (true) {
    const response = yield* client.get(url)
    if (response.status >= 200 && response.status < 300) return { response, url }
    const location = response.headers["location"]
    const next = response.status >= 300 && location !== undefined ? URL.parse(location, url)?.href : undefined
    // What is not read of an answer would keep its connection from the next request.
    yield* response.text
    if (next === undefined) {
      return yield* new FetchError({ url: start, reason: { _tag: "Status", code: response.status } })
    }
    if (been.has(next) || been.size > mostRedirects) {
      return yield* new FetchError({ url: start, reason: { _tag: "Redirects", hops: been.size } })
    }
    been.add(next)
    url = next
  }
})

/** Whether it may go better another time: the server has a bad moment, or the network. */
export const isTransient = ({ reason }: FetchError): boolean =>
  reason._tag === "Network" || (reason._tag === "Status" && reason.code >= 500)
