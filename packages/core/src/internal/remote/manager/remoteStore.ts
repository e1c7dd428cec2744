/**
 * A store for other processes, on its two sides.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Address } from "../Address.ts"
import { connect } from "../connect.ts"
import { onConnectionLost, typedCall } from "../errors.ts"
import { type ServeOptions, serve } from "../serve.ts"
import type { Seeds, Store } from "./contract.ts"
import { ManagerClosed } from "./errors.ts"
import { ManagerRpcs } from "./rpcs.ts"
import { makeStore } from "./Store.ts"

export const serveStore = Effect.fnUntraced(function* (seeds: Seeds, options?: Omit<ServeOptions, "onDisconnect">) {
  const { handlers, local, onDisconnect } = makeStore(seeds)
  const { address, rejections } = yield* serve(ManagerRpcs, ManagerRpcs.toLayer(handlers), { ...options, onDisconnect })
  return { store: local, address, rejections }
})

export const connectStore = Effect.fnUntraced(function* (address: Address) {
  const client = yield* connect(ManagerRpcs, address).pipe(
    Effect.catchTag("ConnectionLost", (cause) => Effect.fail(new ManagerClosed({ cause })))
  )
  const store = ((tag, payload) =>
    onConnectionLost(
      // The payload fits its tag by Store's type; only the union of the methods can't be called.
      typedCall(Effect.suspend(() => (client[tag] as (payload: unknown) => Effect.Effect<never>)(payload))),
      (cause) => new ManagerClosed({ cause })
    )) as Store
  return store
})
