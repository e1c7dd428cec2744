/**
 * Effect's rpc modules and Node's sockets, loaded when something is served or connected: a program or a worker that only
 * names a channel in a schema starts about 100 ms earlier without them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"

export const loadServer = Effect.promise(() => import("./serveQueue.ts"))

export const loadClient = Effect.promise(() => import("./connectQueue.ts"))

export const loadManager = Effect.promise(() => import("./manager/remoteStore.ts"))
