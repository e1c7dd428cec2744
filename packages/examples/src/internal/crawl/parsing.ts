/**
 * What parses the pages of a crawl, on fibers, threads or in processes.
 *
 * @internal
 */
import * as FiberPool from "@ropewalk/core/FiberPool"
import type { InvalidOption, Place, Pool, WorkerStartFailed } from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import { type Page, type Parsed, ParseError, Parsing } from "../../jobs/crawl.tasks.ts"
import { pack } from "../words/counts.ts"
import { parsePage } from "./parsePage.ts"
import { poison } from "./Site.ts"

export type Parsers = Pool<RpcGroup.Rpcs<typeof Parsing>>

/** `onPoison` is what becomes of whoever reads a poisoned page. */
export const handlers = (onPoison: (page: Page) => Effect.Effect<never, ParseError>) =>
  Parsing.toLayer({ Parse: (page) => (page.body.includes(poison) ? onPoison(page) : parse(page)) })

/** Without a worker of its own, the program must not be what a page ends. */
export const parseHere = (page: Page): Effect.Effect<Parsed, ParseError> =>
  page.body.includes(poison) ? refuse(page) : parse(page)

const refuse = ({ url }: Page) => Effect.fail(new ParseError({ url, detail: "it would end the program" }))

const parse = ({ body, url }: Page): Effect.Effect<Parsed, ParseError> =>
  Effect.try({
    try: () => {
      const { links, title, words } = parsePage(url, body)
      return { path: new URL(url).pathname, title, links, words: pack(words) }
    },
    catch: (error) => new ParseError({ url, detail: error instanceof Error ? error.message : String(error) })
  })

/** A pool of so many, until the scope closes. */
export const parsersOf = (
  place: Place,
  size: number
): Effect.Effect<Parsers, WorkerStartFailed | InvalidOption, Scope.Scope> => {
  const worker = new URL(import.meta.resolve("@ropewalk/examples/jobs/crawl.worker"))
  switch (place) {
    case "fiber":
      return Effect.provide(FiberPool.make(Parsing, { size }), handlers(refuse))
    case "thread":
      return ThreadPool.make(Parsing, { worker, size })
    case "process":
      return ProcessPool.make(Parsing, { worker, size })
  }
}
