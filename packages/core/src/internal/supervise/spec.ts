/**
 * What a child and a supervisor were told to be, checked, in milliseconds.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type { AutoShutdown, Backoff, Body, ChildOptions, Handle, Options, Restart, Strategy } from "../../Supervisor.ts"
import { InvalidOption } from "../errors.ts"
import { count, millis, oneOf } from "../options.ts"

/** How long a child may take to end: milliseconds, or for ever; or it is killed without being asked. */
export type Shutdown = number | "infinity" | "brutal"

export interface HealthSpec {
  readonly check: (running: never) => Effect.Effect<unknown, unknown, unknown>
  readonly schedule: Schedule.Schedule<unknown, unknown>
  readonly timeout: number
  readonly failures: number
}

export interface ChildSpec {
  readonly id: string
  readonly start: Effect.Effect<unknown, unknown, unknown>
  readonly restart: Restart
  /** That of its kind when absent, which shows when it has started. */
  readonly shutdown: Shutdown | undefined
  readonly significant: boolean
  readonly backoff: Backoff | undefined
  readonly health: HealthSpec | undefined
}

export interface Settings {
  readonly name: string
  readonly strategy: Strategy
  readonly restarts: number
  readonly within: number
  readonly backoff: Backoff | undefined
  readonly autoShutdown: AutoShutdown
}

/** As in OTP. */
const defaultIntensity = { restarts: 1, within: "5 seconds" } as const

const defaultHealth = { timeout: "5 seconds", failures: 3 } as const

type AnyChildOptions = ChildOptions<Body, unknown, unknown>

export const settingsOf = (options: Omit<Options, "children">): Effect.Effect<Settings, InvalidOption> =>
  Effect.gen(function* () {
    const { restarts, within } = options.intensity ?? defaultIntensity
    const period = yield* millis("intensity.within", within)
    if (period === 0) return yield* invalid("intensity.within", "must be longer than 0 ms")
    return {
      name: options.name ?? "a supervisor",
      strategy: yield* oneOf("strategy", options.strategy ?? "oneForOne", ["oneForOne", "oneForAll", "restForOne"]),
      restarts: yield* count("intensity.restarts", restarts, 0),
      within: period,
      backoff: options.backoff,
      autoShutdown: yield* oneOf("autoShutdown", options.autoShutdown ?? "never", [
        "never",
        "anySignificant",
        "allSignificant"
      ])
    }
  })

/** Checks a child, by itself and as one of its supervisor. */
export const specOf = (
  options: AnyChildOptions,
  { autoShutdown }: Pick<Settings, "autoShutdown">
): Effect.Effect<ChildSpec, InvalidOption> =>
  Effect.gen(function* () {
    const { health, id, significant = false } = options
    if (typeof id !== "string" || id === "") return yield* invalid("id", "must be a text that is not empty")
    const of = (option: string) => `${option} of child "${id}"`
    const restart = yield* oneOf(of("restart"), options.restart ?? "permanent", ["permanent", "transient", "temporary"])
    if ((options.run === undefined) === (options.start === undefined)) {
      return yield* invalid(of("start"), "or run has to be given: start makes what runs, run is what runs")
    }
    if (significant && restart === "permanent") {
      return yield* invalid(of("significant"), "needs restart to be transient or temporary: it always starts again")
    }
    if (significant && autoShutdown === "never") {
      return yield* invalid(of("significant"), "needs an autoShutdown of the supervisor, which is never")
    }
    return {
      id,
      start: options.start ?? Effect.succeed(options.run),
      restart,
      shutdown: yield* shutdownOf(of("shutdown"), options.shutdown),
      significant,
      backoff: options.backoff,
      health:
        health === undefined
          ? undefined
          : {
              check: health.check,
              schedule: health.schedule,
              timeout: yield* millis(of("health.timeout"), health.timeout ?? defaultHealth.timeout),
              failures: yield* count(of("health.failures"), health.failures ?? defaultHealth.failures)
            }
    }
  })

const shutdownOf = (
  option: string,
  input: Duration.Input | "brutal" | "infinity" | undefined
): Effect.Effect<Shutdown | undefined, InvalidOption> => {
  if (input === undefined || input === "brutal" || input === "infinity") return Effect.succeed(input)
  return Effect.map(millis(option, input), (value) =>
    Duration.isFinite(Duration.fromInputUnsafe(input)) ? value : "infinity"
  )
}

const invalid = (option: string, what: string): Effect.Effect<never, InvalidOption> =>
  Effect.fail(new InvalidOption({ option, message: `${option} ${what}` }))

/** What `start` answered with: something to run, or the handle of something that runs. */
export const bodyOf = (
  running: unknown
): { readonly join: Effect.Effect<unknown, unknown, unknown>; readonly handle?: Handle } => {
  if (Effect.isEffect(running)) return { join: running as Effect.Effect<unknown, unknown, unknown> }
  const handle = running as Handle | null | undefined
  return Effect.isEffect(handle?.join)
    ? { join: handle.join, handle }
    : { join: Effect.die(new TypeError("start has to answer with an Effect, or with a handle that has a join")) }
}
