/**
 * A small web server for the demos that fetch, so that they need no network and always tell the same story.
 *
 * A page takes a second of the demo's clock. Besides its books the shop has a page that is overloaded, one that never
 * answers and one without a rank.
 *
 * @internal
 */

import type { RequestListener } from "node:http"
import * as Effect from "effect/Effect"
import { serve } from "./httpServer.ts"
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

/** Opens the shop until the scope closes. Succeeds with its base URL. @internal */
export const open = Effect.flatMap(realSeconds(1), (seconds) => serve(answer(seconds)))
