/** What each worker of `word-count` runs: a plain module, which loads no Effect. */
import * as Transfer from "@ropewalk/core/Transfer"
import { type PackedCounts, pack } from "../internal/words/counts.ts"
import { type Draft, writeDraft } from "../internal/words/folder.ts"
import type { Span } from "../internal/words/spans.ts"
import { emptyTally, tallySpans, type Unread } from "../internal/words/tally.ts"

/** Writes a file of text. */
export const write = (draft: Draft): void => writeDraft(draft)

export interface Counted {
  readonly counts: PackedCounts
  readonly unread: ReadonlyArray<Unread>
}

/** Counts the words of a chunk. */
export const count = (chunk: ReadonlyArray<Span>): Counted => {
  const tally = tallySpans(emptyTally(), chunk)
  const counts = pack(tally.counts)
  return Transfer.move({ counts, unread: tally.unread }, [counts.times.buffer])
}
