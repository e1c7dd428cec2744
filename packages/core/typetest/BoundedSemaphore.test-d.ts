import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"
import * as BoundedSemaphore from "../src/BoundedSemaphore.ts"

declare const semaphore: BoundedSemaphore.BoundedSemaphore
declare const body: Effect.Effect<"a", "e", "r">

expectTypeOf(BoundedSemaphore.make(1)).toEqualTypeOf<
  Effect.Effect<BoundedSemaphore.BoundedSemaphore, BoundedSemaphore.InvalidPermits>
>()

// One permit is always a possible count; a given one may not be.
expectTypeOf(semaphore.acquire()).toEqualTypeOf<Effect.Effect<void>>()
expectTypeOf(semaphore.acquire(2)).toEqualTypeOf<Effect.Effect<void, BoundedSemaphore.InvalidPermits>>()
expectTypeOf(semaphore.tryAcquire()).toEqualTypeOf<Effect.Effect<boolean>>()
expectTypeOf(semaphore.acquireOrFail()).toEqualTypeOf<Effect.Effect<void, BoundedSemaphore.SemaphoreEmpty>>()
expectTypeOf(semaphore.acquireScoped()).toEqualTypeOf<Effect.Effect<void, never, Scope.Scope>>()
expectTypeOf(semaphore.release()).toEqualTypeOf<Effect.Effect<void, BoundedSemaphore.SemaphoreFull>>()
expectTypeOf(semaphore.release(2)).toEqualTypeOf<
  Effect.Effect<void, BoundedSemaphore.SemaphoreFull | BoundedSemaphore.InvalidPermits>
>()
expectTypeOf(semaphore.acquireWithin("1 second")).toEqualTypeOf<
  Effect.Effect<void, BoundedSemaphore.SemaphoreEmpty | BoundedSemaphore.InvalidTimeout>
>()

// What the body gives, fails with and needs passes through.
expectTypeOf(semaphore.withPermit(body)).toEqualTypeOf<Effect.Effect<"a", "e", "r">>()
expectTypeOf(semaphore.withPermits(2)(body)).toEqualTypeOf<
  Effect.Effect<"a", "e" | BoundedSemaphore.InvalidPermits, "r">
>()
expectTypeOf(semaphore.withPermitOrFail(body)).toEqualTypeOf<
  Effect.Effect<"a", "e" | BoundedSemaphore.SemaphoreEmpty, "r">
>()

// @ts-expect-error a permit is counted by a number
semaphore.acquire("1")
// @ts-expect-error L3: a try takes no timeout
semaphore.tryAcquire(1, "1 second")
// @ts-expect-error "soon" is no duration
semaphore.acquireWithin("soon")
// @ts-expect-error a semaphore is made by make, not by hand
const made: BoundedSemaphore.BoundedSemaphore = { max: 1 }
void made
