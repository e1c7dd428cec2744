import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { expectTypeOf } from "vitest"
import * as SharedValue from "../src/SharedValue.ts"

declare const counter: SharedValue.SharedValue<"int32">
declare const total: SharedValue.SharedValue<"int64">
declare const flag: SharedValue.SharedValue<"boolean">

// The kind decides what a value is.
expectTypeOf(SharedValue.make("int32", 0)).toEqualTypeOf<
  Effect.Effect<SharedValue.SharedValue<"int32">, SharedValue.InvalidSharedValue>
>()
expectTypeOf(counter.get).toEqualTypeOf<Effect.Effect<number>>()
expectTypeOf(total.getUnsafe()).toEqualTypeOf<bigint>()
expectTypeOf(flag.updateAndGet((on) => !on)).toEqualTypeOf<Effect.Effect<boolean, SharedValue.InvalidSharedValue>>()
expectTypeOf(counter.modify((n) => [`${n}`, n + 1])).toEqualTypeOf<
  Effect.Effect<string, SharedValue.InvalidSharedValue>
>()
expectTypeOf(total.add(1n)).toEqualTypeOf<Effect.Effect<bigint, SharedValue.InvalidSharedValue>>()
expectTypeOf(SharedValue.fromHandle(counter.handle)).toEqualTypeOf<SharedValue.SharedValue<"int32">>()
expectTypeOf(SharedValue.schema("float64")).toEqualTypeOf<
  Schema.Codec<SharedValue.SharedValue<"float64">, SharedValue.Handle<"float64">>
>()

// @ts-expect-error an int64 is a bigint
SharedValue.make("int64", 0)
// @ts-expect-error no such kind
SharedValue.make("string", "")
// @ts-expect-error a number can't be added to a bigint
total.add(1)
// @ts-expect-error nothing can be added to a flag
flag.add(true)
// @ts-expect-error an update gives a value of the same kind
counter.update((n) => String(n))
// @ts-expect-error a cell of another kind
const other: SharedValue.SharedValue<"float64"> = counter
void other
