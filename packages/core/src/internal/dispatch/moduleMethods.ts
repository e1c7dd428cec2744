/**
 * The functions of a module as methods.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Stream from "effect/Stream"
import { type Module, ModuleControl, ModuleStats, type PoolControl } from "../../Pool.ts"
import { ModuleMap, type ModuleMapper } from "./moduleMap.ts"

/** How one function is called, either way. */
export interface ModuleMethod {
  readonly run: (args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>
  readonly stream: (args: ReadonlyArray<unknown>) => Stream.Stream<unknown, unknown>
}

export interface ModuleCalls {
  readonly method: (name: string) => ModuleMethod
  readonly map: ModuleMapper
}

/** A method is made when it is asked for: the names of a module's exports are known to its type, and to no value here. */
export const methodsOf = <M>(control: PoolControl, { map, method: methodOf }: ModuleCalls): Module<M> => {
  const methods = new Map<PropertyKey, unknown>([
    [ModuleStats, control.stats],
    [ModuleControl, control],
    [ModuleMap, map]
  ])
  return new Proxy({} as Module<M> & object, {
    get: (_, name) => {
      // A module is awaited by mistake as easily as on purpose: it is not a promise.
      if (name === "then") return undefined
      if (!methods.has(name) && typeof name === "string") {
        const method = methodOf(name)
        methods.set(name, (...args: ReadonlyArray<unknown>) => new ModuleCall(method, args))
      }
      return methods.get(name)
    }
  })
}

/**
 * Whether a function answers once or with a stream, its type says, and no value here before it has been called. So its call
 * is an Effect and a Stream, of which the type shows one; what it is used as, it is.
 */
class ModuleCall extends Effectable.Class<unknown, unknown> {
  private readonly method: ModuleMethod
  private readonly args: ReadonlyArray<unknown>

  constructor(method: ModuleMethod, args: ReadonlyArray<unknown>) {
    super()
    this.method = method
    this.args = args
  }

  asEffect(): Effect.Effect<unknown, unknown> {
    return this.method.run(this.args)
  }

  get [Stream.TypeId](): Stream.Stream<unknown, unknown>[Stream.TypeId] {
    return Stream.empty[Stream.TypeId]
  }

  /** Where Stream's operators look. */
  get channel(): Stream.Stream<unknown, unknown>["channel"] {
    return this.method.stream(this.args).channel
  }
}
