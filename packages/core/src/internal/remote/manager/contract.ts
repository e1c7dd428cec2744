/**
 * What the proxies and the store know of each other, without what either is made of.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type { EncodeFailed } from "../../errors.ts"
import type { ManagerError } from "./errors.ts"
import type { Failure, Payload, Success, Tag } from "./rpcs.ts"

/** What a proxy needs: the manager's calls, in this process or over a connection. */
export type Store = <const T extends Tag>(
  tag: T,
  payload: Payload<T>
) => Effect.Effect<Success<T>, Failure<T> | ManagerError>

/** What the store has to know of an entry of the definition. */
export interface EntrySeed {
  readonly kind: "value" | "dictionary" | "list" | "namespace" | "lock"
  readonly cells: ReadonlyArray<readonly [key: Uint8Array, value: Uint8Array]>
  /** Adds to an encoded number, of a value that holds one; fails if the schema refuses the sum. */
  readonly add: (value: Uint8Array, amount: number) => Effect.Effect<{ value: Uint8Array; sum: number }, EncodeFailed>
}

export type Seeds = Readonly<Record<string, EntrySeed>>

/** The key of the only cell of a `value`. */
export const valueKey = new Uint8Array(0)
