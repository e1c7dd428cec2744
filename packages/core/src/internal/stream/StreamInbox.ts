/**
 * Where the elements of a task's stream wait for their consumer. It grants credit for those that the consumer has done with,
 * half a window at a time: what was granted and not yet given back is never more than the window.
 *
 * @internal
 */
import { halfOf } from "./StreamOutlet.ts"

/** `End` is how the stream ended; it is heard after the elements that came before it. */
export class StreamInbox<End> {
  /** How many elements have been taken out. */
  taken = 0
  private readonly half: number
  private readonly grant: (count: number) => void
  private waiting: Array<unknown> = []
  /** How many more may arrive. */
  private credit: number
  /** The consumer has these now, and is done with them when it comes back. */
  private handedOut = 0
  /** Done with, and not granted anew. */
  private owed = 0
  private end: { readonly value: End } | undefined
  private onArrival: (() => void) | undefined

  constructor(window: number, grant: (count: number) => void) {
    this.half = halfOf(window)
    this.credit = window
    this.grant = grant
  }

  /** Takes ownership of the array. Answers `false` when there are more than were granted, or none. */
  receive(values: Array<unknown>): boolean {
    if (values.length === 0 || values.length > this.credit || this.end !== undefined) return false
    this.credit -= values.length
    if (this.waiting.length === 0) this.waiting = values
    else for (const value of values) this.waiting.push(value)
    this.arrived()
    return true
  }

  /** Nothing more will arrive. The first end counts. */
  finish(end: End): void {
    this.end ??= { value: end }
    this.arrived()
  }

  get ended(): { readonly value: End } | undefined {
    return this.end
  }

  /** The next elements, no more than half a window; none when none are here. Those taken before are done with. */
  take(): ReadonlyArray<unknown> {
    this.giveBack()
    const values = this.waiting
    if (values.length <= this.half) this.waiting = []
    else this.waiting = values.splice(this.half)
    this.handedOut = values.length
    this.taken += values.length
    return values
  }

  /** Calls back once, when something is there: a fiber may have been put aside between its look and this. */
  whenArrived(callback: () => void): void {
    if (this.waiting.length > 0 || this.end !== undefined) callback()
    else this.onArrival = callback
  }

  private giveBack(): void {
    this.owed += this.handedOut
    this.handedOut = 0
    if (this.owed < this.half || this.end !== undefined) return
    const count = this.owed
    this.owed = 0
    this.credit += count
    this.grant(count)
  }

  private arrived(): void {
    const { onArrival } = this
    this.onArrival = undefined
    onArrival?.()
  }
}
