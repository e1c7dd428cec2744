/**
 * A small search index: which pages have a word, and how often. It can be asked, written as JSON, and read back.
 *
 * Pages may come in any order: the answers, and the JSON, are the same.
 *
 * @internal
 */
import { countWords } from "../words/counts.ts"

export interface Entry {
  readonly path: string
  readonly title: string
  readonly words: Iterable<readonly [word: string, times: number]>
}

export interface Hit {
  readonly path: string
  readonly title: string
  readonly score: number
}

export class SearchIndex {
  readonly #pages: Array<Page> = []
  readonly #numbers = new Map<string, number>()
  readonly #postings = new Map<string, Posting>()

  get pages(): number {
    return this.#pages.length
  }

  get words(): number {
    return this.#postings.size
  }

  titleOf(path: string): string | undefined {
    const number = this.#numbers.get(path)
    return number === undefined ? undefined : this.#pages[number]!.title
  }

  /** A page that is there already is left as it is. */
  add({ path, title, words }: Entry): void {
    if (this.#numbers.has(path)) return
    const number = this.#pages.length
    let length = 0
    for (const [word, times] of words) {
      length += times
      const posting = this.#postings.get(word)
      if (posting === undefined) this.#postings.set(word, [number, times])
      else posting.push(number, times)
    }
    this.#numbers.set(path, number)
    this.#pages.push({ path, title, length })
  }

  /** The pages that have any of the words, the best first, by BM25; equally good ones by their paths. */
  search(query: string, limit = 10): ReadonlyArray<Hit> {
    const mean = this.#pages.reduce((sum, { length }) => sum + length, 0) / Math.max(1, this.pages)
    const scores = new Map<number, number>()
    // In one order, whatever the query's: sums of fractions depend on it.
    for (const word of [...countWords(query).keys()].sort()) {
      const posting = this.#postings.get(word) ?? []
      const having = posting.length / 2
      const rarity = Math.log(1 + (this.pages - having + 0.5) / (having + 0.5))
      for (let i = 0; i < posting.length; i += 2) {
        const number = posting[i]!
        const times = posting[i + 1]!
        const weight = (times * 2.2) / (times + 1.2 * (0.25 + (0.75 * this.#pages[number]!.length) / mean))
        scores.set(number, (scores.get(number) ?? 0) + rarity * weight)
      }
    }
    return Array.from(scores, ([number, score]) => ({ ...this.#pages[number]!, score }))
      .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
      .slice(0, limit)
      .map(({ path, score, title }) => ({ path, title, score }))
  }

  toJSON(): IndexJson {
    const pathsOf = (posting: Posting): Array<readonly [string, number]> =>
      Array.from({ length: posting.length / 2 }, (_, i) => [this.#pages[posting[2 * i]!]!.path, posting[2 * i + 1]!])
    return {
      pages: this.#pages.map(({ path, title }) => [path, title] as const).sort(byKey),
      words: [...this.#postings].sort(byKey).map(([word, posting]) => [word, pathsOf(posting).sort(byKey)])
    }
  }

  static fromJSON({ pages, words }: IndexJson): SearchIndex {
    const wordsOf = new Map<string, Array<readonly [string, number]>>(pages.map(([path]) => [path, []]))
    for (const [word, posting] of words) for (const [path, times] of posting) wordsOf.get(path)?.push([word, times])
    const index = new SearchIndex()
    for (const [path, title] of pages) index.add({ path, title, words: wordsOf.get(path)! })
    return index
  }
}

interface Page {
  readonly path: string
  readonly title: string
  /** In words. */
  readonly length: number
}

/** The numbers of pages, and after each how often the word is on it: one array a word, since there are many words. */
type Posting = Array<number>

/** Sorted, so that the same pages make the same file. */
export interface IndexJson {
  readonly pages: ReadonlyArray<readonly [path: string, title: string]>
  readonly words: ReadonlyArray<readonly [word: string, ReadonlyArray<readonly [path: string, times: number]>]>
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
