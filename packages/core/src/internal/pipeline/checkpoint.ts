/**
 * Leaves out what an earlier run has done, and notes what this one has: an element is done when all that was made of it has
 * left the pipeline.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { CheckpointFailed, CheckpointStore } from "../../CheckpointStore.ts"
import { drop, type Element, type Pull } from "./Element.ts"
import type { Opening } from "./Stage.ts"
import { Token } from "./Token.ts"
import { workEach } from "./workEach.ts"

export const openCheckpoint =
  (store: CheckpointStore, keyOf: (value: any) => string) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const marker = new Marker(store)
      const { run, scope } = opening
      yield* Scope.addFinalizer(scope, marker.close)
      yield* Effect.forkIn(marker.run, scope, { startImmediately: true })
      run.atEnd(marker.flush)
      /** Its key, if there is something to be done. */
      const call = (value: unknown) => {
        const key = keyOf(value)
        return Effect.map(Effect.andThen(marker.check, store.has(key)), (isDone) => (isDone ? undefined : key))
      }
      const land = (element: Element, key: unknown): void => {
        if (key === undefined) return drop(element)
        const { token } = element
        element.token = new Token(() => {
          marker.add(key as string)
          token?.release()
        })
      }
      return yield* workEach({ call, land, options: {} })(opening)
    })

/** Notes in the store what is done: while one write is under way, what comes is gathered for the next. */
class Marker {
  private readonly store: CheckpointStore
  private readonly turn = Semaphore.makeUnsafe(1)
  private readonly hasKeys = Latch.makeUnsafe()
  private keys: Array<string> = []
  private failure: Cause.Cause<CheckpointFailed> | undefined

  constructor(store: CheckpointStore) {
    this.store = store
  }

  add(key: string): void {
    this.keys.push(key)
    this.hasKeys.openUnsafe()
  }

  /** Fails if the store has. */
  readonly check: Effect.Effect<void, CheckpointFailed> = Effect.suspend(() =>
    this.failure === undefined ? Effect.void : Effect.failCause(this.failure)
  )

  /** Notes all that is done by now. */
  readonly flush: Effect.Effect<void, CheckpointFailed> = Effect.suspend(() =>
    this.turn.withPermits(1)(Effect.uninterruptible(Effect.suspend(() => this.write())))
  )

  readonly run: Effect.Effect<void> = Effect.suspend(() => {
    const next = Effect.andThen(this.hasKeys.await, this.flush)
    // What it has failed with is told to whoever asks the stage for more, and at the end of the run.
    return Effect.ignore(Effect.forever(next))
  })

  /** The run is over, perhaps before its time: what was done has been done all the same. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    if (this.failure !== undefined) return Effect.void
    return Effect.catchCause(this.flush, (cause) => Effect.logWarning("What was done could not be noted", cause))
  })

  private write(): Effect.Effect<void, CheckpointFailed> {
    if (this.failure !== undefined || this.keys.length === 0) return this.check
    const { keys } = this
    this.keys = []
    this.hasKeys.closeUnsafe()
    return Effect.tapCause(this.store.markDone(keys), (cause) =>
      Effect.sync(() => {
        this.failure = cause
      })
    )
  }
}
