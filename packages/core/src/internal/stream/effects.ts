/**
 * The two ends of a task's stream under Effect.
 *
 * @internal
 */
import type * as Arr from "effect/Array"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { waitingFor } from "../scope/Member.ts"
import type { StreamInbox } from "./StreamInbox.ts"
import type { StreamOutlet } from "./StreamOutlet.ts"

/** How a task gives elements away: what it returns ends when there is room for more. */
export type Emit = (values: ReadonlyArray<unknown>) => Effect.Effect<void>

type ElementPull = Pull.Pull<Arr.NonEmptyReadonlyArray<unknown>, unknown>

/** A task whose elements can't be sent is interrupted: its finalizers run, and the outlet says what was wrong. */
export const emitTo = (outlet: StreamOutlet): Emit => {
  const goOn = Effect.suspend(() => (outlet.refusal === undefined ? Effect.void : Effect.interrupt))
  const wait = Effect.callback<void>((resume) => outlet.whenReady(() => resume(goOn)))
  return (values) => Effect.suspend(() => (outlet.write(values) ? goOn : wait))
}

/** `start` is run when the stream is, and what it leaves to the scope ends with the stream. */
export const streamFrom = (
  start: (scope: Scope.Scope) => Effect.Effect<ElementPull, unknown>
): Stream.Stream<unknown, unknown> =>
  Stream.fromChannel(Channel.fromTransform((_: Pull.Pull<unknown, unknown, unknown>, scope) => start(scope)))

/** `decode` gets elements and the place of the first one in the stream; `task` is what dumps call it. */
export const pullFrom = <End>(
  inbox: StreamInbox<End>,
  decode:
    | ((values: ReadonlyArray<unknown>, first: number) => Effect.Effect<ReadonlyArray<unknown>, unknown>)
    | undefined,
  conclude: (end: End) => ElementPull,
  task: string
): ElementPull => {
  const next: ElementPull = Effect.suspend(() => {
    const values = inbox.take()
    if (values.length > 0) {
      const decoded = decode === undefined ? Effect.succeed(values) : decode(values, inbox.taken - values.length)
      return decoded as Effect.Effect<Arr.NonEmptyReadonlyArray<unknown>, unknown>
    }
    return inbox.ended === undefined ? wait : conclude(inbox.ended.value)
  })
  const wait: ElementPull = waitingFor(
    () => `an element of ${task}`,
    Effect.callback((resume) => inbox.whenArrived(() => resume(next)))
  )
  return next
}
