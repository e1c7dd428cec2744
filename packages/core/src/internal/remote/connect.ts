/**
 * The client's side of `serve`.
 *
 * @internal
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schedule from "effect/Schedule"
import * as Socket from "effect/socket/Socket"
import type { Address } from "./Address.ts"
import { authenticateAsClient } from "./handshake.ts"
import { serialization } from "./serialization.ts"

/**
 * A typed client whose connection belongs to the scope. It is never dialled again: the server knows a client by its
 * connection, so a second one would be somebody else, without the first one's locks and leases.
 */
export const connect = Effect.fnUntraced(function* <Rpcs extends Rpc.Any>(
  group: RpcGroup.RpcGroup<Rpcs>,
  address: Address
) {
  const dialled = yield* NodeSocket.makeNet(
    address.transport === "unix" ? { path: address.path } : { host: address.host, port: address.port }
  )
  const socket = yield* authenticateAsClient(dialled, address.key)
  const protocol = RpcClient.layerProtocolSocket({
    retryPolicy: Schedule.recurs(0),
    // On one machine the end of a process ends its sockets. A ping would only take a busy owner for a dead one.
    pingInterval: Duration.infinity
  }).pipe(Layer.provide(Layer.succeed(Socket.Socket, socket)), Layer.provide(serialization))
  const services = yield* Layer.build(protocol)
  return yield* RpcClient.make(group, { disableTracing: true }).pipe(Effect.provideContext(services))
})
