/**
 * What is known of the words of some files.
 *
 * @internal
 */
import { addAll, type Counts, countWords } from "./counts.ts"
import { readSpan, type Span } from "./spans.ts"

export interface Tally {
  readonly counts: Counts
  /** What could not be read; the rest is counted nevertheless. */
  readonly unread: Array<Unread>
}

export interface Unread {
  readonly path: string
  readonly reason: string
}

export const unreadOf = (path: string, error: unknown): Unread => ({
  path,
  reason: error instanceof Error ? error.message : String(error)
})

export const emptyTally = (): Tally => ({ counts: new Map(), unread: [] })

/** Counts the words of these spans into the tally. */
export const tallySpans = (tally: Tally, spans: Iterable<Span>): Tally => {
  for (const span of spans) {
    try {
      addAll(tally.counts, countWords(readSpan(span)))
    } catch (error) {
      tally.unread.push(unreadOf(span.path, error))
    }
  }
  return tally
}
