/**
 * `ropewalk explore`: looks for a schedule that breaks one of the programs that a module exports.
 */
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import type * as ExploreModule from "@ropewalk/core/testing/Explore"
import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ModuleUnusable } from "./ModuleUnusable.ts"
import { ProgramsBroken } from "./ProgramsBroken.ts"

const atLeast = (min: number) => (flag: Flag.Flag<number>) =>
  flag.pipe(
    Flag.filter(
      (value) => value >= min,
      () => `an integer from ${min} on`
    ),
    Flag.optional,
    Flag.withMetavar("integer")
  )

const flags = {
  only: Flag.String("only").pipe(
    Flag.optional,
    Flag.withMetavar("name"),
    Flag.withDescription("Explore this export alone")
  ),
  schedules: Flag.Int("schedules").pipe(atLeast(1), Flag.withDescription("Runs at most (default 10,000)")),
  seed: Flag.Int("seed").pipe(
    Flag.optional,
    Flag.withMetavar("integer"),
    Flag.withDescription("Other seeds make other schedules (default 0)")
  ),
  depth: Flag.Int("depth").pipe(
    atLeast(1),
    Flag.withDescription("Look by random priorities (PCT) for bugs of this depth")
  ),
  preemptions: Flag.Int("preemptions").pipe(
    atLeast(0),
    Flag.withDescription("Run every schedule with at most so many preemptions")
  ),
  replay: Flag.String("replay").pipe(
    Flag.optional,
    Flag.withMetavar("schedule"),
    Flag.withDescription("Run once, by a schedule that an earlier report gave")
  ),
  json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("Print one report a line, as JSON"))
}

const module = Argument.String("module").pipe(
  Argument.withDescription("A module; each Effect that it exports is explored")
)

export const explore = Command.make(
  "explore",
  { module, ...flags },
  Effect.fnUntraced(function* (options) {
    const Explore = yield* Effect.promise(() => import("@ropewalk/core/testing/Explore"))
    const toJson = Schema.encodeSync(Schema.toCodecJson(Explore.Report))
    const programs = yield* programsOf(options.module, options.only)
    const broken: Array<string> = []
    for (const [name, program] of programs) {
      const report = yield* Explore.run(program, {
        strategy: strategyOf(Explore, options),
        seed: Option.getOrUndefined(options.seed),
        schedules: Option.getOrUndefined(options.schedules)
      })
      if (report.finding !== undefined) broken.push(name)
      yield* Console.log(
        options.json
          ? JSON.stringify({ program: name, ...(toJson(report) as object) })
          : `${name}: ${Explore.format(report)}`
      )
    }
    if (broken.length > 0) return yield* new ProgramsBroken({ broken, of: programs.length })
  })
).pipe(
  Command.withDescription("Run a module's programs under every schedule, and find the one that breaks them"),
  Command.withExamples([
    { command: "ropewalk explore ./transfer.ts", description: "Thousands of random schedules" },
    { command: "ropewalk explore ./transfer.ts --preemptions 2", description: "All schedules with two preemptions" },
    { command: "ropewalk explore ./transfer.ts --only abba --replay x1-1-2", description: "The same again" }
  ])
)

const strategyOf = (
  Explore: typeof ExploreModule,
  options: Pick<Command.Command.Config.Infer<typeof flags>, "depth" | "preemptions" | "replay">
): ExploreModule.Strategy | undefined => {
  if (Option.isSome(options.replay)) return Explore.replay(options.replay.value)
  if (Option.isSome(options.preemptions)) return Explore.exhaustive({ preemptions: options.preemptions.value })
  return Option.isSome(options.depth) ? Explore.pct({ depth: options.depth.value }) : undefined
}

type Program = Effect.Effect<unknown, unknown>

const programsOf = (file: string, only: Option.Option<string>) =>
  Effect.gen(function* () {
    const exports: Record<string, unknown> = yield* Effect.tryPromise({
      try: () => import(pathToFileURL(path.resolve(file)).href),
      catch: (cause) => new ModuleUnusable({ module: file, reason: describe(cause) })
    })
    const programs = Object.entries(exports).filter((entry): entry is [string, Program] => isProgram(entry[1]))
    const chosen = programs.filter(([name]) => Option.isNone(only) || only.value === name)
    if (chosen.length > 0) return chosen
    const names = programs.map(([name]) => name).join(", ")
    const reason = names === "" ? "it exports no Effect" : `what it exports is ${names}`
    return yield* new ModuleUnusable({ module: file, reason })
  })

/** A service's class is an Effect too. */
const isProgram = (value: unknown): boolean => Effect.isEffect(value) && typeof value !== "function"

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
