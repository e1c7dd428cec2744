/** What each thread of `thread-pool` runs. */
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Effect from "effect/Effect"
import { FetchError } from "../FetchError.ts"
import { Requests } from "./thread-pool.tasks.ts"

const myRequest = Effect.fnUntraced(function* ({ url }: { url: string }) {
  const response = yield* Effect.tryPromise({
    try: (signal) => fetch(url, { signal }),
    catch: (error) => new FetchError({ url, reason: { _tag: "Network", detail: detailOf(error) } })
  })
  if (response.ok) return response.status
  return yield* new FetchError({ url, reason: { _tag: "Status", code: response.status } })
})

/** What `fetch` fails with says "fetch failed", and its cause why. */
const detailOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message || error.cause.name : String(error)

WorkerMain.run(Requests, Requests.toLayer({ MyRequest: myRequest }))
