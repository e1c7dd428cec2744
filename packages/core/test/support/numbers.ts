/** The first so many, from 0. */
export const numbers = (count: number): Array<number> => Array.from({ length: count }, (_, n) => n)
