import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"
import * as Limiter from "../src/Limiter.ts"

declare const limiter: Limiter.Limiter
declare const body: Effect.Effect<"a", "e", "r">

expectTypeOf(Limiter.make({ permits: 1 })).toEqualTypeOf<Effect.Effect<Limiter.Limiter, Limiter.InvalidOption>>()
Limiter.make({ limit: 1, per: "1 second" })
Limiter.make({ permits: 1, limit: 1, per: "1 second", name: "api" })

expectTypeOf(limiter.withPermit(body)).toEqualTypeOf<Effect.Effect<"a", "e", "r">>()
expectTypeOf(limiter.tryWithPermit(body)).toEqualTypeOf<Effect.Effect<Option.Option<"a">, "e", "r">>()
expectTypeOf(limiter.acquireScoped).toEqualTypeOf<Effect.Effect<void, never, Scope.Scope>>()

declare const keyed: Limiter.Keyed<string>
expectTypeOf(Limiter.keyed<string>({ permits: 1 })).toEqualTypeOf<
  Effect.Effect<Limiter.Keyed<string>, Limiter.InvalidOption>
>()
expectTypeOf(keyed.of("a")).toEqualTypeOf<Limiter.Limiter>()

// @ts-expect-error a limiter limits something
Limiter.make({})
// @ts-expect-error a rate says in how much time
Limiter.make({ permits: 1, limit: 1 })
// @ts-expect-error the key is a string
keyed.of(1)
// @ts-expect-error an effect, not a function
limiter.withPermit(() => 1)
