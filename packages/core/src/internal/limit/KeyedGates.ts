/**
 * One gate for each key that is in use. A key is forgotten with its last user; if it has a rate, when its last start has
 * left the window besides, since until then it counts. That is looked after whenever any key is entered or asked for: no timer
 * runs, and what is kept is bounded by the keys of one window.
 *
 * @internal
 */
import { touched } from "../touched.ts"
import { Gate, type Limits } from "./Gate.ts"

interface Entry {
  readonly gate: Gate
  users: number
}

export class KeyedGates<K> {
  readonly #limits: Limits
  readonly #nameOf: (key: K) => string
  readonly #entries = new Map<K, Entry>()
  /** Keys that nobody uses, and since when, in milliseconds: the longest first. */
  readonly #idle = new Map<K, number>()

  constructor(limits: Limits, nameOf: (key: K) => string) {
    this.#nameOf = nameOf
    this.#limits = limits
    touched(this, "makes")
  }

  size(now: number): number {
    this.#sweep(now)
    return this.#entries.size
  }

  /** Absent: nobody uses the key, and all of its limits are free. */
  peek(key: K, now: number): Gate | undefined {
    this.#sweep(now)
    return this.#entries.get(key)?.gate
  }

  /** To be called with {@link unuse} already sure to follow. */
  use(key: K, now: number): Gate {
    this.#sweep(now)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { gate: new Gate(this.#limits, this.#nameOf(key)), users: 0 }
      this.#entries.set(key, entry)
    }
    entry.users++
    this.#idle.delete(key)
    return entry.gate
  }

  unuse(key: K, now: number): void {
    touched(this)
    const entry = this.#entries.get(key)
    if (entry === undefined || --entry.users > 0) return
    if (this.#limits.rate === undefined) this.#entries.delete(key)
    else this.#idle.set(key, now)
  }

  #sweep(now: number): void {
    touched(this)
    const { rate } = this.#limits
    if (rate === undefined) return
    for (const [key, since] of this.#idle) {
      if (since + rate.millis > now) return
      this.#idle.delete(key)
      this.#entries.delete(key)
    }
  }
}
