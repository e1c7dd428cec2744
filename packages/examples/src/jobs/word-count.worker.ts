/** What each worker of `word-count` runs: a plain module, which loads no Effect. */

import { addAll, type Counts, countWords, type PackedCounts, pack } from "../internal/words/counts.ts"
import { type Draft, writeDraft } from "../internal/words/folder.ts"
import { readSpan, type Span } from "../internal/words/spans.ts"

/** Writes a file of text. */
export const write = (draft: Draft): void => writeDraft(draft)

export interface Unread {
  readonly path: string
  readonly reason: string
}

export interface Counted {
  readonly counts: PackedCounts
  /** What could not be read: the rest of the chunk is counted nevertheless. */
  readonly unread: ReadonlyArray<Unread>
}

/** Counts the words of a chunk of a folder: the map of map and reduce. */
export const count = (chunk: ReadonlyArray<Span>): Counted => {
  const counts: Counts = new Map()
  const unread: Array<Unread> = []
  for (const span of chunk) {
    try {
      addAll(counts, countWords(readSpan(span)))
    } catch (error) {
      unread.push({ path: span.path, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return { counts: pack(counts), unread }
}
