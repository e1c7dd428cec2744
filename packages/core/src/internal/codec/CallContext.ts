/**
 * What the schema of a handle (a `Channel`, a `Pipe`, a `SharedValue`) may ask of the call that carries it.
 *
 * A pool provides it around the encoding of a payload (in the caller) and around its decoding (in the worker). A schema
 * that is encoded outside of a call reads `undefined`.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** Where a task runs. */
export type Place = "fiber" | "thread" | "process"

/** How the call ended, told to both sides. */
export type CallEnd = "returned" | "crashed"

export interface CallContext {
  /** Where the other side of the encoding is: shared memory goes to a thread and nowhere else. */
  readonly place: Place
  /** Runs once, when the call has settled: in the caller whatever the worker's fate, in the worker unless it died. */
  readonly onSettled: (callback: (end: CallEnd) => void) => void
}

export const CallContext: Context.Reference<CallContext | undefined> = Context.Reference<CallContext | undefined>(
  "~ropewalk/codec/CallContext",
  { defaultValue: () => undefined }
)

/** The context of calls that carry nothing which has to hear of their end. */
export const placeOnly = (place: Place): CallContext => ({ place, onSettled: () => {} })

/** One call, from the encoding of its payload to its end. */
export class CarriedCall implements CallContext {
  readonly place: Place
  private readonly callbacks: Array<(end: CallEnd) => void> = []

  constructor(place: Place) {
    this.place = place
  }

  onSettled(callback: (end: CallEnd) => void): void {
    this.callbacks.push(callback)
  }

  settle(end: CallEnd): void {
    for (const callback of this.callbacks.splice(0)) callback(end)
  }
}

/** Tells the handles of a call how it ended: also when it was interrupted before it was sent. */
export const carrying = <A, E, R>(
  place: Place,
  use: (call: CarriedCall) => Effect.Effect<A, E, R>,
  endOf: () => CallEnd
): Effect.Effect<A, E, R> => {
  const call = new CarriedCall(place)
  return Effect.onExit(use(call), () => Effect.sync(() => call.settle(endOf())))
}
