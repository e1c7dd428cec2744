/**
 * Who has a task that was offered to a worker ahead of time: the worker, that claimed it, or the parent, that revoked it.
 * Each side marks the offer's slot with one compare-and-swap, and whoever comes second is told so; that also holds when
 * the worker dies, as the mark stays.
 *
 * @internal
 */

/** Bytes of shared memory of a table with so many slots. */
export const claimsSize = (slots: number): number => slots * 4

/**
 * The ticket after this one; begin with 0, which is no ticket itself: a new table looks as if it had been offered 0 in each
 * slot. Offers of one slot have to differ from the one before, so count per slot, or for the whole table.
 */
export const nextTicket = (ticket: number): number => (ticket >= 2 ** 31 - 1 ? 1 : ticket + 1)

const claimed = (ticket: number): number => ticket << 1
const revoked = (ticket: number): number => (ticket << 1) | 1

/** A slot may be offered again when the worker has answered: that it has settled the task, or that it dropped it. */
export class Claims {
  readonly #slots: Int32Array

  constructor(memory: SharedArrayBuffer, byteOffset: number, slots: number) {
    this.#slots = new Int32Array(memory, byteOffset, slots)
  }

  /** Worker: true: it is yours to run. False: it was revoked; tell the parent that it is dropped. */
  claim(slot: number, ticket: number): boolean {
    const before = Atomics.load(this.#slots, slot)
    if (before === revoked(ticket)) return false
    // Only a revocation could have come in between.
    return Atomics.compareExchange(this.#slots, slot, before, claimed(ticket)) === before
  }

  /** Parent: true: the worker will never start it. False: it has started, or will, and may have ended. */
  revoke(slot: number, ticket: number): boolean {
    const before = Atomics.load(this.#slots, slot)
    if (before === claimed(ticket)) return false
    return Atomics.compareExchange(this.#slots, slot, before, revoked(ticket)) === before
  }

  /** Whether the worker has claimed it, and so may have started it. */
  isClaimed(slot: number, ticket: number): boolean {
    return Atomics.load(this.#slots, slot) === claimed(ticket)
  }
}
