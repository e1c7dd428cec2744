/**
 * What can be asked of a program under every schedule: that it ends well, that it always ends in the same way, that it may be
 * interrupted anywhere. Each is the program as it is run, and a judge of how it ended.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Options } from "../../../testing/Explore.ts"
import { exhaustive } from "../exhaustive.ts"
import { random } from "../random.ts"
import type { ScheduleInvalid } from "../Schedule.ts"
import { type Bounds, exploreProgram, replayOf } from "./exploreProgram.ts"
import * as Findings from "./findings.ts"
import type { Program } from "./Program.ts"
import { ExploreFailed, type Report } from "./Report.ts"

/** `layers` is there if the program needs more than its scope. */
type AnyOptions = Options<any, any> & { readonly layers?: Layer.Layer<any, unknown> }

/** That it ends in a success, or as `expect` wants it. */
export const run = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: AnyOptions | undefined
): Effect.Effect<Report, ScheduleInvalid> =>
  explored(options, () => ({ effect: closed(effect, options), judge: judgeOf(options) }))

/** That all runs end as the first one did. */
export const deterministic = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: AnyOptions | undefined
): Effect.Effect<Report, ScheduleInvalid> =>
  explored(options, () => {
    let reference: Exit.Exit<A, E> | undefined
    const judge = options?.expect === undefined ? () => undefined : judgeOf<A, E>(options)
    return {
      effect: closed(effect, options),
      judge: (exit: Exit.Exit<A, E>) => {
        reference ??= exit
        return Equal.equals(reference, exit) ? judge(exit) : Findings.difference(reference, exit)
      }
    }
  })

/** That it ends in a success or in the interrupt that another fiber sends it at some step. */
export const interrupts = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: AnyOptions | undefined
): Effect.Effect<Report, ScheduleInvalid> => {
  const judge = judgeOf<A, E>(options, (exit) =>
    exit._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause) ? undefined : Findings.unlessSucceeded(exit)
  )
  const strategy = options?.strategy ?? exhaustive({ preemptions: 2 })
  return explored({ ...options, strategy }, () => ({
    effect: interrupted(closed(effect, options)),
    judge: (exit: Exit.Exit<Exit.Exit<A, E>>) =>
      exit._tag === "Success" ? judge(exit.value) : Findings.unlessSucceeded(exit)
  }))
}

/** The interrupt is a fiber of its own: when it runs is the schedule's choice. */
export const interrupted = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Exit.Exit<A, E>, never, R> =>
  Effect.gen(function* () {
    const part = yield* Effect.forkChild(effect)
    const interrupt = yield* Effect.forkChild(Fiber.interrupt(part))
    const exit = yield* Fiber.await(part)
    yield* Fiber.await(interrupt)
    return exit
  })

export const failIfFound = (report: Report): Effect.Effect<Report, ExploreFailed> =>
  report.finding === undefined ? Effect.succeed(report) : Effect.fail(new ExploreFailed({ report }))

/** `program` is called for each exploration: it may keep what it saw in earlier runs. */
const explored = <A, E>(
  options: AnyOptions | undefined,
  program: () => Pick<Program<A, E>, "effect" | "judge">
): Effect.Effect<Report, ScheduleInvalid> =>
  Effect.suspend(() => {
    const holds = options?.invariant
    return exploreProgram(
      {
        ...program(),
        invariants: holds === undefined ? [] : [{ name: "the invariant is broken", holds }],
        mayLeak: options?.mayLeak === true
      },
      boundsOf(options)
    )
  })

const boundsOf = (options: AnyOptions | undefined): Bounds => {
  const { EXPLORE_REPLAY, EXPLORE_SEED } = process.env
  const seed = Number.parseInt(EXPLORE_SEED ?? "", 10)
  return {
    strategy: EXPLORE_REPLAY === undefined ? (options?.strategy ?? random) : replayOf(EXPLORE_REPLAY),
    seed: Number.isNaN(seed) ? (options?.seed ?? 0) : seed,
    schedules: options?.schedules,
    twice: options?.twice === true,
    maxSteps: options?.maxSteps,
    timeBudget: options?.timeBudget === undefined ? undefined : Duration.toMillis(options.timeBudget)
  }
}

/** With the layers it needs, and its own scope around it. */
const closed = <A, E, R>(effect: Effect.Effect<A, E, R>, options: AnyOptions | undefined): Effect.Effect<A, E> => {
  const provided = options?.layers === undefined ? effect : Effect.provide(effect, options.layers)
  // `Arguments` asks for layers that leave nothing but the scope to be provided.
  return Effect.scoped(provided as Effect.Effect<A, E, Scope.Scope>)
}

const judgeOf = <A, E>(
  options: Options<A, E> | undefined,
  otherwise: Program<A, E>["judge"] = Findings.unlessSucceeded
): Program<A, E>["judge"] => (options?.expect === undefined ? otherwise : Findings.expectation(options.expect))
