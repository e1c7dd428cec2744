import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"
import * as CheckpointStore from "../src/CheckpointStore.ts"

type Store = CheckpointStore.CheckpointStore

expectTypeOf(CheckpointStore.memory()).toEqualTypeOf<Effect.Effect<Store>>()
expectTypeOf(CheckpointStore.memory(new Set(["a"]))).toEqualTypeOf<Effect.Effect<Store>>()
expectTypeOf(CheckpointStore.file("keys", { durable: true })).toEqualTypeOf<
  Effect.Effect<Store, CheckpointStore.CheckpointInUse | CheckpointStore.CheckpointFailed, Scope.Scope>
>()

declare const store: Store
expectTypeOf(store.has("a")).toEqualTypeOf<Effect.Effect<boolean, CheckpointStore.CheckpointFailed>>()

// @ts-expect-error keys are strings: 1 and "1" would be one key in the file
store.markDone([1])
// @ts-expect-error no such option
CheckpointStore.file("keys", { sync: true })
