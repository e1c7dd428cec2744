/**
 * A web server of this program's own, on a free port of this machine, until the scope closes.
 *
 * Node's own server and not Effect's, because it must drop the unanswered request at once when it closes, and Effect's waits
 * for a handler whose client has gone.
 *
 * @internal
 */
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Succeeds with the base URL, without a slash at its end. @internal */
export const serve = (answer: RequestListener): Effect.Effect<string, never, Scope.Scope> =>
  Effect.suspend(() => Effect.acquireRelease(listen(createServer(answer)), close)).pipe(
    Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  )

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
