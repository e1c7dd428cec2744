/**
 * What a pool or a supervisor tells of itself: each listener has a buffer of its own, of bounded size. Whoever tells never
 * waits for a listener: what finds its buffer full is dropped, and the listener is told how many there were, in the place
 * where they are missing.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { wallClock } from "./context/wallClock.ts"

/** This listener was too slow: here, so many events are missing. */
export const EventsDropped = Schema.TaggedStruct("EventsDropped", { at: Schema.Number, count: Schema.Number })
type EventsDropped = typeof EventsDropped.Type

/** Events that a listener may be behind: about 0.1 s of a pool that is flooded. */
const bufferSize = 16_384

export class EventStream<Event> {
  private readonly listeners = new Set<Listener<Event>>()
  private readonly current: () => ReadonlyArray<Event>
  private readonly onListening: () => void
  private ended = false

  /** `current` says what a new listener has missed, as the workers that are there. `onListening`: the first came, or the last left. */
  constructor(current: () => ReadonlyArray<Event>, onListening: () => void = () => {}) {
    this.current = current
    this.onListening = onListening
  }

  get isListening(): boolean {
    return this.listeners.size > 0
  }

  publish(event: Event): void {
    for (const listener of this.listeners) listener.offer(event)
  }

  /** Nothing more will happen: each listener hears what is left for it, and ends. */
  end(): void {
    this.ended = true
    for (const listener of this.listeners) listener.end()
  }

  readonly stream: Stream.Stream<Event | EventsDropped> = Stream.scoped(
    Stream.fromPull(
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => this.listen()),
          (listener) => Effect.sync(() => this.leave(listener))
        ),
        (listener) => listener.take
      )
    )
  )

  private listen(): Listener<Event> {
    const listener = new Listener(this.current())
    if (this.ended) {
      listener.end()
      return listener
    }
    this.listeners.add(listener)
    if (this.listeners.size === 1) this.onListening()
    return listener
  }

  private leave(listener: Listener<Event>): void {
    if (this.listeners.delete(listener) && this.listeners.size === 0 && !this.ended) this.onListening()
  }
}

type Events<Event> = readonly [Event | EventsDropped, ...Array<Event | EventsDropped>]

class Listener<Event> {
  private buffer: Array<Event | EventsDropped>
  private dropped = 0
  private ended = false
  private waiting: ((exit: Exit.Exit<Events<Event>, Cause.Done>) => void) | undefined

  constructor(first: ReadonlyArray<Event>) {
    this.buffer = [...first]
  }

  offer(event: Event): void {
    if (this.buffer.length >= bufferSize) this.dropped++
    else this.buffer.push(event)
    this.wake()
  }

  end(): void {
    this.ended = true
    this.wake()
  }

  /** All that has come since the last time. */
  readonly take: Effect.Effect<Events<Event>, Cause.Done> = Effect.callback((resume) => {
    this.waiting = resume
    this.wake()
    return Effect.sync(() => {
      this.waiting = undefined
    })
  })

  private wake(): void {
    const { waiting } = this
    if (waiting === undefined) return
    const events = this.takeNow()
    if (events === undefined && !this.ended) return
    this.waiting = undefined
    waiting(events === undefined ? Exit.fail(Cause.Done()) : Exit.succeed(events))
  }

  private takeNow(): Events<Event> | undefined {
    const events = this.buffer
    if (events.length === 0) return undefined
    this.buffer = []
    if (this.dropped > 0) events.push({ _tag: "EventsDropped", at: wallClock(), count: this.dropped })
    this.dropped = 0
    return events as unknown as Events<Event>
  }
}
