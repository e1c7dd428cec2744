/**
 * Effects that are done already, as most schemas' are, need no fiber: an `Exit` is an `Effect`, and these look before they
 * build on it. The result is an `Exit` again whenever it can be.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

/** The outcome of an effect that needs no run. */
export const exitNow = <A, E, R>(effect: Effect.Effect<A, E, R>): Exit.Exit<A, E> | undefined =>
  Exit.isExit(effect) ? (effect as Exit.Exit<A, E>) : undefined

export const mapNow = <A, B, E, R>(effect: Effect.Effect<A, E, R>, f: (value: A) => B): Effect.Effect<B, E, R> => {
  const exit = exitNow(effect)
  if (exit === undefined) return Effect.map(effect, f)
  return exit._tag === "Success" ? Exit.succeed(f(exit.value)) : Exit.failCause(exit.cause)
}

export const flatMapNow = <A, B, E, R, E2, R2>(
  effect: Effect.Effect<A, E, R>,
  f: (value: A) => Effect.Effect<B, E2, R2>
): Effect.Effect<B, E | E2, R | R2> => {
  const exit = exitNow(effect)
  if (exit === undefined) return Effect.flatMap(effect, f)
  return exit._tag === "Success" ? f(exit.value) : Exit.failCause(exit.cause)
}

export const mapErrorNow = <A, E, E2, R>(
  effect: Effect.Effect<A, E, R>,
  f: (error: E) => E2
): Effect.Effect<A, E2, R> => {
  const exit = exitNow(effect)
  return exit?._tag === "Success" ? (exit as Exit.Exit<A, never>) : Effect.mapError(effect, f)
}

/** Runs an effect, on a fiber only if it takes its time. */
export const runNow = <A, E>(
  context: Context.Context<never>,
  effect: Effect.Effect<A, E>,
  onFork: (fiber: Fiber.Fiber<A, E>) => void,
  onExit: (exit: Exit.Exit<A, E>) => void
): void => {
  const done = exitNow(effect)
  if (done !== undefined) return onExit(done)
  const fiber = Effect.runForkWith(context)(effect)
  onFork(fiber)
  fiber.addObserver(onExit)
}

/** What throws while it is built has died, as it would have on its fiber. */
export const attempt = <A, E>(build: () => Effect.Effect<A, E>): Effect.Effect<A, E> => {
  try {
    return build()
  } catch (defect) {
    return Exit.die(defect)
  }
}
