/**
 * The functions of a module as methods.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { type Module, ModuleEvents, ModuleStats, type PoolEvent, type PoolStats } from "../../Pool.ts"

/** A method is made when it is asked for: the names of a module's exports are known to its type, and to no value here. */
export const methodsOf = <M>(
  stats: Effect.Effect<PoolStats>,
  events: Stream.Stream<PoolEvent>,
  method: (name: string) => (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>
): Module<M> => {
  const methods = new Map<PropertyKey, unknown>([
    [ModuleStats, stats],
    [ModuleEvents, events]
  ])
  return new Proxy({} as Module<M> & object, {
    get: (_, name) => {
      // A module is awaited by mistake as easily as on purpose: it is not a promise.
      if (name === "then") return undefined
      if (!methods.has(name) && typeof name === "string") methods.set(name, method(name))
      return methods.get(name)
    }
  })
}
