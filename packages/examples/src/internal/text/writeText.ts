/**
 * Text that looks like text: words with the frequencies of natural language, in sentences and paragraphs, in five languages
 * and three alphabets. The same seed gives the same text.
 *
 * The n-th most frequent word comes about 1/n as often as the first (Zipf's law, with Mandelbrot's shift), so that counting
 * it is like counting books: a few words make half of the text, and thousands come once.
 *
 * @internal
 */
import { type Random, randomOf } from "../random.ts"
import { type Language, languages } from "./language.ts"

const vocabularySize = 12_000

/** At least `length` characters, and no more than a sentence above it. */
export const writeText = (seed: number, length: number, language: Language): string => {
  const random = randomOf(seed, length)
  const wordOf = wordsOf(language)
  let text = ""
  while (text.length < length) {
    text += sentence(random, wordOf)
    text += random.below(6) === 0 ? "\n\n" : random.below(3) === 0 ? "\n" : " "
  }
  return `${text.trimEnd()}\n`
}

/** The language of the n-th text. */
export const languageOf = (n: number): Language => languages[n % languages.length]!

/** So many words of a language, each as likely as it is in its texts: for a title, or a question. */
export const writeWords = (random: Random, count: number, language: Language): ReadonlyArray<string> => {
  const wordOf = wordsOf(language)
  return Array.from({ length: count }, () => wordOf(random))
}

const sentence = (random: Random, wordOf: (random: Random) => string): string => {
  const length = 3 + random.below(8) + random.below(10)
  let text = capitalised(wordOf(random))
  for (let i = 1; i < length; i++) {
    const separator = random.below(9) === 0 ? ", " : random.below(60) === 0 ? " – " : " "
    text += separator + (random.below(90) === 0 ? String(1 + random.below(2030)) : wordOf(random))
  }
  const end = random.below(12)
  return text + (end === 0 ? "?" : end === 1 ? "!" : ".")
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Draws words of a language by their frequency. Made once a language and thread: it takes some milliseconds. */
const wordsOf = (language: Language): ((random: Random) => string) => {
  const known = samplers.get(language)
  if (known !== undefined) return known
  const sampler = samplerOf(vocabularyOf(language))
  samplers.set(language, sampler)
  return sampler
}

const samplers = new Map<Language, (random: Random) => string>()

const samplerOf = (vocabulary: ReadonlyArray<string>): ((random: Random) => string) => {
  const upTo = new Float64Array(vocabulary.length)
  let sum = 0
  for (let rank = 0; rank < vocabulary.length; rank++) {
    sum += 1 / (rank + 2.7) ** 1.05
    upTo[rank] = sum
  }
  return (random) => {
    const drawn = random.next() * sum
    let low = 0
    let high = upTo.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (upTo[middle]! > drawn) high = middle
      else low = middle + 1
    }
    return vocabulary[low]!
  }
}

/** The common words first, then made ones that are the longer the rarer they are. They do not depend on the seed of a text. */
const vocabularyOf = ({ code, common, endings, syllables }: Language): ReadonlyArray<string> => {
  const random = randomOf(code.codePointAt(0)!, code.codePointAt(1)!)
  const vocabulary = new Set(common)
  while (vocabulary.size < vocabularySize) {
    const longest = 1 + Math.ceil((4 * vocabulary.size) / vocabularySize)
    const count = 1 + random.below(longest)
    let word = ""
    for (let i = 0; i < count; i++) word += random.pick(syllables)
    vocabulary.add(word + random.pick(endings))
  }
  return Array.from(vocabulary)
}
