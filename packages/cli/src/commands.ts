/**
 * The commands of `ropewalk`. What they do is elsewhere, and is loaded when they do it: `--help` loads none of it.
 */
import { type Demo, demos, find } from "@ropewalk/examples/Demos"
import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DemosFailed } from "./DemosFailed.ts"
import { explore } from "./explore.ts"
import { outputFlags } from "./internal/flags.ts"
import * as Output from "./internal/output.ts"
import { job } from "./jobs.ts"

const flags = {
  scale: Flag.Finite("scale").pipe(
    Flag.filter(
      (scale) => scale >= 0.001 && scale <= 1000,
      () => "a number from 0.001 to 1000"
    ),
    Flag.withDefault(1),
    Flag.withMetavar("number"),
    Flag.withDescription("How long a second takes: 0.2 runs five times as fast (default 1)")
  ),
  seed: Flag.Int("seed").pipe(
    Flag.optional,
    Flag.withMetavar("integer"),
    Flag.withDescription("Fix what is random, to see a run again")
  ),
  ...outputFlags,
  baseUrl: Flag.String("base-url").pipe(
    Flag.filter(
      (url) => URL.canParse(url) && /^https?:/.test(url),
      () => "an http or https URL"
    ),
    Flag.optional,
    Flag.withMetavar("url"),
    Flag.withDescription("Fetch from here instead of the embedded server (rankings, thread-pool)")
  )
}

type Options = Command.Command.Config.Infer<typeof flags>

const name = Argument.Literals(
  "name",
  demos.map((demo) => demo.name)
).pipe(Argument.variadic({ min: 1 }), Argument.withDescription("Demos to run, in this order: see `ropewalk demo list`"))

const demo = Command.make("demo", { name }).pipe(
  Command.withSharedFlags(flags),
  Command.withDescription("Run the programs of the article on fibers, threads and processes, and three small jobs"),
  Command.withExamples([
    { command: "ropewalk demo sequential thread-raw", description: "The same two loops in turn and together" },
    { command: "ropewalk demo all --scale 0.2", description: "Everything, five times as fast" },
    { command: "ropewalk demo candy --seed 7", description: "The same luck again" }
  ])
)

const run = Effect.fnUntraced(function* (chosen: ReadonlyArray<Demo>, options: Options) {
  const { runAll } = yield* Effect.promise(() => import("@ropewalk/examples/DemoRunner"))
  const Renderer = yield* Effect.promise(() => import("@ropewalk/examples/Renderer"))
  const { color, width, write } = Output

  const failed = yield* runAll(chosen, {
    scale: options.scale,
    seed: Option.getOrElse(options.seed, () => Math.floor(Math.random() * 10_000)),
    baseUrl: Option.getOrUndefined(options.baseUrl)?.replace(/\/+$/, ""),
    stacks: Output.wantsStacks(),
    render: options.json ? Renderer.json(write) : Renderer.text({ write, width, color: color() })
  })
  if (failed.length > 0) return yield* new DemosFailed({ failed, of: chosen.length })
  if (chosen.length > 1 && !options.json) yield* Console.log(`${chosen.length} demos, all passed`)
})

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const { json } = yield* demo
    const width = Math.max(...demos.map((demo) => demo.name.length))
    for (const { article, name, title } of demos) {
      yield* Console.log(json ? JSON.stringify({ name, title, article }) : `${name.padEnd(width)}  ${title}`)
    }
  })
).pipe(Command.withDescription("List the demos"))

const all = Command.make(
  "all",
  {},
  Effect.fnUntraced(function* () {
    yield* run(demos, yield* demo)
  })
).pipe(Command.withDescription("Run every demo"))

export const ropewalk = Command.make("ropewalk").pipe(
  Command.withDescription("Structured concurrency for Node: one typed task on a fiber, a thread or a process"),
  Command.withSubcommands([
    demo.pipe(
      Command.withHandler((options) =>
        run(
          options.name.flatMap((name) => find(name) ?? []),
          options
        )
      ),
      Command.withSubcommands([list, all])
    ),
    job,
    explore
  ])
)
