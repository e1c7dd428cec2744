/**
 * Serves a `Site` on this machine.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { serve } from "../httpServer.ts"
import { type Answer, answerOf, type Site } from "./Site.ts"

/** What a site answers; its pages are written once, as on a disk. @internal */
export const publish = (site: Site) =>
  Effect.sync(() => {
    const pages = new Map(Array.from({ length: site.pages }, (_, i) => [`/page/${i}`, answerOf(site, `/page/${i}`, 1)]))
    return (path: string, visit: number): Answer | undefined => pages.get(path) ?? answerOf(site, path, visit)
  })

/** Until the scope closes. Succeeds with the base URL. @internal */
export const serveSite = (
  answers: (path: string, visit: number) => Answer | undefined
): Effect.Effect<string, never, Scope.Scope> => {
  const visits = new Map<string, number>()
  return serve(({ url = "/" }, response) => {
    const visit = (visits.get(url) ?? 0) + 1
    visits.set(url, visit)
    const answer = answers(url, visit)
    // Without an answer the connection stays open until the client goes, or the server closes.
    if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body)
  })
}
