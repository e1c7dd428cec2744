import { it as base } from "@effect/vitest"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"
import * as Explore from "../src/testing/Explore.ts"
import { withExplore } from "../src/testing/Vitest.ts"

const it = withExplore(base)
expectTypeOf(it.effect).toEqualTypeOf(base.effect)

class Clerk extends Context.Service<Clerk, { readonly name: string }>()("Clerk") {}

declare const program: Effect.Effect<"a", "e">
declare const scoped: Effect.Effect<"a", "e", Scope.Scope>
declare const needy: Effect.Effect<"a", "e", Clerk | Scope.Scope>
const layers = Layer.succeed(Clerk, { name: "Bo" })

expectTypeOf(Explore.run(program)).toEqualTypeOf<Effect.Effect<Explore.Report, Explore.ScheduleInvalid>>()
expectTypeOf(Explore.check(scoped)).toEqualTypeOf<
  Effect.Effect<Explore.Report, Explore.ExploreFailed | Explore.ScheduleInvalid>
>()
expectTypeOf(Explore.check(needy, { layers })).toEqualTypeOf(Explore.check(program))
expectTypeOf(Explore.interrupted(needy)).toEqualTypeOf<Effect.Effect<Exit.Exit<"a", "e">, never, Clerk | Scope.Scope>>()

Explore.check(program, { expect: (exit) => expectTypeOf(exit).toEqualTypeOf<Exit.Exit<"a", "e">>() })

// @ts-expect-error a program that needs services is given layers
Explore.check(needy)
// @ts-expect-error … all of them
Explore.check(needy, { layers: Layer.empty })
// @ts-expect-error a depth is needed
Explore.pct({})
// @ts-expect-error a schedule is text
Explore.check(program, { strategy: Explore.replay([1, 2]) })

it.explore("scoped", scoped, { schedules: 1 })
it.explore("with layers", needy, { layers, strategy: Explore.exhaustive({ preemptions: 1 }) })
// @ts-expect-error it.explore asks for the layers too
it.explore("without layers", needy)
