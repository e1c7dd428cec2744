/**
 * A small web server for the demos that fetch, so that they need no network and always tell the same story.
 *
 * A page takes a second of the demo's clock. Besides its books the shop has a page that is overloaded, one that never
 * answers and one without a rank. Node's own server and not Effect's, because it must drop the unanswered request at once
 * when it closes, and Effect's waits for a handler whose client has gone.
 *
 * @internal
 */

import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import { realSeconds } from "./Stage.ts"

const ranks: Record<string, string> = {
  "/dp/0132269937": "2,018",
  "/dp/0132356139": "10,522",
  "/dp/0137143419": "44,257"
}

const answer =
  (seconds: number): RequestListener =>
  ({ url = "/" }, response) => {
    const rank = ranks[url]
    const page = rank === undefined ? "Nothing here is ranked." : `Best sellers rank: #${rank} in Books`
    if (url === "/dp/overloaded") response.writeHead(503).end()
    else if (url !== "/dp/silent") setTimeout(() => response.end(page), seconds * 1000)
  }

const listen = (server: Server) =>
  Effect.callback<Server>((resume) => {
    server.once("error", (error) => resume(Effect.die(error)))
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** Opens the shop until the scope closes. Succeeds with its base URL. @internal */
export const open = Effect.gen(function* () {
  const server = createServer(answer(yield* realSeconds(1)))
  yield* Effect.acquireRelease(listen(server), close)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
