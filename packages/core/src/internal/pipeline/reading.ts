/**
 * How an iterable, an async iterable or a Stream is read: some elements at a time, and closed when nobody wants more.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Element, mostAtOnce, type Pull, theEnd } from "./Element.ts"
import { SourceFailed } from "./errors.ts"

export type Collection = Iterable<unknown> | AsyncIterable<unknown> | Stream.Stream<unknown, unknown, unknown>

export interface Reading {
  readonly pull: Pull
  /** Once; also when it was read to its end. */
  readonly close: Effect.Effect<void>
}

/** To be run with its `close` being registered in one uninterruptible step. */
export const read = (collection: Collection, name: string): Effect.Effect<Reading, SourceFailed> => {
  if (Stream.isStream(collection)) return readStream(collection as Stream.Stream<unknown, unknown>)
  if (Symbol.iterator in Object(collection)) return readIterable(collection as Iterable<unknown>)
  return readAsyncIterable(collection as AsyncIterable<unknown>, name)
}

const readIterable = (iterable: Iterable<unknown>): Effect.Effect<Reading> =>
  Effect.sync(() => {
    const { leave, step } = stepsOf(iterable)
    let isDone = false
    let failure: Effect.Effect<never> | undefined
    const next = (): Element | undefined => {
      if (isDone) return undefined
      try {
        const element = step()
        if (element !== undefined) return element
      } catch (thrown) {
        failure = Effect.die(thrown)
      }
      isDone = true
      return undefined
    }
    const pull: Pull = (most) => {
      const first = next()
      if (first === undefined) return failure ?? theEnd
      // An array that grows has room for many: too much for one.
      const elements = [first]
      for (const limit = Math.min(most, mostAtOnce); elements.length < limit; ) {
        const element = next()
        if (element === undefined) break
        elements.push(element)
      }
      return elements
    }
    // As `for of` does: an iterator is told when it is left before its end.
    const close = Effect.sync(() => {
      if (!isDone) leave?.()
      isDone = true
    })
    return { pull, close }
  })

interface Steps {
  /** The next element; none at the end. May throw. */
  readonly step: () => Element | undefined
  readonly leave?: () => void
}

const stepsOf = (iterable: Iterable<unknown>): Steps => {
  // Its iterator would make an object for each element, which can be measured where a stage does little.
  if (Array.isArray(iterable) && iterable[Symbol.iterator] === Array.prototype[Symbol.iterator]) {
    let at = 0
    return { step: () => (at < iterable.length ? new Element(iterable[at++]) : undefined) }
  }
  const iterator = iterable[Symbol.iterator]()
  const step = () => {
    const result = iterator.next()
    return result.done === true ? undefined : new Element(result.value)
  }
  return { step, leave: () => iterator.return?.() }
}

const readAsyncIterable = (iterable: AsyncIterable<unknown>, source: string): Effect.Effect<Reading, SourceFailed> => {
  const failed = (cause: unknown) => new SourceFailed({ source, cause })
  return Effect.map(Effect.try({ try: () => iterable[Symbol.asyncIterator](), catch: failed }), (iterator) => {
    let isDone = false
    const next = Effect.tryPromise({ try: async () => iterator.next(), catch: failed })
    const one = Effect.matchEffect(next, {
      onFailure: (error) => {
        isDone = true
        return Effect.fail(error)
      },
      onSuccess: (result) => {
        if (result.done !== true) return Effect.succeed([new Element(result.value)])
        isDone = true
        return theEnd
      }
    })
    const pull: Pull = () => (isDone ? theEnd : one)
    const close = Effect.suspend(() => {
      if (isDone) return Effect.void
      isDone = true
      // A stream of Node that waits for data is ended by nothing else.
      if ("destroy" in iterable && typeof iterable.destroy === "function") iterable.destroy()
      return Effect.promise(async () => iterator.return?.())
    })
    return { pull, close: Effect.asVoid(close) }
  })
}

/** A stream gives arrays of a size of its own: what is over is kept until it is asked for. */
const readStream = (stream: Stream.Stream<unknown, unknown>): Effect.Effect<Reading> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const source = yield* Scope.provide(Stream.toPull(stream), scope)
    let rest: ReadonlyArray<unknown> = []
    const split = (values: ReadonlyArray<unknown>, most: number): ReadonlyArray<Element> => {
      const size = Math.min(most, values.length)
      rest = values.length > size ? values.slice(size) : []
      return Array.from({ length: size }, (_, index) => new Element(values[index]))
    }
    const more = Effect.catchCause(source, (cause) =>
      cause.reasons.every((reason) => Cause.isFailReason(reason) && Cause.isDone(reason.error))
        ? theEnd
        : Effect.failCause(cause)
    )
    const pull: Pull = (most) =>
      rest.length > 0 ? split(rest, most) : Effect.map(more, (values) => split(values, most))
    return { pull, close: Scope.close(scope, Exit.void) }
  })
