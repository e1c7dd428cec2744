/**
 * Random numbers that are the same on every machine: xoshiro128** (Blackman and Vigna, 2018) in 32-bit integers, its
 * state filled by splitmix32. Each run of an exploration has a stream of its own, a function of the seed and the run's
 * number, so that a run does not depend on how many numbers those before it took.
 *
 * @internal
 */
export class Prng {
  #a = 0
  #b = 0
  #c = 0
  #d = 0
  #mix = 0

  /** Starts stream number `stream` of a seed: any integer, of which 64 bits count. */
  reset(seed: number, stream: number): void {
    this.#mix = seed | 0
    this.#mix = this.#splitmix() ^ Math.floor(seed / 2 ** 32)
    this.#mix = this.#splitmix() ^ stream
    this.#a = this.#splitmix()
    this.#b = this.#splitmix()
    this.#c = this.#splitmix()
    // The one state that xoshiro never leaves is all zeros.
    this.#d = this.#splitmix() | 1
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = rotateLeft(this.#d, 11)
    return result >>> 0
  }

  /** An integer from 0 to `bound` - 1; uneven by less than `bound` in 2^32. */
  below(bound: number): number {
    return Math.floor((this.next() / 2 ** 32) * bound)
  }

  #splitmix(): number {
    this.#mix = (this.#mix + 0x9e3779b9) | 0
    let mixed = this.#mix ^ (this.#mix >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
}

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))
