/**
 * What waits to be begun, in order: of each key one at a time, when there are keys.
 *
 * @internal
 */
import type { Element } from "./Element.ts"

export class Lanes {
  private readonly keyOf: ((value: unknown) => unknown) | undefined
  /** Elements that may be begun. */
  private readonly ready: Array<Element> = []
  private head = 0
  /** The keys of what is being worked on or ready, and what waits behind each. */
  private readonly behind = new Map<unknown, Array<Element>>()
  private readonly keys = new Map<Element, unknown>()

  constructor(keyOf: ((value: unknown) => unknown) | undefined) {
    this.keyOf = keyOf
  }

  add(element: Element): void {
    if (this.keyOf !== undefined) {
      const key = this.keyOf(element.value)
      this.keys.set(element, key)
      const lane = this.behind.get(key)
      if (lane !== undefined) {
        lane.push(element)
        return
      }
      this.behind.set(key, [])
    }
    this.ready.push(element)
  }

  next(): Element | undefined {
    if (this.head === this.ready.length) return undefined
    const element = this.ready[this.head++]
    if (this.head === this.ready.length) {
      this.ready.length = 0
      this.head = 0
    }
    return element
  }

  /** It has been worked on: the next of its key may be. */
  done(element: Element): void {
    if (this.keyOf === undefined) return
    const key = this.keys.get(element)
    this.keys.delete(element)
    const lane = this.behind.get(key)
    const following = lane?.shift()
    if (following === undefined) this.behind.delete(key)
    else this.ready.push(following)
  }
}
