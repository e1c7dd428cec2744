/**
 * A pipeline under way: opened in a scope of its own, pulled to its end, and ended when nothing of it works any more.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Cause from "effect/Cause"
import type * as Arr from "effect/Array"
import type * as PullOf from "effect/Pull"
import { asEffect, type Element, isEnd, leave, mostAtOnce, type Pull, values } from "./Element.ts"
import { graphOf } from "./graphOf.ts"
import { aroundOf, openInput } from "./open.ts"
import { RunMeter } from "./RunMeter.ts"
import type { Input, Run } from "./Stage.ts"

/** A run that has begun. */
interface Begun {
  readonly pull: Pull
  /** To be done once all elements have left. */
  readonly finish: Effect.Effect<void, unknown>
}

/** All that the run starts belongs to the scope; its end stops the stages, the last first, and awaits them. */
const begin = (input: Input, scope: Scope.Scope): Effect.Effect<Begun, unknown> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const { graph, idOf } = graphOf(input)
    const meter = new RunMeter(graph, yield* Clock.Clock)
    const ends: Array<Effect.Effect<void, unknown>> = []
    const run: Run = {
      context,
      fork: Effect.runForkWith(context),
      meterOf: (stage) => meter.stages[idOf(stage)]!,
      atEnd: (effect) => void ends.push(effect)
    }
    yield* Scope.addFinalizer(
      scope,
      Effect.sync(() => meter.end())
    )
    const pull = yield* openInput(aroundOf(run, scope), input)
    return { pull, finish: Effect.suspend(() => Effect.all(ends, { discard: true })) }
  })

/** Runs it to its end; what `take` makes of the elements is made at once, and before more are asked for. */
export const drain = (
  input: Input,
  take: (elements: ReadonlyArray<Element>) => void
): Effect.Effect<void, unknown> =>
  Effect.scopedWith((scope) =>
    Effect.flatMap(begin(input, scope), ({ finish, pull }) => {
      const pulls = Effect.whileLoop({
        while: () => true,
        body: () => asEffect(pull(mostAtOnce)),
        step: (elements) => {
          take(elements)
          leave(elements)
        }
      })
      const all = Effect.catchCause(pulls, (cause) => (isEnd(cause) ? Effect.void : Effect.failCause(cause)))
      return Effect.andThen(all, finish)
    })
  )

/** How many elements a stream's consumer is handed at once. */
const streamed = 16

export const toStream = (input: Input): Stream.Stream<unknown, unknown> =>
  Stream.transformPullBracket(Stream.never, (_, __, scope) =>
    Effect.map(begin(input, scope), ({ finish, pull }) => {
      /** What the consumer was given last: it is done with it when it asks for more. */
      let given: ReadonlyArray<Element> = []
      const next = Effect.suspend(() => {
        leave(given)
        given = []
        return Effect.matchCauseEffect(asEffect(pull(streamed)), {
          onSuccess: (elements) => {
            given = elements
            return Effect.succeed(values(elements) as unknown as Arr.NonEmptyReadonlyArray<unknown>)
          },
          onFailure: (cause): Effect.Effect<never, unknown> =>
            isEnd(cause) ? Effect.andThen(finish, Cause.done()) : Effect.failCause(cause)
        })
      })
      return next as PullOf.Pull<Arr.NonEmptyReadonlyArray<unknown>, unknown>
    })
  )
