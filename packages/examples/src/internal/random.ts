/**
 * Random numbers from seeds: the same seeds give the same numbers on every machine, thread and process. It is Mulberry32, by
 * Tommy Ettinger: 32 bits of state, which is plenty for text and pages that only have to look natural.
 *
 * Effect's own `Random` is what a program takes; this is for plain functions, whose workers load no Effect.
 *
 * @internal
 */
export interface Random {
  /** From 0 to less than 1. */
  readonly next: () => number
  /** A whole number from 0 to less than `n`. */
  readonly below: (n: number) => number
  readonly pick: <A>(values: ReadonlyArray<A>) => A
}

/** Numbers for these seeds together: `randomOf(seed, 7)` knows nothing of `randomOf(seed, 8)`. @internal */
export const randomOf = (...seeds: ReadonlyArray<number>): Random => {
  let state = seeds.reduce((hash, seed) => scramble(Math.imul(hash, 31) + seed), 0x9e3779b9)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return { next, below, pick: (values) => values[below(values.length)]! }
}

/** Spreads one bit's difference over all 32: seeds that are neighbours begin far from each other. */
const scramble = (seed: number): number => {
  let bits = seed | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
