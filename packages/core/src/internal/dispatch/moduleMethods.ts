/**
 * The functions of a module as methods.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import { type Module, ModuleStats, type PoolStats } from "../../Pool.ts"
import { ModuleMap, type ModuleMapper } from "./moduleMap.ts"

export interface ModuleCalls {
  readonly method: (name: string) => (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>
  readonly map: ModuleMapper
}

/** A method is made when it is asked for: the names of a module's exports are known to its type, and to no value here. */
export const methodsOf = <M>(stats: Effect.Effect<PoolStats>, { map, method }: ModuleCalls): Module<M> => {
  const methods = new Map<PropertyKey, unknown>([
    [ModuleStats, stats],
    [ModuleMap, map]
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
