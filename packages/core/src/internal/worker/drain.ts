/**
 * A Stream of a plain module, emptied. Loaded when a function returns the first one.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { emitTo } from "../stream/effects.ts"
import type { StreamOutlet } from "../stream/StreamOutlet.ts"

export const drain = (stream: unknown, outlet: StreamOutlet): Effect.Effect<void, unknown> =>
  Stream.runForEachArray(stream as Stream.Stream<unknown, unknown>, emitTo(outlet))
