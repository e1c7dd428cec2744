/**
 * Many elements as one: by number, by time, or by whichever comes first.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { count, millis } from "../options.ts"
import { asEffect, Element, isEnd, type Pull, values } from "./Element.ts"
import { Intake } from "./Intake.ts"
import { upstreamOf } from "./open.ts"
import type { Opening } from "./Stage.ts"
import { joinTokens } from "./Token.ts"

/** One element of many. */
const gather = (elements: ReadonlyArray<Element>): Element => new Element(values(elements), joinTokens(elements))

/** So many at a time; fewer at the end. */
export const batchOf =
  (size: number) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const most = yield* count("size", size)
      const upstream = yield* upstreamOf(opening)
      const { meter } = opening
      let gathered: Array<Element> = []
      let failure: Effect.Effect<never, unknown> | undefined
      const give = (): ReadonlyArray<Element> => {
        const one = gather(gathered)
        gathered = []
        meter.unfinished = 0
        meter.out++
        return [one]
      }
      const more: Effect.Effect<ReadonlyArray<Element>, unknown> = Effect.matchCauseEffect(
        Effect.suspend(() => asEffect(upstream(most - gathered.length))),
        {
          onSuccess: (elements) => {
            meter.in += elements.length
            meter.unfinished += elements.length
            gathered.push(...elements)
            return gathered.length === most ? Effect.succeed(give()) : more
          },
          onFailure: (cause) => {
            failure = Effect.failCause(cause)
            return gathered.length > 0 ? Effect.succeed(give()) : failure
          }
        }
      )
      return () => failure ?? more
    })

/** As many as there are when the first of them has waited so long; `most` at once, if they come sooner. */
export const batchWithin =
  (size: number, within: Duration.Input) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const most = yield* count("size", size)
      const patience = yield* millis("within", within)
      const clock = yield* Clock.Clock
      const intake = yield* takeIn(opening, most, () => clock.currentTimeMillisUnsafe())
      const { meter } = opening
      const give = Effect.suspend((): Effect.Effect<ReadonlyArray<Element>, unknown> => {
        const elements = intake.take(most)
        if (elements.length === 0) return intake.end ?? next
        meter.in += elements.length
        meter.out++
        return Effect.succeed([gather(elements)])
      })
      const next: Effect.Effect<ReadonlyArray<Element>, unknown> = Effect.suspend(() => {
        if (intake.size >= most || intake.hasEnded) return give
        if (intake.since === undefined) return Effect.andThen(intake.ready(1), next)
        const left = intake.since + patience - clock.currentTimeMillisUnsafe()
        if (left <= 0) return give
        return Effect.andThen(Effect.raceFirst(intake.ready(most), Effect.sleep(Duration.millis(left))), give)
      })
      return () => next
    })

/** What has come in each stretch of time, of which the first begins with the run; nothing, if nothing has. */
export const windowEvery =
  (every: Duration.Input, size: number) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const most = yield* count("most", size)
      const length = Math.max(1, yield* millis("every", every))
      const clock = yield* Clock.Clock
      const begin = clock.currentTimeMillisUnsafe()
      const intake = yield* takeIn(opening, most, () => clock.currentTimeMillisUnsafe())
      const { meter } = opening
      const endOf = (at: number): number => begin + (Math.floor((at - begin) / length) + 1) * length
      const next: Effect.Effect<ReadonlyArray<Element>, unknown> = Effect.suspend(() => {
        const { since } = intake
        if (since === undefined) return intake.end ?? Effect.andThen(intake.ready(1), next)
        const end = endOf(since)
        const left = end - clock.currentTimeMillisUnsafe()
        if (left > 0 && intake.size < most && !intake.hasEnded) {
          return Effect.andThen(Effect.raceFirst(intake.ready(most), Effect.sleep(Duration.millis(left))), next)
        }
        const elements = intake.takeUntil(end, most)
        meter.in += elements.length
        meter.out++
        return Effect.succeed([gather(elements)])
      })
      return () => next
    })

/** Pulls ahead, so that time can pass meanwhile. */
const takeIn = (opening: Opening, capacity: number, now: () => number): Effect.Effect<Intake, unknown> =>
  Effect.gen(function* () {
    const upstream = yield* upstreamOf(opening)
    const intake = new Intake(capacity, now)
    yield* Effect.forkIn(intake.feed(upstream), opening.scope, { startImmediately: true })
    return intake
  })

/** The last `size` elements, each time that `step` more have come. */
export const windowOf =
  (size: number, step: number) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const most = yield* count("size", size)
      const stride = yield* count("step", step)
      const upstream = yield* upstreamOf(opening)
      const { meter } = opening
      let held: Array<Element> = []
      /** Of `held`, those that no window has had. */
      let fresh = 0
      /** Elements between two windows, to be left out. */
      let gap = 0
      let failure: Effect.Effect<never, unknown> | undefined

      const give = (): ReadonlyArray<Element> => {
        const kept = held.slice(stride)
        // A window gives its elements' tokens back when it is done; those that stay are held for the next one too.
        for (const { token } of kept) token?.retain(1)
        const one = gather(held)
        gap = Math.max(0, stride - held.length)
        held = kept
        fresh = 0
        meter.unfinished = 0
        meter.out++
        return [one]
      }
      const leaveOut = (): void => {
        for (const { token } of held) token?.release()
        held = []
      }
      const more: Effect.Effect<ReadonlyArray<Element>, unknown> = Effect.matchCauseEffect(
        Effect.suspend(() => asEffect(upstream(gap > 0 ? gap : most - held.length))),
        {
          onSuccess: (elements) => {
            meter.in += elements.length
            if (gap > 0) {
              gap -= elements.length
              for (const { token } of elements) token?.release()
              return more
            }
            held.push(...elements)
            fresh += elements.length
            meter.unfinished = fresh
            return held.length === most ? Effect.succeed(give()) : more
          },
          onFailure: (cause) => {
            failure = Effect.failCause(cause)
            if (fresh > 0) {
              const last = [gather(held)]
              held = []
              meter.unfinished = 0
              meter.out++
              return Effect.succeed(last)
            }
            if (isEnd(cause)) leaveOut()
            return failure
          }
        }
      )
      return () => failure ?? more
    })
