/** The article's threadpool package: urls through a pool of five threads, with a callback for each. */
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as BookShop from "../internal/BookShop.ts"
import { elapsed, lane, Stage, verdict } from "../internal/Stage.ts"
import { Requests } from "./thread-pool.tasks.ts"

const worker = new URL(import.meta.resolve("@ropewalk/examples/demos/thread-pool.worker"))

const pages = ["/www.baidu.com", "/www.qq.com", "/www.163.com"]
const failing = "/dp/overloaded"

export const run = Effect.gen(function* () {
  const { baseUrl } = yield* Stage
  const server = baseUrl ?? (yield* BookShop.open)
  const pool = yield* ThreadPool.make(Requests, { worker, size: 5 })
  const start = yield* elapsed

  const request = (page: string) =>
    pool.run("MyRequest", { url: server + page }).pipe(
      Effect.tap((code) => Console.log(server + page, code)),
      Effect.tapError((error) => Console.log(`${error._tag}: ${error.message}`)),
      Effect.onExit(() => timeCost(start)),
      lane(page.slice(1))
    )
  const results = yield* Effect.forEach(pages, (page) => Effect.result(request(page)), { concurrency: "unbounded" })
  const took = (yield* elapsed) - start
  // An error of a thread is an error here, of its own class, with what it knows.
  const error = baseUrl === undefined ? yield* Effect.flip(request(failing)) : undefined

  yield* verdict({
    elapsed: took,
    ...(baseUrl === undefined ? { ideal: 1 } : {}),
    shown: `${pages.length} requests took ${took.toFixed(1)} s together on ${pool.size} threads; a thread's exception reaches the caller, typed`,
    ok: results.every(Result.isSuccess) && (error === undefined || error._tag === "FetchError")
  })
})

/** The callback of each request. */
const timeCost = (start: number) =>
  Effect.flatMap(elapsed, (now) => Console.log(`Elapsed time: ${(now - start).toFixed(2)}`))
