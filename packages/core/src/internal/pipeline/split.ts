/**
 * One input, several outlets: each element goes to one of them (`route`), or to all (`broadcast`).
 *
 * What is asked for fits wherever it goes: so the branch that is slowest holds up the others, and no more waits at an outlet than
 * its buffer holds. A branch that wants no more is closed, and holds up nobody.
 *
 * @internal
 */

import type { Cause } from "effect/Cause"
import * as Effect from "effect/Effect"
import { asEffect, drop, Element, mostAtOnce, type Pull, type Pulled } from "./Element.ts"
import type { StageMeter } from "./StageMeter.ts"

/** To which outlets an element goes: the number of one, or all. */
export type Choice = (value: unknown) => number | "all"

export class Split {
  readonly outlets: ReadonlyArray<Outlet>
  private readonly choose: Choice
  private readonly meter: StageMeter
  private onRoom: (() => void) | undefined

  constructor(outlets: number, capacity: number, choose: Choice, meter: StageMeter) {
    this.outlets = Array.from({ length: outlets }, () => new Outlet(capacity, () => this.wake()))
    this.choose = choose
    this.meter = meter
  }

  /** Pulls until the end, or until no branch wants more. */
  feed(upstream: Pull): Effect.Effect<void> {
    const room = Effect.callback<void>((resume) => {
      // There may be room by now: others may have run since it was looked for.
      if (this.room > 0) resume(Effect.void)
      else this.onRoom = () => resume(Effect.void)
    })
    const pulls = Effect.whileLoop({
      while: () => this.open.length > 0,
      body: () => {
        if (this.room <= 0) return room
        return Effect.map(asEffect(upstream(Math.min(this.room, mostAtOnce))), (elements) => this.give(elements))
      },
      step: () => {}
    })
    return Effect.matchCause(pulls, {
      onSuccess: () => {},
      onFailure: (cause) => {
        for (const outlet of this.outlets) outlet.finish(cause)
      }
    })
  }

  /** How many more elements fit, wherever they go. Any number, when nobody wants them. */
  private get room(): number {
    return Math.min(...this.open.map((outlet) => outlet.room))
  }

  private get open(): ReadonlyArray<Outlet> {
    return this.outlets.filter(({ isClosed }) => !isClosed)
  }

  private give(elements: ReadonlyArray<Element>): void {
    this.meter.in += elements.length
    this.meter.out += elements.length
    const shares = this.outlets.map((): Array<Element> => [])
    for (const element of elements) {
      const choice = this.choose(element.value)
      if (choice !== "all") {
        shares[choice]?.push(element)
        continue
      }
      element.token?.retain(shares.length)
      for (const share of shares) share.push(new Element(element.value, element.token))
      drop(element)
    }
    for (const [index, share] of shares.entries()) this.outlets[index]?.add(share)
  }

  private wake(): void {
    const { onRoom } = this
    this.onRoom = undefined
    onRoom?.()
  }
}

/** The beginning of a branch. */
export class Outlet {
  isClosed = false
  /** A stage has been opened on it. */
  isUsed = false
  private readonly capacity: number
  private readonly onRoom: () => void
  private queue: ReadonlyArray<Element> = []
  private last: Cause<unknown> | undefined
  private onReady: (() => void) | undefined

  constructor(capacity: number, onRoom: () => void) {
    this.capacity = capacity
    this.onRoom = onRoom
  }

  get room(): number {
    return this.capacity - this.queue.length
  }

  add(elements: ReadonlyArray<Element>): void {
    if (elements.length === 0) return
    if (this.isClosed) {
      for (const element of elements) drop(element)
      return
    }
    this.queue = [...this.queue, ...elements]
    this.notify()
  }

  /** No more come. */
  finish(cause: Cause<unknown>): void {
    this.last = cause
    this.notify()
  }

  /** No more are wanted. */
  close(): void {
    this.isClosed = true
    for (const element of this.queue) drop(element)
    this.queue = []
    this.onRoom()
  }

  readonly pull: Pull = (most: number): Pulled => {
    if (this.queue.length > 0) {
      const elements = this.queue.slice(0, most)
      this.queue = this.queue.slice(most)
      this.onRoom()
      return elements
    }
    if (this.last !== undefined) return Effect.failCause(this.last)
    const ready = Effect.callback<void>((resume) => {
      if (this.queue.length > 0 || this.last !== undefined) resume(Effect.void)
      else this.onReady = () => resume(Effect.void)
    })
    return Effect.flatMap(ready, () => asEffect(this.pull(most)))
  }

  private notify(): void {
    const { onReady } = this
    this.onReady = undefined
    onReady?.()
  }
}
