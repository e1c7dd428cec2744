/**
 * Serves a `Site` on this machine.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { serve } from "../httpServer.ts"
import { answerOf, type Site } from "./Site.ts"

/** Until the scope closes. Succeeds with the base URL. @internal */
export const serveSite = (site: Site): Effect.Effect<string, never, Scope.Scope> => {
  const visits = new Map<string, number>()
  return serve(({ url = "/" }, response) => {
    const visit = (visits.get(url) ?? 0) + 1
    visits.set(url, visit)
    const answer = answerOf(site, url, visit)
    // Without an answer the connection stays open until the client goes, or the server closes.
    if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body)
  })
}
