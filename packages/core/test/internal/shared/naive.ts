/** The same protocols, each with a mistake that is easily made: what the explorer has to find. */
import type { Claims } from "../../../src/internal/shared/claims.ts"
import { Parking } from "../../../src/internal/shared/parking.ts"

/** A writer of entries of 4 bytes in a ring of 32. */
class Positions {
  start = 0
  protected written = 0
  protected readonly words: Int32Array

  constructor(memory: SharedArrayBuffer, byteOffset: number) {
    this.words = new Int32Array(memory, byteOffset, 72)
  }

  reserve(): boolean {
    this.start = (this.written & 31) + 4
    return this.written - Atomics.load(this.words, 32) < 32
  }

  publish(length: number): void {
    this.words[64 + (this.written & 31) / 4] = length
    this.written += 8
    Atomics.store(this.words, 0, this.written)
  }
}

/** Publishes an entry and then writes its length. */
export class PublishesTooEarly extends Positions {
  override publish(length: number): void {
    Atomics.store(this.words, 0, this.written + 8)
    this.words[64 + (this.written & 31) / 4] = length
    this.written += 8
  }
}

/** Does not look where the reader is. */
export class NeverFull extends Positions {
  override reserve(): boolean {
    this.start = (this.written & 31) + 4
    return true
  }
}

/** Looks for work and then says that it sleeps: what is published in between wakes nobody. */
export class ChecksBeforeItAnnounces extends Parking {
  readonly #word: Int32Array

  constructor(memory: SharedArrayBuffer, byteOffset: number) {
    super(memory, byteOffset)
    this.#word = new Int32Array(memory, byteOffset, 1)
  }

  override sleep(hasWork: () => boolean): boolean {
    if (hasWork()) return false
    Atomics.store(this.#word, 0, 2)
    return true
  }

  override block(hasWork: () => boolean, millis: number): boolean {
    if (hasWork()) return true
    Atomics.store(this.#word, 0, 1)
    Atomics.wait(this.#word, 0, 1, millis)
    this.awake()
    return hasWork()
  }
}

/** Reads the state and then replaces it, in two steps. */
export class WakesWithoutExchange extends Parking {
  readonly #word: Int32Array

  constructor(memory: SharedArrayBuffer, byteOffset: number) {
    super(memory, byteOffset)
    this.#word = new Int32Array(memory, byteOffset, 1)
  }

  override wake(): boolean {
    const before = Atomics.load(this.#word, 0)
    if (before === 0) return false
    Atomics.store(this.#word, 0, 0)
    if (before === 1) Atomics.notify(this.#word, 0)
    return before === 2
  }
}

/** Claims and revokes by a store, if a look shows nothing against it. */
export class MarksByStore implements Pick<Claims, "claim" | "revoke" | "isClaimed"> {
  readonly #slots: Int32Array

  constructor(memory: SharedArrayBuffer, byteOffset: number, slots: number) {
    this.#slots = new Int32Array(memory, byteOffset, slots)
  }

  claim(slot: number, ticket: number): boolean {
    if (Atomics.load(this.#slots, slot) === ((ticket << 1) | 1)) return false
    Atomics.store(this.#slots, slot, ticket << 1)
    return true
  }

  revoke(slot: number, ticket: number): boolean {
    if (Atomics.load(this.#slots, slot) === ticket << 1) return false
    Atomics.store(this.#slots, slot, (ticket << 1) | 1)
    return true
  }

  isClaimed(slot: number, ticket: number): boolean {
    return Atomics.load(this.#slots, slot) === ticket << 1
  }
}
