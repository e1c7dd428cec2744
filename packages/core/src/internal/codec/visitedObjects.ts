/**
 * The objects that a walk has come upon. Most walks are over in a few steps, and a set would cost more than they do.
 *
 * @internal
 */

/** Up to here a search from end to end is quicker than a set. */
const few = 32

export class VisitedObjects {
  readonly #few: Array<object | undefined> = new Array(few).fill(undefined)
  #count = 0
  readonly #many = new Set<object>()

  /** `false` when the object was there already. */
  add(object: object): boolean {
    if (this.#count === few) {
      const before = this.#many.size
      this.#many.add(object)
      return this.#many.size > before
    }
    for (let index = 0; index < this.#count; index++) {
      if (this.#few[index] === object) return false
    }
    this.#few[this.#count++] = object
    if (this.#count === few) {
      for (const visited of this.#few) this.#many.add(visited as object)
    }
    return true
  }

  clear(): void {
    if (this.#many.size > 0) this.#many.clear()
    while (this.#count > 0) this.#few[--this.#count] = undefined
  }
}
