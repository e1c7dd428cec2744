/**
 * Where a crawl stands: the paths that are to be fetched, each once, and how many are not done with yet. When none is left,
 * the crawl is over: nobody is there who could find another.
 *
 * The paths wait here without a bound, since a page that is done with may bring more of them than anything that waited for
 * room could ever fetch; there are no more of them than paths that have been seen, which have to be kept anyway.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

export interface Frontier {
  /** All paths in the order in which they were found; ends when all are done with. */
  readonly paths: Stream.Stream<string>
  /** Adds those that have never been seen. */
  readonly add: (paths: Iterable<string>) => Effect.Effect<void>
  /** Notes that this path has been reached on another way: whether it has not been seen before. */
  readonly claim: (path: string) => Effect.Effect<boolean>
  /** One path is done with: its page was taken, or given up. */
  readonly done: Effect.Effect<void>
  /** How many paths have been seen. */
  readonly seen: Effect.Effect<number>
}

export const make = (entrance: string): Effect.Effect<Frontier> =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<string, Cause.Done>()
    const seen = new Set<string>()
    let open = 0

    const isNew = (path: string): boolean => {
      if (seen.has(path)) return false
      seen.add(path)
      return true
    }
    const add = (paths: Iterable<string>) =>
      Effect.sync(() => {
        for (const path of paths) {
          if (!isNew(path)) continue
          open++
          Queue.offerUnsafe(queue, path)
        }
      })
    const done = Effect.sync(() => {
      open--
      if (open === 0) Queue.endUnsafe(queue)
    })
    yield* add([entrance])
    return {
      paths: Stream.fromQueue(queue),
      add,
      claim: (path) => Effect.sync(() => isNew(path)),
      done,
      seen: Effect.sync(() => seen.size)
    }
  })
