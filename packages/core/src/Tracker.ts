/**
 * Counts what is under way, so that a program can end when the last of it has: closed and empty.
 *
 * **When to use**: for a graceful end of work that many places start and nobody joins: the requests of a server that is told
 * to stop. Where one place starts the work, use a `TaskScope`, which ends with it.
 *
 * **Lineage**: `TaskTracker` of Rust's tokio-util; Go's `WaitGroup`.
 *
 * **What differs**: a tracker that is closed refuses, with {@link TrackerClosed}, where tokio's lets in whoever comes; a drain
 * then ends, whatever comes. It owns nothing: what it tracks runs in the fiber that asked, and ends with that.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import { waitingFor } from "./internal/scope/Member.ts"
import { touched } from "./internal/touched.ts"

/** @since 0.1.0 */
export type TypeId = "~ropewalk/Tracker"

/** @since 0.1.0 */
export const TypeId: TypeId = "~ropewalk/Tracker"

/**
 * The tracker takes no more: the effect did not run.
 *
 * @since 0.1.0
 */
export class TrackerClosed extends Schema.TaggedError<TrackerClosed>()("TrackerClosed", { tracker: Schema.String }) {
  override get message(): string {
    return `"${this.tracker}" takes no more: it is being drained. Try elsewhere, or later`
  }
}

/**
 * See {@link make}.
 *
 * @since 0.1.0
 */
export interface Tracker {
  readonly [TypeId]: TypeId

  /** What errors and dumps call it. */
  readonly name: string

  /** Runs the effect, which counts until it has ended, however. */
  track<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TrackerClosed, R>

  /** How many are under way. */
  readonly size: Effect.Effect<number>

  readonly isClosed: Effect.Effect<boolean>

  /** Takes no more. What is under way goes on. */
  readonly close: Effect.Effect<void>

  /** Waits until it is closed and empty. It may be asked at any time, by any number of fibers. */
  readonly awaitDrained: Effect.Effect<void>

  /** {@link close}, then {@link awaitDrained}. */
  readonly drain: Effect.Effect<void>
}

/**
 * Makes a tracker that is open and empty.
 *
 * **Example** (the last request is answered, and the next one refused)
 *
 * ```ts
 * import * as Tracker from "@ropewalk/core/Tracker"
 * import * as Effect from "effect/Effect"
 * import * as Fiber from "effect/Fiber"
 * import assert from "node:assert/strict"
 *
 * const program = Effect.gen(function* () {
 *   const requests = yield* Tracker.make({ name: "requests" })
 *   const request = requests.track(Effect.delay(Effect.succeed("answer"), "5 millis"))
 *   const last = yield* Effect.forkChild(request, { startImmediately: true })
 *   const drained = yield* Effect.forkChild(requests.drain, { startImmediately: true })
 *   assert.equal((yield* Effect.flip(request))._tag, "TrackerClosed")
 *   assert.equal(yield* Fiber.join(last), "answer")
 *   yield* Fiber.join(drained)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: { readonly name?: string | undefined }): Effect.Effect<Tracker> =>
  Effect.sync(() => new TrackerImpl(options?.name ?? "a tracker"))

class TrackerImpl implements Tracker {
  readonly [TypeId]: TypeId = TypeId
  readonly name: string
  readonly size: Effect.Effect<number>
  readonly isClosed: Effect.Effect<boolean>
  readonly close: Effect.Effect<void>
  readonly awaitDrained: Effect.Effect<void>
  readonly drain: Effect.Effect<void>
  readonly #drained = Latch.makeUnsafe(false)
  #count = 0
  #closed = false

  constructor(name: string) {
    this.name = name
    this.size = Effect.sync(() => this.#count)
    this.isClosed = Effect.sync(() => this.#closed)
    this.close = Effect.sync(() => {
      touched(this)
      this.#closed = true
      this.#changed(0)
    })
    this.awaitDrained = waitingFor(
      () => `the end of ${name}, ${this.#count} of which ${this.#count === 1 ? "is" : "are"} under way`,
      this.#drained.await
    )
    this.drain = Effect.andThen(this.close, this.awaitDrained)
    touched(this, "makes")
  }

  readonly track = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TrackerClosed, R> =>
    Effect.uninterruptibleMask((restore): Effect.Effect<A, E | TrackerClosed, R> => {
      if (this.#closed) return Effect.fail(new TrackerClosed({ tracker: this.name }))
      this.#changed(1)
      return Effect.ensuring(
        restore(effect),
        Effect.sync(() => this.#changed(-1))
      )
    })

  #changed(by: number): void {
    touched(this)
    this.#count += by
    if (this.#closed && this.#count === 0) this.#drained.openUnsafe()
  }
}
