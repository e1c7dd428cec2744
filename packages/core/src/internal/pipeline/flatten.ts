/**
 * `flatMap`: the function's answers are collections, which are read one after another, in their order.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { asEffect, drop, type Element, isEnd, isNow, type Pull, type Pulled } from "./Element.ts"
import { noteOrigin } from "./origin.ts"
import { type Collection, type Reading, read } from "./reading.ts"
import type { Opening } from "./Stage.ts"
import type { Failed, LooseOptions } from "./StageOptions.ts"
import { workEach } from "./workEach.ts"

/** What an element is until it has been read. */
interface Answered {
  readonly input: unknown
  readonly index: number
  readonly collection: Collection
}

export const flatMapEach =
  (call: (value: unknown, index: number) => unknown, options: LooseOptions) =>
  (opening: Opening): Effect.Effect<Pull, unknown> => {
    const land = (element: Element, collection: unknown): void => {
      const { index, value: input } = element
      element.value = { input, index, collection } satisfies Partial<Record<keyof Answered, unknown>>
    }
    return Effect.flatMap(workEach({ call, land, options })(opening), (upstream) => flatten(upstream, opening, options))
  }

interface Open extends Reading {
  readonly element: Element
  readonly answered: Answered
}

const flatten = (upstream: Pull, opening: Opening, options: LooseOptions): Effect.Effect<Pull> => {
  const { meter, scope } = opening
  const { name } = meter.node
  let open: Open | undefined

  const close = Effect.suspend(() => {
    const closing = open
    open = undefined
    return closing?.close ?? Effect.void
  })

  const start = ([element]: ReadonlyArray<Element>): Effect.Effect<void, unknown> => {
    if (element === undefined) return Effect.void
    const answered = element.value as Answered
    // It was counted as given to the next stage; what is read of it is.
    meter.out--
    meter.unfinished++
    const opened = Effect.map(read(answered.collection, name), (reading) => {
      open = { ...reading, element, answered }
    })
    return Effect.catchCause(Effect.uninterruptible(opened), (cause) =>
      Effect.map(failed(cause, answered), () => finish(element))
    )
  }

  const finish = (element: Element): void => {
    meter.unfinished--
    meter.outOfFinished = meter.out
    drop(element)
  }

  const failed = (cause: Cause.Cause<unknown>, { index, input }: Answered): Effect.Effect<void, unknown> => {
    const noted = noteOrigin(cause, name, index)
    const error = cause.reasons.find(Cause.isFailReason)
    const { onError } = options
    if (!Cause.hasInterruptsOnly(cause)) meter.failed++
    if (onError === undefined || onError === "fail" || error === undefined || Cause.hasDies(cause)) {
      return Effect.failCause(noted)
    }
    return Effect.flatMap(Clock.currentTimeMillis, (at) => {
      const letter: Failed<unknown, unknown> = { stage: name, index, input, error: error.error, cause, at }
      meter.skipped++
      return (onError(letter) ?? Effect.void) as Effect.Effect<void, unknown>
    })
  }

  const derive = (elements: ReadonlyArray<Element>, { element }: Open): ReadonlyArray<Element> => {
    const { token } = element
    meter.out += elements.length
    token?.retain(elements.length)
    for (const derived of elements) derived.token = token
    return elements
  }

  const more = (reading: Open, most: number): Pulled => {
    const pulled = reading.pull(most)
    if (isNow(pulled)) return derive(pulled, reading)
    return Effect.matchCauseEffect(pulled, {
      onSuccess: (elements) => Effect.succeed(derive(elements, reading)),
      onFailure: (cause) => {
        const ended = isEnd(cause) ? Effect.void : failed(cause, reading.answered)
        return ended.pipe(
          Effect.andThen(close),
          Effect.andThen(
            Effect.suspend(() => {
              finish(reading.element)
              return asEffect(pull(most))
            })
          )
        )
      }
    })
  }

  const pull: Pull = (most) => {
    if (open !== undefined) return more(open, most)
    const started = Effect.flatMap(asEffect(upstream(1)), start)
    return Effect.flatMap(started, () => asEffect(pull(most)))
  }

  return Effect.as(Scope.addFinalizer(scope, close), pull)
}
