/**
 * What a demo says while it runs: the one contract between the demos and whoever shows them.
 *
 * `ropewalk demo … --json` prints these, one a line. All times are milliseconds. `atMs`, `fromMs`, `toMs`, `elapsedMs`
 * and `idealMs` are read off the demo's own clock, which `--scale` speeds up: a demo that sleeps 4 s says 4000 at any
 * scale. `cpuMs` is what the processor really spent.
 */
import * as Schema from "effect/Schema"

const fields = {
  /** The demo's name. */
  demo: Schema.String,
  /** When, since the demo started. */
  atMs: Schema.Finite
}

export const DemoStarted = Schema.Struct({
  type: Schema.Literal("demo-started"),
  ...fields,
  title: Schema.String,
  /** The section of the article that the demo retells; a job retells none. */
  article: Schema.optionalKey(Schema.String),
  /** Gives the same random numbers again. */
  seed: Schema.Union([Schema.Finite, Schema.String]),
  /** How long a second of the demo really takes, in seconds. */
  scale: Schema.Finite
})

/** A line that the program printed. */
export const Line = Schema.Struct({ type: Schema.Literal("line"), ...fields, text: Schema.String })

/** An explanation beside the program's own lines. */
export const Note = Schema.Struct({ type: Schema.Literal("note"), ...fields, text: Schema.String })

/** A named task ran from here to there. */
export const Lane = Schema.Struct({
  type: Schema.Literal("lane"),
  ...fields,
  task: Schema.String,
  fromMs: Schema.Finite,
  toMs: Schema.Finite,
  end: Schema.Literals(["done", "failed", "interrupted"])
})
export type Lane = typeof Lane.Type

export const Verdict = Schema.Struct({
  type: Schema.Literal("verdict"),
  ...fields,
  elapsedMs: Schema.Finite,
  /** What the elapsed time would be if nothing but the work took time, where that can be said. */
  idealMs: Schema.optionalKey(Schema.Finite),
  cpuMs: Schema.Finite,
  /** What the demo showed, in a sentence. */
  shown: Schema.String,
  ok: Schema.Boolean
})

export const DemoEnded = Schema.Struct({
  type: Schema.Literal("demo-ended"),
  ...fields,
  outcome: Schema.Literals(["passed", "failed", "interrupted"]),
  /** Why it failed, when it did so with an error. */
  error: Schema.optionalKey(Schema.String)
})

export const DemoEvent = Schema.Union([DemoStarted, Line, Note, Lane, Verdict, DemoEnded])
export type DemoEvent = typeof DemoEvent.Type

/** An event as one line of JSON. */
export const DemoEventJson = Schema.fromJsonString(DemoEvent)
