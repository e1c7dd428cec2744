/**
 * What a caller says of one call, checked.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type { RunOptions } from "../../Pool.ts"
import { InvalidOption } from "../errors.ts"
import { count, finite, millis } from "../options.ts"

/** Public as `Pool.Idempotent`. */
export const Idempotent: Context.Reference<boolean> = Context.Reference<boolean>("~ropewalk/Pool/Idempotent", {
  defaultValue: () => false
})

/** How often a task that was declared safe to repeat is started again, unless its call says otherwise. */
const retriesWhenSafe = 1

/** How often a task is started again when its worker has died under it, if its call says nothing. */
export const retriesOf = (rpc: Rpc.AnyWithProps): number =>
  Context.get(rpc.annotations, Idempotent) ? retriesWhenSafe : 0

export interface CallSettings {
  /** Milliseconds. */
  readonly limit: number | undefined
  readonly priority: number | undefined
  readonly key: string | number | undefined
  readonly retries: number
}

export const callSettings = (
  options: RunOptions | undefined,
  retries: number
): Effect.Effect<CallSettings, InvalidOption> =>
  options === undefined
    ? Effect.succeed({ limit: undefined, priority: undefined, key: undefined, retries })
    : Effect.all({
        limit: options.timeout === undefined ? Effect.undefined : millis("timeout", options.timeout),
        priority: options.priority === undefined ? Effect.undefined : finite("priority", options.priority),
        key: keyOf(options.key),
        retries: options.retries === undefined ? Effect.succeed(retries) : count("retries", options.retries, 0)
      })

const keyOf = (key: string | number | undefined): Effect.Effect<string | number | undefined, InvalidOption> =>
  key === undefined || typeof key === "string" || typeof key === "number"
    ? Effect.succeed(key)
    : Effect.fail(new InvalidOption({ option: "key", message: `key must be a text or a number, not ${String(key)}` }))
