/**
 * Where a demo is played: its clock, and what it tells its audience beyond the lines it prints.
 *
 * A demo prints with Effect's own `Console.log` and draws with Effect's own `Random`; the stage listens to the first and
 * seeds the second. What is left is here: sleeping by the scaled clock, naming a task for the picture, the verdict.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { DemoEvent } from "../DemoEvent.ts"
import { formatCtime } from "./ctime.ts"

/** An event before the stage has put the demo's name and the time on it. */
export type Cue = DemoEvent extends infer Event
  ? Event extends DemoEvent
    ? Omit<Event, "demo" | "atMs">
    : never
  : never

export class Stage extends Context.Service<
  Stage,
  {
    /** How long a second of the demo really takes, in seconds. */
    readonly scale: number
    /** Milliseconds on the demo's clock since it started. */
    readonly now: Effect.Effect<number>
    /** When the demo started, in epoch milliseconds. */
    readonly startedAt: number
    /** The zone times are printed in; the machine's own when undefined. */
    readonly timeZone: string | undefined
    /** CPU milliseconds this process has burnt since the demo started. */
    readonly cpu: Effect.Effect<number>
    /** A server to ask instead of the embedded one. */
    readonly baseUrl: string | undefined
    readonly publish: (cue: Cue) => Effect.Effect<void>
  }
>()("@ropewalk/examples/Stage") {}

/** Sleeps that many seconds of the demo's clock. */
export const sleep = (seconds: number): Effect.Effect<void, never, Stage> =>
  Effect.flatMap(realSeconds(seconds), (real) => Effect.sleep(real * 1000))

/** How long that many seconds of the demo's clock really take, in seconds: for a worker, which has a clock of its own. */
export const realSeconds = (seconds: number): Effect.Effect<number, never, Stage> =>
  Stage.useSync((stage) => seconds * stage.scale)

/** The time now, as C's `ctime` writes it. */
export const ctime: Effect.Effect<string, never, Stage> = Stage.use((stage) =>
  Effect.map(stage.now, (now) => formatCtime(stage.startedAt + now, stage.timeZone))
)

/** Seconds on the demo's clock since it started. */
export const elapsed: Effect.Effect<number, never, Stage> = Stage.use((stage) =>
  Effect.map(stage.now, (now) => now / 1000)
)

/** CPU milliseconds that this process has burnt since the demo started. */
export const cpu: Effect.Effect<number, never, Stage> = Stage.use((stage) => stage.cpu)

/** Draws the time this takes as a bar in the row of a task. */
export const lane =
  (task: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Stage> =>
    Effect.gen(function* () {
      const stage = yield* Stage
      const fromMs = yield* stage.now
      return yield* Effect.onExit(
        self,
        Effect.fnUntraced(function* (exit) {
          const toMs = yield* stage.now
          yield* stage.publish({ type: "lane", task, fromMs, toMs, end: endOf(exit) })
        })
      )
    })

/** Draws a bar for a task that ran in a worker, by the times in epoch milliseconds that it read off the machine's clock. */
export const ranFrom = (task: string, startedAt: number, endedAt: number): Effect.Effect<void, never, Stage> =>
  Stage.use((stage) =>
    stage.publish({
      type: "lane",
      task,
      fromMs: (startedAt - stage.startedAt) / stage.scale,
      toMs: (endedAt - stage.startedAt) / stage.scale,
      end: "done"
    })
  )

/** Explains, beside the lines of the program. */
export const note = (text: string): Effect.Effect<void, never, Stage> =>
  Stage.use((stage) => stage.publish({ type: "note", text }))

/** Says what the demo showed, and whether it did. `elapsed` and `cpu` are since its start unless given. */
export const verdict = Effect.fnUntraced(function* (options: {
  /** How many seconds it would take if nothing but the work took time. */
  readonly ideal?: number
  readonly shown: string
  readonly ok: boolean
  readonly elapsed?: number
  /** CPU milliseconds. */
  readonly cpu?: number
}) {
  const stage = yield* Stage
  yield* stage.publish({
    type: "verdict",
    elapsedMs: options.elapsed === undefined ? yield* stage.now : options.elapsed * 1000,
    ...(options.ideal === undefined ? {} : { idealMs: options.ideal * 1000 }),
    cpuMs: options.cpu ?? (yield* stage.cpu),
    shown: options.shown,
    ok: options.ok
  })
})

const endOf = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isSuccess(exit) ? "done" : Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "failed"
