/**
 * How `Pool.mapOf` finds the pool behind a module's methods.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type { AnyModule, MapOptions } from "../../Pool.ts"

/** Calls a function once for each input. */
export type ModuleMapper = (
  name: string,
  inputs: Iterable<unknown>,
  options: MapOptions | undefined
) => Effect.Effect<Array<unknown>, unknown>

/** The key of a mapper among the methods of a module: no export has it. */
export const ModuleMap = Symbol("~ropewalk/dispatch/ModuleMap")

export const mapperOf = (module: AnyModule): ModuleMapper =>
  (module as unknown as { readonly [ModuleMap]: ModuleMapper })[ModuleMap]
