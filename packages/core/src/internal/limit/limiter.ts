/**
 * The operations of a limiter, over one gate or over the gate that a key has at the time.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Keyed, Limiter, TypeId } from "../../Limiter.ts"
import { millisOf } from "../deadline.ts"
import { describeValue, InvalidOption } from "../errors.ts"
import { count, millis } from "../options.ts"
import type { Restore } from "../sync/PermitQueue.ts"
import { Gate, type Limits } from "./Gate.ts"
import { KeyedGates } from "./KeyedGates.ts"

/** Also what the type refuses: options come from untyped code as well. */
interface GivenLimits {
  readonly permits?: number | undefined
  readonly limit?: number | undefined
  readonly per?: Duration.Input | undefined
}

export const limitsOf = ({ limit, per, permits }: GivenLimits): Effect.Effect<Limits, InvalidOption> =>
  Effect.gen(function* () {
    if (permits === undefined && limit === undefined) return yield* invalid("permits", "give permits, a limit, or both")
    if ((limit === undefined) !== (per === undefined)) {
      return yield* invalid(limit === undefined ? "limit" : "per", "a rate has both: limit starts per so much time")
    }
    return {
      permits: permits === undefined ? Number.POSITIVE_INFINITY : yield* count("permits", permits),
      rate: limit === undefined || per === undefined ? undefined : yield* rateOf(limit, per)
    }
  })

const rateOf = (limit: number, per: Duration.Input): Effect.Effect<NonNullable<Limits["rate"]>, InvalidOption> =>
  Effect.gen(function* () {
    const stretch = yield* millis("per", per)
    if (stretch < 1) return yield* invalid("per", `per must be at least a millisecond, not ${stretch} ms`)
    return { limit: yield* count("limit", limit), millis: stretch }
  })

const invalid = (option: string, message: string) => Effect.fail(new InvalidOption({ option, message }))

export const limiter = (limits: Limits, name: string): Limiter => {
  const gate = new Gate(limits, name)
  return new LimiterImpl(name, { limits, peek: () => gate, use: () => gate, unuse: () => undefined })
}

export const keyedLimiter = <K>(limits: Limits, name: string): Keyed<K> => {
  const nameOf = (key: K) => `${name} of ${describeValue(key)}`
  const gates = new KeyedGates<K>(limits, nameOf)
  return {
    of: (key) =>
      new LimiterImpl(nameOf(key), {
        limits,
        peek: (now) => gates.peek(key, now),
        use: (now) => gates.use(key, now),
        unuse: (now) => gates.unuse(key, now)
      }),
    size: Effect.map(moment, (now) => gates.size(now))
  }
}

/** Where the gate is from. Whoever uses it says when it no longer does. Times in milliseconds. */
interface Source {
  readonly limits: Limits
  readonly peek: (now: number) => Gate | undefined
  readonly use: (now: number) => Gate
  readonly unuse: (now: number) => void
}

const moment: Effect.Effect<number> = Clock.clockWith((clock) => Effect.sync(() => millisOf(clock)))

class LimiterImpl implements Limiter {
  readonly "~ropewalk/Limiter": TypeId = "~ropewalk/Limiter"
  readonly name: string
  readonly acquireScoped: Effect.Effect<void, never, Scope.Scope>
  readonly available: Effect.Effect<number>
  readonly running: Effect.Effect<number>
  readonly waiting: Effect.Effect<number>
  readonly #source: Source

  constructor(name: string, source: Source) {
    const { permits, rate } = source.limits
    this.name = name
    this.#source = source
    this.acquireScoped = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#enter(restore), (gate) => Effect.addFinalizer(() => this.#leave(gate)))
    )
    this.available = Effect.map(moment, (now) => {
      return source.peek(now)?.available(now) ?? Math.min(permits, rate?.limit ?? permits)
    })
    this.running = Effect.map(moment, (now) => source.peek(now)?.running ?? 0)
    this.waiting = Effect.map(moment, (now) => source.peek(now)?.waiting ?? 0)
  }

  readonly withPermit = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#enter(restore), (gate) => Effect.onExit(restore(effect), () => this.#leave(gate)))
    )

  readonly tryWithPermit = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(moment, (now) => {
        const gate = this.#source.use(now)
        if (gate.tryEnter(now)) return Effect.onExit(Effect.asSome(restore(effect)), () => this.#leave(gate))
        this.#source.unuse(now)
        return Effect.succeedNone
      })
    )

  /** To be called in an uninterruptible region, in which {@link #leave} is registered. */
  #enter(restore: Restore): Effect.Effect<Gate> {
    return Effect.flatMap(moment, (now) => {
      const gate = this.#source.use(now)
      return Effect.as(
        Effect.onError(gate.enter(restore), () => this.#unuse),
        gate
      )
    })
  }

  #leave(gate: Gate): Effect.Effect<void> {
    return Effect.ensuring(gate.leave, this.#unuse)
  }

  readonly #unuse = Effect.map(moment, (now) => this.#source.unuse(now))
}
