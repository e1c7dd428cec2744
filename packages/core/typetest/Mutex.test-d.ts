import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"
import * as Mutex from "../src/Mutex.ts"

declare const mutex: Mutex.Mutex
declare const body: Effect.Effect<"a", "e", "r">

expectTypeOf(Mutex.make()).toEqualTypeOf<Effect.Effect<Mutex.Mutex>>()
expectTypeOf(Mutex.makeReentrant({ name: "accounts" })).toEqualTypeOf<Effect.Effect<Mutex.Mutex>>()

expectTypeOf(mutex.withLock(body)).toEqualTypeOf<Effect.Effect<"a", "e" | Mutex.Deadlock, "r">>()
expectTypeOf(mutex.tryWithLock(body)).toEqualTypeOf<Effect.Effect<Option.Option<"a">, "e", "r">>()
expectTypeOf(mutex.acquire).toEqualTypeOf<Effect.Effect<void, Mutex.Deadlock>>()
expectTypeOf(mutex.acquireScoped).toEqualTypeOf<Effect.Effect<void, Mutex.Deadlock, Scope.Scope>>()
expectTypeOf(mutex.acquireWithin("1 second")).toEqualTypeOf<
  Effect.Effect<void, Mutex.LockTimeout | Mutex.Deadlock | Mutex.InvalidTimeout>
>()
expectTypeOf(mutex.release).toEqualTypeOf<Effect.Effect<void, Mutex.NotOwner>>()
expectTypeOf(mutex.owner).toEqualTypeOf<Effect.Effect<Option.Option<number>>>()

// @ts-expect-error L3: a try takes no timeout
mutex.tryWithLock(body, "1 second")
// @ts-expect-error a lock is held around an effect, not around a function
mutex.withLock(() => 1)
