/**
 * `ropewalk explore <module>`: runs the programs that a module exports under many schedules.
 */
import { pathToFileURL } from "node:url"
import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Something was found in some of the programs. What it is stands in their reports. */
export class FindingsFound extends Schema.TaggedError<FindingsFound>()("FindingsFound", {
  found: Schema.Array(Schema.String),
  of: Schema.Int
}) {
  override get message(): string {
    return `${this.found.length} of ${this.of} programs are wrong under some schedule: ${this.found.join(", ")}`
  }
}

/** The module, or what was asked of it, can't be explored. */
export class NothingToExplore extends Schema.TaggedError<NothingToExplore>()("NothingToExplore", {
  message: Schema.String
}) {}

const positive = (name: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.filter(
      (n) => n > 0,
      () => "a whole number of at least 1"
    ),
    Flag.optional,
    Flag.withMetavar("number"),
    Flag.withDescription(description)
  )

const config = {
  module: Argument.String("module").pipe(
    Argument.withDescription("A file, TypeScript or JavaScript, that exports Effects")
  ),
  programs: Argument.String("program").pipe(
    Argument.variadic(),
    Argument.withDescription("Names of the exports to explore; all of them unless given")
  ),
  strategy: Flag.Literals("strategy", ["random", "pct", "exhaustive"]).pipe(
    Flag.withDefault("random"),
    Flag.withDescription("How the next fiber is chosen (default random)")
  ),
  depth: positive("depth", "For pct: how many orderings a bug needs (default 3)"),
  preemptions: Flag.Int("preemptions").pipe(
    Flag.filter(
      (n) => n >= 0,
      () => "a whole number of at least 0"
    ),
    Flag.optional,
    Flag.withMetavar("number"),
    Flag.withDescription("For exhaustive: how many preemptions a schedule may have (default: any number)")
  ),
  sharing: Flag.Literals("sharing", ["anything", "declared"]).pipe(
    Flag.withDefault("anything"),
    Flag.withDescription(
      "For exhaustive: `declared` leaves out what differs only in the order of steps that share nothing that was declared (default anything)"
    )
  ),
  schedules: positive("schedules", "How many schedules at the most (default 10000)"),
  maxSteps: positive("max-steps", "A run that takes more steps is a livelock (default 10000)"),
  seconds: positive("seconds", "How long to look, for each program (default: no limit)"),
  seed: Flag.Int("seed").pipe(
    Flag.optional,
    Flag.withMetavar("integer"),
    Flag.withDescription("The same seed makes the same schedules (default 0)")
  ),
  replay: Flag.String("replay").pipe(
    Flag.optional,
    Flag.withMetavar("schedule"),
    Flag.withDescription("Run one program under the one schedule that a report named")
  ),
  json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("Print one report a line, as JSON"))
}

type Options = Command.Command.Config.Infer<typeof config>

type Program = readonly [name: string, effect: Effect.Effect<unknown, unknown>]

/** The Effects that the module exports, by name; only those that were asked for, if any were. */
const programsOf = Effect.fnUntraced(function* ({ module, programs, replay }: Options) {
  const exports = yield* Effect.tryPromise({
    try: (): Promise<Record<string, unknown>> => import(pathToFileURL(module).href),
    catch: (cause) =>
      new NothingToExplore({
        message: `${module} can't be loaded: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })
  const found = Object.entries(exports).filter(([, value]) => isProgram(value)) as ReadonlyArray<Program>
  const names = found.map(([name]) => name)
  if (found.length === 0) return yield* new NothingToExplore({ message: `${module} exports no Effect` })
  const unknown = programs.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    return yield* new NothingToExplore({
      message: `${module} exports no Effect "${unknown}"; it exports ${names.join(", ")}`
    })
  }
  const chosen = programs.length === 0 ? found : found.filter(([name]) => programs.includes(name))
  if (Option.isSome(replay) && chosen.length > 1) {
    return yield* new NothingToExplore({
      message: `a schedule belongs to one program: name it after the module (${names.join(", ")})`
    })
  }
  return chosen
})

/** The class of a service is an Effect too. */
const isProgram = (value: unknown): boolean => Effect.isEffect(value) && typeof value !== "function"

const run = Effect.fnUntraced(function* (options: Options) {
  const Explore = yield* Effect.promise(() => import("@ropewalk/core/testing/Explore"))
  const preemptions = Option.getOrUndefined(options.preemptions)
  const strategies = {
    random: () => Explore.random,
    pct: () => Explore.pct({ depth: Option.getOrElse(options.depth, () => 3) }),
    exhaustive: () => Explore.exhaustive({ preemptions, sharing: options.sharing })
  }
  const bounds = {
    strategy: Option.match(options.replay, {
      onNone: strategies[options.strategy],
      onSome: Explore.replay
    }),
    schedules: Option.getOrUndefined(options.schedules),
    maxSteps: Option.getOrUndefined(options.maxSteps),
    timeBudget: Option.getOrUndefined(Option.map(options.seconds, (seconds) => seconds * 1000)),
    seed: Option.getOrUndefined(options.seed)
  }
  const encode = Schema.encodeSync(Schema.toCodecJson(Explore.Report))

  const programs = yield* programsOf(options)
  const found: Array<string> = []
  for (const [name, effect] of programs) {
    const report = yield* Explore.run(effect, bounds)
    if (report.finding !== undefined) found.push(name)
    const json = () => JSON.stringify({ program: name, ...(encode(report) as object) })
    yield* Console.log(options.json ? json() : `${name}: ${Explore.format(report)}\n`)
  }
  if (found.length > 0) return yield* new FindingsFound({ found, of: programs.length })
})

export const explore = Command.make("explore", config).pipe(
  Command.withDescription("Run programs under many schedules, and show the one that breaks them"),
  Command.withExamples([
    { command: "ropewalk explore ./bank.ts", description: "Every Effect that the file exports, 10,000 schedules each" },
    {
      command: "ropewalk explore ./bank.ts transfer --strategy exhaustive --preemptions 2",
      description: "One of them, all schedules with up to two preemptions"
    },
    {
      command: "ropewalk explore ./bank.ts transfer --strategy exhaustive --sharing declared",
      description: "All schedules that differ in more than the order of steps that share nothing"
    },
    {
      command: "ropewalk explore ./bank.ts transfer --replay <schedule>",
      description: "A finding again, by the schedule of its report"
    }
  ]),
  Command.withHandler(run)
)
