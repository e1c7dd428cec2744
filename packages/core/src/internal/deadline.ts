/**
 * How much time a task has left: the `timeout` of its call, less what passed before it started. A task tells it to the tasks
 * that it calls itself, unless those have less.
 *
 * @internal
 */
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** Milliseconds by a clock that all threads and processes of the machine share, and that nobody sets. */
export const monotonicMillis = (): number => {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1e3 + nanos / 1e6
}

/** Milliseconds of a clock of Effect that nobody sets: in a test, of the test's clock. */
export const millisOf = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** Answers with the milliseconds that are left. */
export const TimeLeft: Context.Reference<Effect.Effect<number> | undefined> = Context.Reference<
  Effect.Effect<number> | undefined
>("~ropewalk/TimeLeft", { defaultValue: () => undefined })

/** Whether any task of this thread has had a deadline. While none has, a call needs not look for one. */
export let deadlinesAreInUse = false

/** For the task that runs with it: what is left until then; `undefined`, without end. */
export const withTimeLeft = (
  context: Context.Context<never>,
  left: Effect.Effect<number> | undefined
): Context.Context<never> => {
  deadlinesAreInUse = true
  return Context.add(context, TimeLeft, left)
}

/** What is left until `deadline`, in milliseconds of `monotonicMillis`. */
export const leftUntil = (deadline: number): Effect.Effect<number> => Effect.sync(() => deadline - monotonicMillis())

/** What the caller's own task has left, in milliseconds; infinite without a deadline. */
export const callersTimeLeft: Effect.Effect<number> = Effect.flatMap(
  TimeLeft,
  (left) => left ?? Effect.succeed(Number.POSITIVE_INFINITY)
)

/** Milliseconds from now: what a worker is told of the time that a call has. */
export const deadlineIn = (millis: number): { readonly deadline: number } | undefined =>
  millis === Number.POSITIVE_INFINITY ? undefined : { deadline: monotonicMillis() + millis }
