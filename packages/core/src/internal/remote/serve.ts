/**
 * An rpc server for other processes of this machine, which admits only who holds its key.
 *
 * @internal
 */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Queue from "effect/Queue"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcServer from "effect/rpc/RpcServer"
import type * as Scope from "effect/Scope"
import * as SocketServer from "effect/socket/SocketServer"
import { type Address, randomKey } from "./Address.ts"
import type { AuthenticationFailed } from "./errors.ts"
import { authenticateAsServer } from "./handshake.ts"
import { serialization } from "./serialization.ts"

export interface ServeOptions {
  /** The shared secret; 256 random bits when left out. */
  readonly key?: string | undefined
  /** A Unix socket, or a port of 127.0.0.1 where there are none. */
  readonly transport?: Address["transport"] | undefined
  /** Told after the requests of a client that went away have been interrupted. */
  readonly onDisconnect?: ((clientId: number) => Effect.Effect<void>) | undefined
}

export interface Served {
  readonly address: Address
  /** Who was turned away, the latest 64. */
  readonly rejections: Queue.Dequeue<AuthenticationFailed>
}

/** Serves until the scope closes. What has been answered by then still reaches its clients. */
export const serve = Effect.fnUntraced(function* <Rpcs extends Rpc.Any, E, R>(
  group: RpcGroup.RpcGroup<Rpcs>,
  handlers: Layer.Layer<Rpc.ToHandler<Rpcs>, E, R>,
  options?: ServeOptions
) {
  const key = options?.key ?? randomKey()
  const rejections = yield* Queue.sliding<AuthenticationFailed>(64)
  const { server, endpoint } = yield* listen(options?.transport ?? defaultTransport)

  // The rpc server sees a socket only after its client has proved that it holds the key.
  const guarded = SocketServer.SocketServer.of({
    address: server.address,
    run: (handler) =>
      server.run((socket) =>
        Effect.scoped(
          Effect.flatMap(
            Effect.andThen(destroyWhenStuck, authenticateAsServer(socket, key)),
            handler as (socket: Parameters<typeof handler>[0]) => Effect.Effect<unknown>
          )
        ).pipe(Effect.catchTag("AuthenticationFailed", (rejection) => Queue.offer(rejections, rejection)))
      ) as Effect.Effect<never, SocketServer.SocketServerError, any>
  })

  const protocol = RpcServer.layerProtocolSocketServer.pipe(
    Layer.provide(Layer.succeed(SocketServer.SocketServer, guarded)),
    Layer.provide(serialization)
  )
  yield* Layer.build(
    RpcServer.layer(group, {
      disableTracing: true,
      // A handler that dies fails its own call, not every call of that client.
      disableFatalDefects: true,
      ...(options?.onDisconnect ? { onDisconnect: options.onDisconnect } : {})
    }).pipe(Layer.provide([handlers, protocol]))
  )

  const served: Served = { address: { ...endpoint, key }, rejections }
  return served
})

const defaultTransport: Address["transport"] = process.platform === "win32" ? "tcp" : "unix"

const listen = Effect.fnUntraced(function* (transport: Address["transport"]) {
  if (transport === "tcp") {
    const server = yield* Effect.orDie(NodeSocketServer.make({ host: "127.0.0.1", port: 0 }))
    const port = NetAddress.isInetAddress(server.address) ? server.address.port : 0
    return { server, endpoint: { transport, host: "127.0.0.1", port } }
  }
  const directory = yield* privateDirectory
  const socketPath = path.join(directory, "s")
  const server = yield* Effect.orDie(NodeSocketServer.make({ path: socketPath }))
  return { server, endpoint: { transport, path: socketPath } }
})

/** `mkdtemp` makes it 0700. Short names: a Unix socket's path has to fit in about 100 bytes. */
const privateDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "ropewalk-"))),
  (directory) => Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true }))
)

/**
 * Closing a socket flushes what was written to it first. A peer that is stopped, and so reads nothing, must not hold up
 * the scope for ever.
 */
const destroyWhenStuck = Effect.flatMap(NodeSocket.NetSocket, (connection) =>
  Effect.addFinalizer(() =>
    Effect.sync(() => {
      const timer = setTimeout(() => connection.destroy(), 1_000)
      connection.once("close", () => clearTimeout(timer))
      if (connection.closed) clearTimeout(timer)
    })
  )
)
