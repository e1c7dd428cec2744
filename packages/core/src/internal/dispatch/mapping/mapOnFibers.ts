/**
 * A map over a pool that is called task by task: on fibers, which have no messages to save; where each task has a timeout or a
 * handle of its own; and where each is watched.
 *
 * As many fibers as the window take from one input, so that it is asked for the next one only when that can be run.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { asCompleted, ordered } from "./results.ts"

export const mapOnFibers = (
  run: (payload: unknown) => Effect.Effect<unknown, unknown>,
  payloads: Iterable<unknown>,
  window: number,
  inOrder: boolean
): Effect.Effect<Array<unknown>, unknown> =>
  Effect.suspend(() => {
    const input = payloads[Symbol.iterator]()
    const results = inOrder ? ordered() : asCompleted()
    let taken = 0
    let exhausted = false
    const take = (): IteratorResult<unknown> => {
      // What throws has ended, and is not asked again.
      exhausted = true
      const next = input.next()
      exhausted = next.done === true
      return next
    }
    const runNext = Effect.suspend(() => {
      const next = take()
      if (next.done === true) return Effect.void
      const index = taken++
      return Effect.map(run(next.value), (result) => results.add(index, index, [result]))
    })
    const runner = Effect.whileLoop({ while: () => !exhausted, body: () => runNext, step: () => {} })
    const close = Effect.sync(() => {
      if (!exhausted) input.return?.()
    })
    // No more runners than inputs, when it is known how many there are.
    const runners = Array.isArray(payloads) ? Math.min(window, payloads.length) : window
    return Effect.forEach(Array.from({ length: runners }), () => runner, {
      concurrency: "unbounded",
      discard: true
    }).pipe(
      Effect.onError(() => close),
      Effect.map(() => results.all())
    )
  })
