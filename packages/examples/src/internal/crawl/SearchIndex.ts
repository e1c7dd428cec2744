/**
 * A small search index: which pages have a word, and how often. It can be asked, written as JSON, and read back.
 *
 * Pages may come in any order: the answers, and the JSON, are the same.
 *
 * @internal
 */
import { type Counts, countWords } from "../words/counts.ts"

export interface Entry {
  readonly path: string
  readonly title: string
  readonly words: Counts | ReadonlyArray<readonly [word: string, times: number]>
}

export interface Hit {
  readonly path: string
  readonly title: string
  readonly score: number
}

export class SearchIndex {
  readonly #pages = new Map<string, { readonly title: string; readonly length: number }>()
  readonly #postings = new Map<string, Map<string, number>>()

  get pages(): number {
    return this.#pages.size
  }

  get words(): number {
    return this.#postings.size
  }

  titleOf(path: string): string | undefined {
    return this.#pages.get(path)?.title
  }

  /** A page that is there already is left as it is. */
  add({ path, title, words }: Entry): void {
    if (this.#pages.has(path)) return
    let length = 0
    for (const [word, times] of words) {
      length += times
      const posting = this.#postings.get(word)
      if (posting === undefined) this.#postings.set(word, new Map([[path, times]]))
      else posting.set(path, times)
    }
    this.#pages.set(path, { title, length })
  }

  /** The pages that have any of the words, the best first, by BM25; equally good ones by their paths. */
  search(query: string, limit = 10): ReadonlyArray<Hit> {
    const lengths = [...this.#pages.values()].map(({ length }) => length)
    const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length)
    const scores = new Map<string, number>()
    for (const word of countWords(query).keys()) {
      const posting = this.#postings.get(word) ?? new Map<string, number>()
      const rarity = Math.log(1 + (this.pages - posting.size + 0.5) / (posting.size + 0.5))
      for (const [path, times] of posting) {
        const { length } = this.#pages.get(path)!
        const weight = (times * 2.2) / (times + 1.2 * (0.25 + (0.75 * length) / mean))
        scores.set(path, (scores.get(path) ?? 0) + rarity * weight)
      }
    }
    return [...scores]
      .map(([path, score]) => ({ path, title: this.#pages.get(path)!.title, score }))
      .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
      .slice(0, limit)
  }

  toJSON(): IndexJson {
    return {
      pages: [...this.#pages].sort(byKey).map(([path, page]) => [path, page.title]),
      words: [...this.#postings].sort(byKey).map(([word, posting]) => [word, [...posting].sort(byKey)])
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

/** Sorted, so that the same pages make the same file. */
export interface IndexJson {
  readonly pages: ReadonlyArray<readonly [path: string, title: string]>
  readonly words: ReadonlyArray<readonly [word: string, ReadonlyArray<readonly [path: string, times: number]>]>
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
