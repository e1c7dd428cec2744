/**
 * Somebody besides the caller who watches a call: told which worker it is given to, and what becomes of it. `testing/Chaos`
 * is one. A probe comes with the options of `run`, under a key that only this package has; a call without one pays for
 * the look.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type { RunOptions } from "../../Pool.ts"
import type { Worker } from "../transport/Transport.ts"
import type { Outcome } from "./Call.ts"

export interface CallProbe {
  /** The call is about to be sent to `worker`, as its call number `id`. */
  readonly onStart: (worker: Worker, id: number) => void
  /** An outcome for the call. There is one, and late ones after `withdrawn`; anything else is a fault of the pool. */
  readonly onOutcome: (kind: Outcome["kind"]) => void
  /** On fibers: what runs in the place of the task. */
  readonly around: (task: Effect.Effect<unknown, unknown>) => Effect.Effect<unknown, unknown>
}

const key = Symbol("~ropewalk/dispatch/CallProbe")

interface ProbedOptions extends RunOptions {
  readonly [key]?: CallProbe
}

export const withProbe = <Options extends RunOptions>(options: Options | undefined, probe: CallProbe): Options => {
  const probed = { ...options, [key]: probe }
  return probed as unknown as Options
}

export const probeOf = (options: RunOptions | undefined): CallProbe | undefined =>
  (options as ProbedOptions | undefined)?.[key]

/** What a probe's owner has to know of a pool, and its users don't. */
export interface ProbedPool {
  /** How many tasks of one `map` it has at the same time, if not told otherwise. */
  readonly window: number
  /** MiB. */
  readonly heapLimit: number | undefined
}

const pools = new WeakMap<object, ProbedPool>()

/** Declares that `pool` heeds the probes of its calls. */
export const registerProbed = <P extends object>(pool: P, probed: ProbedPool): P => {
  pools.set(pool, probed)
  return pool
}

export const probedPool = (pool: object): ProbedPool | undefined => pools.get(pool)
