/**
 * What goes from stage to stage: arrays of elements, pulled by whoever comes after.
 *
 * An element is one small object for its whole way. A stage owns the elements that it was given, and changes them in place;
 * so a stage allocates nothing for an element.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { Token } from "./Token.ts"

/** What a stage made of an element: nothing yet; a result; a result that there is none (filtered, skipped). */
export type ElementState = "running" | "ready" | "dropped"

export class Element {
  value: unknown
  /** What has to be told when everything that became of it has left the pipeline; nothing unless a checkpoint was passed. */
  token: Token | undefined
  state: ElementState = "ready"
  /** Which element of the stage that has it now it is, from 0. */
  index = 0
  /** When the stage that has it now began with it: what its meter said. */
  startedAt = 0

  constructor(value: unknown, token?: Token) {
    this.value = value
    this.token = token
  }
}

/** What comes of a pull: elements at once, or an Effect when it takes time or fails. */
export type Pulled = ReadonlyArray<Element> | Effect.Effect<ReadonlyArray<Element>, unknown>

/**
 * Asks for at most `most` elements, and at least one; fails with `theEnd` at the end. Who asks for no more than it has room
 * for bounds what is in memory: nothing is made ahead of a pull but what the buffers of stages say.
 *
 * It begins when it is called, throws nothing, and is called again when what it answered with has come. Elements that were
 * ready come before a failure.
 */
export type Pull = (most: number) => Pulled

export const isNow = (pulled: Pulled): pulled is ReadonlyArray<Element> => Array.isArray(pulled)

export const asEffect = (pulled: Pulled): Effect.Effect<ReadonlyArray<Element>, unknown> =>
  isNow(pulled) ? Effect.succeed(pulled) : pulled

/** With what comes of a pull, something more: at once if it is there at once. */
export const afterPull = (pulled: Pulled, f: (elements: ReadonlyArray<Element>) => Pulled): Pulled =>
  isNow(pulled) ? f(pulled) : Effect.flatMap(pulled, (elements) => asEffect(f(elements)))

/**
 * No more elements come. It is not `Cause.Done`: what a stage's function fails with is never mistaken for the end of its
 * input.
 */
class EndOfInput {
  readonly _tag = "EndOfInput"
}

const endOfInput = new EndOfInput()

export const theEnd: Effect.Effect<never, unknown> = Effect.fail(endOfInput)

export const isEnd = (cause: Cause.Cause<unknown>): boolean =>
  cause.reasons.some((reason) => Cause.isFailReason(reason) && reason.error === endOfInput)

/**
 * The most that is asked for at once, however much room there is: enough that a pull costs next to nothing, and few enough that
 * who was never seen to take time, and does now, has not far to go.
 */
export const mostAtOnce = 16

export const values = (elements: ReadonlyArray<Element>): Array<unknown> => elements.map((element) => element.value)

/** What is left of a stage's input is not handed on: it was filtered out, or skipped. */
export const drop = (element: Element): void => {
  element.state = "dropped"
  element.value = undefined
  element.token?.release()
  element.token = undefined
}

/** The element has left the pipeline at its end. */
export const leave = (elements: ReadonlyArray<Element>): void => {
  for (const { token } of elements) token?.release()
}
