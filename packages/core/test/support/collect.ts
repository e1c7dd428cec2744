import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

interface Collected<A, E> {
  readonly values: Array<A>
  readonly exit: Exit.Exit<void, E>
  /** The one it failed with, if it did. */
  readonly error: E | undefined
}

/** All that arrived, and how it ended. */
export const collect = <A, E>(
  stream: Stream.Stream<A, E>,
  onElement: (value: A) => Effect.Effect<unknown> = () => Effect.void
): Effect.Effect<Collected<A, E>> =>
  Effect.gen(function* () {
    const values: Array<A> = []
    const exit = yield* Effect.exit(
      Stream.runForEach(stream, (value) =>
        Effect.andThen(
          onElement(value),
          Effect.sync(() => values.push(value))
        )
      )
    )
    return { values, exit: Exit.asVoid(exit), error: Option.getOrUndefined(Exit.findErrorOption(exit)) }
  })
