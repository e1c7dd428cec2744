/**
 * A pipeline under way: opened in a scope of its own, pulled to its end, and ended when nothing of it works any more.
 *
 * @internal
 */
import type * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as PullOf from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { asEffect, type Element, isEnd, leave, mostAtOnce, type Pull, values } from "./Element.ts"
import { graphOf } from "./graphOf.ts"
import { runStats } from "./observe.ts"
import { openInput } from "./open.ts"
import { RunMeter } from "./RunMeter.ts"
import type { Input, Observer, Run } from "./Stage.ts"
import { beginSpans } from "./spans.ts"

/** A run that has begun. */
interface Begun {
  readonly pull: Pull
  /** To be run once all elements have left: the run ends well, or fails after all. */
  readonly finish: Effect.Effect<void, unknown>
}

/** Milliseconds. So long an observer may take to end after the run has. */
const observersGrace = 1000

/**
 * All that the run starts belongs to the scope. Its end stops the stages, the last first, and awaits them; then those who look
 * on are told, and awaited.
 */
const begin = (input: Input, scope: Scope.Scope): Effect.Effect<Begun, unknown> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const fork = Effect.runForkWith(context)
    const { graph, idOf } = graphOf(input)
    const watching: Array<Observer> = []
    const ends: Array<Effect.Effect<void, unknown>> = []
    const clock = yield* Clock.Clock
    const meter = new RunMeter(graph, clock)
    const spans = yield* beginSpans(meter)
    const run: Run = {
      context,
      fork,
      meterOf: (stage) => meter.stages[idOf(stage)]!,
      spans,
      watch: (observer) => void watching.push(observer),
      atEnd: (effect) => void ends.push(effect)
    }
    const stats = runStats(meter)
    const observers: Array<Fiber.Fiber<unknown, unknown>> = []
    const endObservers = Effect.suspend(() => {
      meter.end()
      const all = Effect.raceFirst(Fiber.awaitAll(observers), Effect.sleep(Duration.millis(observersGrace)))
      return Effect.andThen(observers.length === 0 ? Effect.void : all, Fiber.interruptAll(observers))
    })
    const endSpans = (exit: Exit.Exit<unknown, unknown>) => Effect.sync(() => spans?.end(meter, clock, exit))
    yield* Scope.addFinalizerExit(scope, (exit) => Effect.andThen(endObservers, endSpans(exit)))
    const stages = yield* Scope.fork(scope)
    const pull = yield* openInput({ run, scope: stages, outlets: new Map() }, input)
    let blind: Cause.Cause<unknown> | undefined
    const noteFailure = (cause: Cause.Cause<unknown>) =>
      Effect.sync(() => {
        if (!Cause.hasInterruptsOnly(cause)) blind ??= cause
      })
    for (const observer of watching) observers.push(fork(Effect.onError(observer(stats), noteFailure)))
    // An observer that fails at the beginning is not found out hours later.
    const watched: Pull = (most) => (blind === undefined ? pull(most) : Effect.failCause(blind))
    const finish = Effect.gen(function* () {
      for (const end of ends) yield* end
      yield* Scope.close(stages, Exit.void)
      yield* endObservers
      if (blind !== undefined) yield* Effect.failCause(blind)
    })
    return { pull: observers.length === 0 ? pull : watched, finish }
  })

/** Runs it to its end; what `take` makes of the elements is made at once, and before more are asked for. */
export const drain = (input: Input, take: (elements: ReadonlyArray<Element>) => void): Effect.Effect<void, unknown> =>
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
      return Effect.catchCause(pulls, (cause) => (isEnd(cause) ? finish : Effect.failCause(cause)))
    })
  )

export const toStream = (input: Input): Stream.Stream<unknown, unknown> =>
  Stream.transformPullBracket(Stream.never, (_, __, scope) =>
    Effect.map(begin(input, scope), ({ finish, pull }) => {
      /** What the consumer was given last: it is done with it when it asks for more. */
      let given: ReadonlyArray<Element> = []
      const next = Effect.suspend(() => {
        leave(given)
        given = []
        return Effect.matchCauseEffect(asEffect(pull(mostAtOnce)), {
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
