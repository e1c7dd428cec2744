/**
 * A small web server for the demos that fetch, so that they need no network and always tell the same story.
 *
 * Every page takes a second of the demo's clock. Besides its books it has a page that is broken in each way a page can be.
 *
 * @internal
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { createServer } from "node:http"
import { sleep } from "./Stage.ts"

const ranks: Record<string, string> = {
  "/dp/0132269937": "2,018",
  "/dp/0132356139": "10,522",
  "/dp/0137143419": "44,257"
}

const answer = Effect.gen(function* () {
  const { url } = yield* HttpServerRequest.HttpServerRequest
  if (url === "/dp/overloaded") return HttpServerResponse.empty({ status: 503 })
  if (url === "/dp/silent") return yield* Effect.never
  yield* sleep(1)
  const rank = ranks[url]
  return HttpServerResponse.text(rank === undefined ? "No book here has a rank." : `Best sellers: #${rank} in Books`)
})

/** Opens the shop until the scope closes. Succeeds with its base URL. @internal */
export const open = Effect.gen(function* () {
  const server = yield* NodeHttpServer.make(createServer, {
    port: 0,
    host: "127.0.0.1",
    gracefulShutdownTimeout: "1 second"
  })
  yield* Effect.provideService(HttpServer.serveEffect(answer), HttpServer.HttpServer, server)
  return HttpServer.formatAddress(server.address)
})
