/**
 * Runs demos, one after the other, and tells a renderer what happens.
 */

import { format } from "node:util"
import type * as Progress from "@ropewalk/core/Progress"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type { DemoEvent } from "./DemoEvent.ts"
import type { Demo } from "./Demos.ts"
import { type Cue, Stage } from "./internal/Stage.ts"
import { ShowProgress } from "./internal/watched.ts"

export interface Options {
  /** How long a second of the demo really takes, in seconds: 0.2 runs five times as fast. */
  readonly scale: number
  /** Fixes what is random. */
  readonly seed: number | string
  /** Is told each event as it happens; what it writes for one event it writes at once, so that no line is ever torn. */
  readonly render: (event: DemoEvent) => void
  /** A server for the demos that fetch, instead of the embedded one. */
  readonly baseUrl?: string | undefined
  /** The zone times are printed in; the machine's own by default. */
  readonly timeZone?: string | undefined
  /** Show stacks in errors. */
  readonly stacks?: boolean | undefined
  /** Show how a job gets on while it runs. Default: not at all. */
  readonly progress?: Progress.Options | undefined
}

/** CPU milliseconds that this process has burnt: a service, so that a test can know them beforehand. */
export const CpuMillis = Context.Reference<() => number>("@ropewalk/examples/CpuMillis", {
  defaultValue: () => () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
})

/** Runs the demos in turn. Succeeds with the names of those that failed; an interrupt ends the running one first. */
export const runAll = (demos: ReadonlyArray<Demo>, options: Options): Effect.Effect<ReadonlyArray<string>> =>
  Effect.forEach(demos, (demo) => Effect.map(runOne(demo, options), (passed) => (passed ? [] : [demo.name]))).pipe(
    Effect.map((failed) => failed.flat())
  )

/** Runs one demo. Succeeds with whether it passed: it ended without an error and every verdict was good. */
export const runOne = Effect.fnUntraced(function* (demo: Demo, options: Options) {
  const isRealTime = demo.realTime === true || (demo.fetches === true && options.baseUrl !== undefined)
  const scale = isRealTime ? 1 : options.scale
  const clock = yield* Clock.Clock
  const console = yield* Console.Console
  const cpuMillis = yield* CpuMillis
  // Loaded before the clock starts: the time it takes is not the demo's.
  const loaded = yield* Effect.exit(Effect.promise(demo.load))
  const startedAt = clock.currentTimeMillisUnsafe()
  const cpuAtStart = cpuMillis()
  const now = () => (clock.currentTimeMillisUnsafe() - startedAt) / scale

  let ok = true
  const publish = (cue: Cue) => {
    if (cue.type === "verdict" && !cue.ok) ok = false
    options.render({ demo: demo.name, atMs: now(), ...cue })
  }

  publish({
    type: "demo-started",
    title: demo.title,
    ...(demo.article === undefined ? {} : { article: demo.article }),
    seed: options.seed,
    scale
  })
  const exit = yield* Effect.flatMap(loaded, ({ run }) => inFiberOfItsOwn(run)).pipe(
    Effect.scoped,
    Effect.provideService(Stage, {
      scale,
      startedAt,
      timeZone: options.timeZone,
      baseUrl: options.baseUrl,
      now: Effect.sync(now),
      cpu: Effect.sync(() => cpuMillis() - cpuAtStart),
      publish: (cue) => Effect.sync(() => publish(cue))
    }),
    Effect.provideService(Console.Console, {
      ...console,
      log: (...args) => {
        for (const text of format(...args).split("\n")) publish({ type: "line", text })
      }
    }),
    Effect.provideService(ShowProgress, options.progress),
    Random.withSeed(options.seed),
    Effect.onExit((exit) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit)) return publish({ type: "demo-ended", outcome: ok ? "passed" : "failed" })
        if (Cause.hasInterruptsOnly(exit.cause)) return publish({ type: "demo-ended", outcome: "interrupted" })
        const error = options.stacks === true ? Cause.pretty(exit.cause) : messageOf(exit.cause)
        publish({ type: "demo-ended", outcome: "failed", error })
      })
    ),
    Effect.exit
  )
  return ok && Exit.isSuccess(exit)
})

/** Ends only when the fibers that the effect has forked have ended: what they say belongs to the demo. */
const inFiberOfItsOwn = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkChild(restore(effect), { startImmediately: true }), (fiber) =>
      Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interrupt(fiber))
    )
  )

const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? `${error.name}: ${error.message}` : format(error)
}
