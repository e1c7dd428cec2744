import type * as Effect from "effect/Effect"
import { expectTypeOf } from "vitest"
import * as Tracker from "../src/Tracker.ts"

declare const tracker: Tracker.Tracker
declare const body: Effect.Effect<"a", "e", "r">

expectTypeOf(Tracker.make({ name: "requests" })).toEqualTypeOf<Effect.Effect<Tracker.Tracker>>()
expectTypeOf(tracker.track(body)).toEqualTypeOf<Effect.Effect<"a", "e" | Tracker.TrackerClosed, "r">>()
expectTypeOf(tracker.drain).toEqualTypeOf<Effect.Effect<void>>()
// @ts-expect-error an effect, not a function
tracker.track(() => 1)
