/**
 * `ropewalk job <name>`: programs with real work to do.
 */
import * as Jobs from "@ropewalk/examples/Jobs"
import * as Console from "effect/Console"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { outputFlags } from "./internal/flags.ts"
import * as Output from "./internal/output.ts"

/** The job did not do what it was to do. Why is in its own output. */
export class JobFailed extends Schema.TaggedError<JobFailed>()("JobFailed", { job: Schema.String }) {
  override get message(): string {
    return `${this.job} failed`
  }
}

const parent = Command.make("job").pipe(
  Command.withSharedFlags(outputFlags),
  Command.withDescription("Do real work on fibers, threads or processes, and measure it"),
  Command.withExamples([
    { command: "ropewalk job mandelbrot --out .", description: "A picture, here" },
    { command: "ropewalk job word-count --folder ~/texts", description: "The words of your own files" },
    { command: "ropewalk job crawl --place process --compare", description: "Beside one thread, in one run" }
  ])
)

const wholeNumber = (name: string, least: number, most: number, description: string) =>
  Flag.Int(name).pipe(
    Flag.filter(
      (n) => n >= least && n <= most,
      () => `a whole number from ${least} to ${most}`
    ),
    Flag.optional,
    Flag.withMetavar("number"),
    Flag.withDescription(description)
  )

/** What every job can be told. */
const common = ({ size }: Jobs.Job<never>) => ({
  place: Flag.Literals("place", ["fiber", "thread", "process"]).pipe(
    Flag.withDefault("thread"),
    Flag.withDescription("Where the work that computes runs (default thread)")
  ),
  workers: wholeNumber("workers", 1, 256, "How many threads or processes (default: one for each processor)"),
  size: wholeNumber("size", size.least, size.most, `How much: ${size.of} (default ${size.default})`),
  seed: Flag.Int("seed").pipe(
    Flag.withDefault(1),
    Flag.withMetavar("integer"),
    Flag.withDescription("The same seed makes the same data (default 1)")
  ),
  compare: Flag.Boolean("compare").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Run it on one thread as well, in turn, and say how many times as fast it was")
  ),
  out: Flag.Directory("out").pipe(
    Flag.optional,
    Flag.withDescription("Where to put what it makes (default: a new temporary folder)")
  )
})

const optionsOf = ({
  compare,
  out,
  place,
  seed,
  size,
  workers
}: Command.Command.Config.Infer<ReturnType<typeof common>>): Jobs.JobOptions => ({
  compare,
  place,
  seed,
  out: Option.getOrUndefined(out),
  size: Option.getOrUndefined(size),
  workers: Option.getOrUndefined(workers)
})

const play = Effect.fnUntraced(function* <Options extends Jobs.JobOptions>(job: Jobs.Job<Options>, options: Options) {
  const { json } = yield* parent
  const { runOne } = yield* Effect.promise(() => import("@ropewalk/examples/DemoRunner"))
  const Renderer = yield* Effect.promise(() => import("@ropewalk/examples/Renderer"))
  const { color, width, write } = Output
  const passed = yield* runOne(Jobs.toDemo(job, options), {
    scale: 1,
    seed: options.seed ?? 1,
    stacks: Output.wantsStacks(),
    progress: !json && Output.isWatched() ? { color: color() } : undefined,
    render: json ? Renderer.json(write) : Renderer.text({ write, width, color: color() })
  })
  if (!passed) return yield* new JobFailed({ job: job.name })
})

const wordCount = Command.make(
  Jobs.wordCount.name,
  {
    ...common(Jobs.wordCount),
    folder: Flag.Directory("folder", { mustExist: true }).pipe(
      Flag.optional,
      Flag.withDescription("Count the files in here, instead of text that is made")
    ),
    top: wholeNumber("top", 0, 10_000, "How many words to print (default 10)")
  },
  ({ folder, top, ...options }) =>
    play(Jobs.wordCount, {
      ...optionsOf(options),
      folder: Option.getOrUndefined(folder),
      top: Option.getOrUndefined(top)
    })
).pipe(Command.withDescription("Count the words of a folder of text, by map and reduce"))

const mandelbrot = Command.make(Jobs.mandelbrot.name, common(Jobs.mandelbrot), (options) =>
  play(Jobs.mandelbrot, optionsOf(options))
).pipe(Command.withDescription("Draw a picture of the Mandelbrot set, as PNG; the seed chooses the place"))

const crawl = Command.make(
  Jobs.crawl.name,
  {
    ...common(Jobs.crawl),
    query: Flag.String("query").pipe(
      Flag.optional,
      Flag.withMetavar("words"),
      Flag.withDescription("What to ask the index (default: the title of a page)")
    ),
    timeout: wholeNumber("timeout", 10, 60_000, "How long a page may take, in milliseconds (default 500)")
  },
  ({ query, timeout, ...options }) =>
    play(Jobs.crawl, {
      ...optionsOf(options),
      query: Option.getOrUndefined(query),
      timeout: Option.getOrUndefined(timeout)
    })
).pipe(Command.withDescription("Crawl a site where much goes wrong, and make a search index of it"))

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const { json } = yield* parent
    const width = Math.max(...Jobs.jobs.map(({ name }) => name.length))
    for (const { name, title } of Jobs.jobs) {
      yield* Console.log(json ? JSON.stringify({ name, title }) : `${name.padEnd(width)}  ${title}`)
    }
  })
).pipe(Command.withDescription("List the jobs"))

export const job = parent.pipe(Command.withSubcommands([wordCount, mandelbrot, crawl, list]))
