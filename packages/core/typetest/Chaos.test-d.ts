/** A wrapped pool has the types of the pool that it wraps. */
import * as Pool from "@ropewalk/core/Pool"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"

class Sums extends RpcGroup.make(
  Rpc.make("Add", { payload: { a: Schema.Number, b: Schema.Number }, success: Schema.Number })
) {}

class SumPool extends Pool.Service<SumPool>()("typetest/SumPool", Sums) {}

declare const pool: Pool.Pool<RpcGroup.Rpcs<typeof Sums>>
declare const plan: Chaos.Plan

expectTypeOf(Chaos.wrap(pool, plan)).toEqualTypeOf<
  Effect.Effect<Chaos.Wrapped<RpcGroup.Rpcs<typeof Sums>>, Pool.InvalidOption | Chaos.ChaosUnsupported, Scope.Scope>
>()

// The pool is taken from the context, and given back.
expectTypeOf(Chaos.layer(SumPool, plan)).toEqualTypeOf<
  Layer.Layer<SumPool | Chaos.Ledger, Pool.InvalidOption | Chaos.ChaosUnsupported, SumPool>
>()

// @ts-expect-error: a fault is not yet a strike: for which task?
Chaos.plan([Chaos.kill()])

// @ts-expect-error: an exit has a code.
Chaos.exit()

// @ts-expect-error: a module has no tasks that could be told apart.
Chaos.wrap({} as Pool.Module<typeof import("node:zlib")>, plan)
