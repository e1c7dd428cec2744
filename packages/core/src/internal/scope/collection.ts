/**
 * Children that are known from the start, and their results in the shape in which they were given.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Joiner } from "../../Joiner.ts"
import type { Children, Options, TaskScope } from "../../TaskScope.ts"
import { runScope } from "./run.ts"

type AnyJoiner = Joiner<any, any, any, any, any> & { readonly shape?: string }

export const joinChildren = (
  children: Children,
  joiner: AnyJoiner,
  options: Options | undefined
): Effect.Effect<unknown, unknown> =>
  Effect.suspend(() => {
    const named = namesOf(children)
    const body = (scope: TaskScope<unknown, unknown, unknown, unknown>) =>
      Effect.andThen(
        Effect.forEach(named, ([name, child]) => scope.fork(child, { name }), { discard: true }),
        scope.join
      )
    const joined = runScope(joiner, body, options, named.length)
    const isRecord = !(Symbol.iterator in children)
    if (!isRecord || (joiner.shape !== "values" && joiner.shape !== "exits")) return joined
    return Effect.map(joined, (results) =>
      Object.fromEntries(named.map(([name], index) => [name, (results as ReadonlyArray<unknown>)[index]]))
    )
  })

const namesOf = (children: Children): ReadonlyArray<readonly [string | undefined, Effect.Effect<unknown, unknown>]> =>
  Symbol.iterator in children
    ? Array.from(children as Iterable<Effect.Effect<unknown, unknown>>, (child) => [undefined, child] as const)
    : Object.entries(children as Readonly<Record<string, Effect.Effect<unknown, unknown>>>)
