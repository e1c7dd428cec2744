/**
 * Words and how often they come.
 *
 * A word is a run of letters, digits and their marks, with apostrophes inside: `l’œuvre` is one. Capital letters don't
 * count, nor does it matter whether an accent is a character of its own (NFC). Languages that put no spaces between words
 * would need a dictionary: there a word is what stands between two punctuation marks.
 *
 * @internal
 */
export type Counts = Map<string, number>

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’][\p{L}\p{M}\p{N}]+)*/gu

/** Counts the words of a text. */
export const countWords = (text: string): Counts => {
  const raw: Counts = new Map()
  for (const word of text.match(WORD) ?? []) raw.set(word, (raw.get(word) ?? 0) + 1)
  // Once for each word that is different, and not for each that comes: most come again and again.
  const counts: Counts = new Map()
  for (const [word, times] of raw) add(counts, normalised(word), times)
  return counts
}

/** The form in which a word is counted. */
const normalised = (word: string): string => word.normalize("NFC").toLowerCase()

/** Adds the counts of one text to those of others. */
export const addAll = (into: Counts, counts: Iterable<readonly [word: string, times: number]>): Counts => {
  for (const [word, times] of counts) add(into, word, times)
  return into
}

const add = (counts: Counts, word: string, times: number): void => {
  counts.set(word, (counts.get(word) ?? 0) + times)
}

/** The most frequent words first; those that come equally often, by their code points. */
export const byFrequency = (counts: Counts): Array<readonly [word: string, times: number]> =>
  [...counts].sort(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? -1 : 1))

/**
 * Counts as they cross to another thread: one string, and numbers in one piece of memory. A map would be cloned entry by entry, which
 * takes the thread that combines the counts about as long as it takes to add them up.
 */
export interface PackedCounts {
  readonly words: string
  readonly times: Uint32Array<ArrayBuffer>
}

export const pack = (counts: Counts): PackedCounts => ({
  words: [...counts.keys()].join("\n"),
  times: Uint32Array.from(counts.values())
})

export function* unpack({ times, words }: PackedCounts): Generator<readonly [word: string, times: number]> {
  if (times.length === 0) return
  let i = 0
  for (const word of words.split("\n")) yield [word, times[i++]!]
}
