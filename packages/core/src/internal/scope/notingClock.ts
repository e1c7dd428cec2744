/**
 * A clock whose sleeps are known to dumps: for programs that are looked for leaks, where it may cost something.
 *
 * @internal
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import { waitingFor } from "./Member.ts"

const noting = new WeakSet<Clock.Clock>()

/** Inherits whatever else the clock can do, as a test's clock can be moved on. */
export const notingClock = (clock: Clock.Clock): Clock.Clock => {
  if (noting.has(clock)) return clock
  const own: Pick<Clock.Clock, keyof Clock.Clock> = {
    currentTimeMillis: clock.currentTimeMillis,
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
    currentTimeNanos: clock.currentTimeNanos,
    currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    sleep: (duration) => waitingFor(() => `a sleep of ${Duration.format(duration)}`, clock.sleep(duration))
  }
  const noted: Clock.Clock = Object.assign(Object.create(clock), own)
  noting.add(noted)
  return noted
}
