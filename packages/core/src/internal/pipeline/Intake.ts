/**
 * Where elements wait that were pulled ahead, from one stage or from several: of each no more than its lane holds.
 *
 * ```text
 *   stage ─▶ feeder ─▶ lane 0 ┐
 *   stage ─▶ feeder ─▶ lane 1 ┼─▶ queue, in the order of arrival ─▶ take
 * ```
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { asEffect, type Element, isEnd, mostAtOnce, type Pull, type Pulled, theEnd } from "./Element.ts"

interface Lane {
  held: number
  onRoom: (() => void) | undefined
}

interface Arrived {
  readonly element: Element
  readonly lane: Lane
  /** Milliseconds, of the clock of the intake. */
  readonly at: number
}

export class Intake {
  private readonly capacity: number
  private readonly now: () => number
  private queue: Array<Arrived> = []
  private open = 0
  private failure: Cause.Cause<unknown> | undefined
  private wanted = 1
  private onReady: (() => void) | undefined

  /** `capacity` is that of each lane. `now`: for who wants to know when elements arrived. */
  constructor(capacity: number, now: () => number = () => 0) {
    this.capacity = capacity
    this.now = now
  }

  get size(): number {
    return this.queue.length
  }

  /** When the element arrived that has waited longest. */
  get since(): number | undefined {
    return this.queue[0]?.at
  }

  /** Nothing more comes: all lanes have ended, or one has failed. */
  get hasEnded(): boolean {
    return this.open === 0 || this.failure !== undefined
  }

  /** What comes after all that waits: nothing yet, a failure or the end. */
  get end(): Effect.Effect<never, unknown> | undefined {
    if (this.failure !== undefined) return Effect.failCause(this.failure)
    return this.open === 0 ? theEnd : undefined
  }

  /** Pulls until the end, as far ahead as its lane holds. `onEnd` is run at the regular end, before it is told. */
  feed(upstream: Pull, onEnd: Effect.Effect<void> = Effect.void): Effect.Effect<void> {
    const lane: Lane = { held: 0, onRoom: undefined }
    this.open++
    const room = Effect.callback<void>((resume) => {
      // There may be room by now: others may have run since it was looked for.
      if (lane.held < this.capacity) resume(Effect.void)
      else lane.onRoom = () => resume(Effect.void)
    })
    const pulls = Effect.whileLoop({
      while: () => true,
      body: () => {
        const free = this.capacity - lane.held
        if (free <= 0) return room
        return Effect.map(asEffect(upstream(Math.min(free, mostAtOnce))), (elements) => this.add(lane, elements))
      },
      step: () => {}
    })
    return Effect.catchCause(pulls, (cause) => {
      if (!isEnd(cause)) return Effect.sync(() => this.fail(cause))
      return Effect.map(onEnd, () => {
        this.open--
        if (this.open === 0) this.notify()
      })
    })
  }

  /** As `take`, of those that had arrived before a time. */
  takeUntil(time: number, most: number): ReadonlyArray<Element> {
    const later = this.queue.findIndex(({ at }) => at >= time)
    return this.take(later === -1 ? most : Math.min(most, later))
  }

  /** What waits, no more than `most`. */
  take(most: number): ReadonlyArray<Element> {
    if (this.queue.length === 0) return []
    const taken = this.queue.length <= most ? this.queue : this.queue.slice(0, most)
    this.queue = this.queue.length <= most ? [] : this.queue.slice(most)
    for (const { lane } of taken) lane.held--
    for (const { lane } of taken) {
      const { onRoom } = lane
      lane.onRoom = undefined
      onRoom?.()
    }
    return taken.map(({ element }) => element)
  }

  /** Waits until so many wait, or no more come. */
  readonly ready = (count: number): Effect.Effect<void> =>
    Effect.callback((resume) => {
      this.wanted = count
      this.onReady = () => resume(Effect.void)
      if (this.isReady) this.notify()
    })

  readonly pull: Pull = (most: number): Pulled => {
    const elements = this.take(most)
    if (elements.length > 0) return elements
    return this.end ?? Effect.flatMap(this.ready(1), () => asEffect(this.pull(most)))
  }

  private get isReady(): boolean {
    return this.queue.length >= this.wanted || this.hasEnded
  }

  private add(lane: Lane, elements: ReadonlyArray<Element>): void {
    const at = this.now()
    lane.held += elements.length
    for (const element of elements) this.queue.push({ element, lane, at })
    if (this.isReady) this.notify()
  }

  private fail(cause: Cause.Cause<unknown>): void {
    this.failure ??= cause
    this.notify()
  }

  private notify(): void {
    const { onReady } = this
    this.onReady = undefined
    onReady?.()
  }
}
