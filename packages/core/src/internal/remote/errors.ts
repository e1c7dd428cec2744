/**
 * What can go wrong between two processes that share something.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as RpcClientError from "effect/rpc/RpcClientError"
import * as Schema from "effect/Schema"
import { describeValue, RemoteError } from "../errors.ts"

/**
 * The two sides don't hold the same key, or one of them does not speak this protocol at all.
 *
 * The client's call fails with it; the server publishes it on its `rejections` and goes on serving others.
 */
export class AuthenticationFailed extends Schema.TaggedError<AuthenticationFailed>()("AuthenticationFailed", {
  /** Who noticed. */
  side: Schema.Literals(["client", "server"]),
  reason: Schema.Literals(["WrongKey", "NotThisProtocol", "Timeout", "Disconnected"])
}) {
  override get message(): string {
    return `Authentication failed: ${explanations[this.reason]}`
  }
}

const explanations = {
  WrongKey: "the two sides hold different keys. Hand the owner's address on unchanged.",
  NotThisProtocol: "the other side does not speak this protocol. Is the address the right one?",
  Timeout: "the other side did not finish the handshake in time.",
  Disconnected: "the other side hung up during the handshake."
}

/** The server can't be reached, or went away. Each module gives it the meaning it has there. */
export class ConnectionLost extends Schema.TaggedError<ConnectionLost>()("ConnectionLost", {
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `The connection to the owner is gone: ${String(this.cause)}`
  }
}

/** Gives a lost connection the meaning that it has in a module. */
export const onConnectionLost = <A, E, F>(
  effect: Effect.Effect<A, E | ConnectionLost>,
  toError: (lost: ConnectionLost) => F
): Effect.Effect<A, E | F> =>
  Effect.mapError(effect, (error) => (error instanceof ConnectionLost ? toError(error) : error))

/**
 * Waits for a clean-up call's answer, but not for ever: an owner that is stopped finds the call in its socket when it goes
 * on, before anything that is sent later.
 */
export const cleanUp = (call: Effect.Effect<unknown, unknown>): Effect.Effect<void> =>
  Effect.ignore(Effect.timeoutOption(call, "1 second"))

/** Sorts what a generated rpc client can end with: lost connections, bugs of the other side, and its typed errors. */
export const typedCall = <A, E, R>(
  call: Effect.Effect<A, E | RpcClientError.RpcClientError, R>
): Effect.Effect<A, Exclude<E, RpcClientError.RpcClientError> | ConnectionLost | RemoteError, R> =>
  call.pipe(
    Effect.catchIf(
      isRpcClientError,
      ({ reason }): Effect.Effect<never, ConnectionLost | RemoteError> =>
        reason._tag === "RpcClientDefect"
          ? Effect.fail(unservable(reason.cause))
          : Effect.fail(new ConnectionLost({ cause: reason }))
    ),
    Effect.catchDefect((cause) => Effect.fail(unservable(cause))),
    // The client's scope or the server ended under the call. A caller that is interrupted itself never gets here.
    Effect.catchCauseIf(Cause.hasInterruptsOnly, () => Effect.fail(new ConnectionLost({ cause: "closed" })))
  ) as Effect.Effect<A, Exclude<E, RpcClientError.RpcClientError> | ConnectionLost | RemoteError, R>

/** A bug of the other side, or two versions of one schema: there is nothing to retry. */
export const unservable = (cause: unknown): RemoteError =>
  new RemoteError({ message: `The other process could not serve the operation: ${describeValue(cause)}`, cause })

const isRpcClientError = (error: unknown): error is RpcClientError.RpcClientError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "RpcClientError"
