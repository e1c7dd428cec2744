/** What must compile, and what must not, where stages of a pipeline meet. */
import type * as CheckpointStore from "@ropewalk/core/CheckpointStore"
import type * as DeadLetter from "@ropewalk/core/DeadLetter"
import * as Pipeline from "@ropewalk/core/Pipeline"
import type * as Pool from "@ropewalk/core/Pool"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"

class Illegible extends Schema.TaggedError<Illegible>()("Illegible", { line: Schema.Number }) {}
class Refused extends Schema.TaggedError<Refused>()("Refused", {}) {}
class Database extends Context.Service<Database, string>()("typetest/Database") {}

class Tasks extends RpcGroup.make(
  Rpc.make("Parse", { payload: { text: Schema.String }, success: Schema.Number, error: Illegible }),
  Rpc.make("Square", { payload: Schema.Number, success: Schema.Number }),
  Rpc.make("Count", { success: Schema.Number, stream: true })
) {}

declare const pool: Pool.Pool<RpcGroup.Rpcs<typeof Tasks>>
declare const module: Pool.Module<{
  readonly length: (text: string) => number
  readonly lookUp: (text: string) => Effect.Effect<Date, Refused>
  readonly lines: (text: string) => AsyncIterable<string>
}>
declare const lines: Pipeline.Pipeline<string>
declare const sink: DeadLetter.DeadLetter<unknown, unknown>

const parse = (text: string): Effect.Effect<number, Illegible> =>
  text === "" ? Effect.fail(new Illegible({ line: 1 })) : Effect.succeed(text.length)
const insert = (n: number): Effect.Effect<string, Refused, Database> => Effect.map(Database, (name) => `${name}${n}`)

// Sources.
expectTypeOf(Pipeline.from([1, 2])).toEqualTypeOf<Pipeline.Pipeline<number>>()
expectTypeOf(Pipeline.from(new Map([["a", 1]]))).toEqualTypeOf<Pipeline.Pipeline<[string, number]>>()
expectTypeOf(
  Pipeline.from(
    (async function* () {
      yield 1
    })()
  )
).toEqualTypeOf<Pipeline.Pipeline<number, Pipeline.SourceFailed>>()
declare const stream: Stream.Stream<number, Refused, Database>
expectTypeOf(Pipeline.from(stream)).toEqualTypeOf<Pipeline.Pipeline<number, Refused, Database>>()
expectTypeOf(Pipeline.fromLines("a.txt")).toEqualTypeOf<Pipeline.Pipeline<string, Pipeline.SourceFailed>>()
expectTypeOf(Pipeline.fromJsonLines("a.jsonl", Schema.Struct({ n: Schema.Number }))).toEqualTypeOf<
  Pipeline.Pipeline<{ readonly n: number }, Pipeline.SourceFailed | Pipeline.JsonLineInvalid>
>()
expectTypeOf(Pipeline.fromJsonLines("a.jsonl", Schema.Date, { onError: Pipeline.skip })).toEqualTypeOf<
  Pipeline.Pipeline<Date, Pipeline.SourceFailed>
>()

// What comes out, the errors and the services of every stage.
const program = lines.pipe(
  Pipeline.map(parse),
  Pipeline.filter((n) => n > 0),
  Pipeline.map(insert),
  Pipeline.map((text) => text.length)
)
expectTypeOf(program).toEqualTypeOf<Pipeline.Pipeline<number, Illegible | Refused, Database>>()
expectTypeOf(Pipeline.runCollect(program)).toEqualTypeOf<Effect.Effect<Array<number>, Illegible | Refused, Database>>()
expectTypeOf(Pipeline.toStream(program)).toEqualTypeOf<Stream.Stream<number, Illegible | Refused, Database>>()
// Data first says the same.
expectTypeOf(Pipeline.map(lines, parse)).toEqualTypeOf<Pipeline.Pipeline<number, Illegible>>()
expectTypeOf(Pipeline.task(Pipeline.from([1]), pool, "Square")).toEqualTypeOf<
  Pipeline.Pipeline<number, Pool.PoolError>
>()

// An error that nobody handles is seen.
// @ts-expect-error: Illegible and Refused are left.
const unhandled: Pipeline.Pipeline<number, never, Database> = program
// @ts-expect-error: Refused is left.
const oneHandled: Effect.Effect<void, Illegible, Database> = Pipeline.run(program)
// @ts-expect-error: nobody provides the database.
const unprovided: Pipeline.Pipeline<number, Illegible | Refused> = program

// A task's payload and result are checked against its neighbours.
const tasks = lines.pipe(
  Pipeline.map((text) => ({ text })),
  Pipeline.task(pool, "Parse"),
  Pipeline.task(pool, "Square")
)
expectTypeOf(tasks).toEqualTypeOf<Pipeline.Pipeline<number, Illegible | Pool.PoolError>>()
// @ts-expect-error: "Parse" takes { text: string }, and is given strings.
lines.pipe(Pipeline.task(pool, "Parse"))
// @ts-expect-error: "Parse" gives numbers, and "Parse" takes none.
tasks.pipe(Pipeline.task(pool, "Parse"))
// @ts-expect-error: the same, data first.
Pipeline.task(lines, pool, "Parse")
// @ts-expect-error: a number has no toUpperCase.
tasks.pipe(Pipeline.map((n) => n.toUpperCase()))
// @ts-expect-error: the group has no such task.
tasks.pipe(Pipeline.task(pool, "Cube"))
// @ts-expect-error: a task that answers with a stream is for flatMap.
tasks.pipe(Pipeline.task(pool, "Count"))

// So are the functions of a module.
expectTypeOf(lines.pipe(Pipeline.call(module, "length"))).toEqualTypeOf<
  Pipeline.Pipeline<number, Pool.RemoteError | Pool.PoolError>
>()
expectTypeOf(lines.pipe(Pipeline.call(module, "lookUp"))).toEqualTypeOf<
  Pipeline.Pipeline<Date, Refused | Pool.RemoteError | Pool.PoolError>
>()
// @ts-expect-error: "length" takes a string.
tasks.pipe(Pipeline.call(module, "length"))
// @ts-expect-error: it answers with many.
lines.pipe(Pipeline.call(module, "lines"))

// What onError takes is out of the type; what it fails with itself is in it.
expectTypeOf(lines.pipe(Pipeline.map(parse, { onError: Pipeline.skip }))).toEqualTypeOf<Pipeline.Pipeline<number>>()
expectTypeOf(lines.pipe(Pipeline.map(parse, { onError: "fail" }))).toEqualTypeOf<Pipeline.Pipeline<number, Illegible>>()
expectTypeOf(lines.pipe(Pipeline.map(parse, { onError: Pipeline.deadLetter(sink) }))).toEqualTypeOf<
  Pipeline.Pipeline<number, DeadLetter.DeadLetterFailed>
>()
expectTypeOf(
  lines.pipe(
    Pipeline.map((text) => parse(text), {
      timeout: "1 second",
      onError: (failed) => {
        expectTypeOf(failed.input).toEqualTypeOf<string>()
        expectTypeOf(failed.error).toEqualTypeOf<Illegible | Pipeline.StageTimeout>()
        return Effect.asVoid(insert(failed.index))
      }
    })
  )
).toEqualTypeOf<Pipeline.Pipeline<number, Refused | Pipeline.InvalidOption, Database>>()
expectTypeOf(
  lines.pipe(
    Pipeline.map((text) => ({ text })),
    Pipeline.task(pool, "Parse", { concurrency: 2, onError: Pipeline.skip })
  )
).toEqualTypeOf<Pipeline.Pipeline<number, Pipeline.InvalidOption>>()
declare const onlyRefused: DeadLetter.DeadLetter<unknown, Refused>
// @ts-expect-error: the sink does not take what the stage fails with.
lines.pipe(Pipeline.map(parse, { onError: Pipeline.deadLetter(onlyRefused) }))

// Options.
expectTypeOf(lines.pipe(Pipeline.map(parse, { concurrency: 4, name: "parse" }))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible | Pipeline.InvalidOption>
>()
expectTypeOf(lines.pipe(Pipeline.map(parse, { timeout: 5 }))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible | Pipeline.StageTimeout | Pipeline.InvalidOption>
>()
expectTypeOf(lines.pipe(Pipeline.map(parse, { retry: Schedule.recurs(3) }))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible>
>()
// A schedule and a sink see StageTimeout only where there is a timeout.
declare const forIllegible: Schedule.Schedule<number, Illegible>
declare const ofIllegible: DeadLetter.DeadLetter<string, Illegible>
const ofItsError = { retry: forIllegible, onError: Pipeline.deadLetter(ofIllegible) }
type Kept = Pipeline.Pipeline<number, DeadLetter.DeadLetterFailed>
expectTypeOf(lines.pipe(Pipeline.map(parse, { retry: forIllegible }))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible>
>()
expectTypeOf(lines.pipe(Pipeline.map(parse, ofItsError))).toEqualTypeOf<Kept>()
expectTypeOf(Pipeline.map(lines, parse, { ...ofItsError, timeout: undefined })).toEqualTypeOf<Kept>()
expectTypeOf(lines.pipe(Pipeline.groupBy((text) => text, parse, ofItsError))).toEqualTypeOf<Kept>()
expectTypeOf(
  lines.pipe(
    Pipeline.flatMap((text) => Effect.map(parse(text), (n) => [n]), { retry: forIllegible, onError: Pipeline.skip })
  )
).toEqualTypeOf<Pipeline.Pipeline<number>>()
expectTypeOf(lines.pipe(Pipeline.runForEach(parse, { retry: forIllegible }))).toEqualTypeOf<
  Effect.Effect<void, Illegible>
>()
// @ts-expect-error: the schedule is asked about a StageTimeout too.
lines.pipe(Pipeline.map(parse, { retry: forIllegible, timeout: 5 }))
// @ts-expect-error: so is the sink.
lines.pipe(Pipeline.map(parse, { onError: Pipeline.deadLetter(ofIllegible), timeout: "1 second" }))
declare const perhapsTimed: { readonly timeout?: number | undefined; readonly retry: typeof forIllegible }
// @ts-expect-error: there may be a timeout.
lines.pipe(Pipeline.map(parse, perhapsTimed))
declare const forTimeouts: Schedule.Schedule<number, Illegible | Pipeline.StageTimeout>
expectTypeOf(lines.pipe(Pipeline.map(parse, { retry: forTimeouts, timeout: 5, onError: "fail" }))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible | Pipeline.StageTimeout | Pipeline.InvalidOption>
>()
expectTypeOf(
  lines.pipe(
    Pipeline.map((text) => parse(text), {
      name: "parse",
      onError: ({ error }) => {
        expectTypeOf(error).toEqualTypeOf<Illegible>()
      }
    })
  )
).toEqualTypeOf<Pipeline.Pipeline<number>>()
// Tasks have a time limit of their own, which PoolError tells of.
declare const forTasks: Schedule.Schedule<number, Illegible | Pool.PoolError>
expectTypeOf(
  lines.pipe(
    Pipeline.map((text) => ({ text })),
    Pipeline.task(pool, "Parse", { retry: forTasks, timeout: 5 })
  )
).toEqualTypeOf<Pipeline.Pipeline<number, Illegible | Pool.PoolError>>()
declare const forCalls: Schedule.Schedule<number, Refused | Pool.RemoteError | Pool.PoolError>
expectTypeOf(lines.pipe(Pipeline.call(module, "lookUp", { retry: forCalls }))).toEqualTypeOf<
  Pipeline.Pipeline<Date, Refused | Pool.RemoteError | Pool.PoolError>
>()
// @ts-expect-error: a call may take too long as well.
lines.pipe(Pipeline.call(module, "lookUp", { retry: forCalls, timeout: 5 }))
declare const forRefused: Schedule.Schedule<number, Refused>
// @ts-expect-error: the schedule is for another error.
lines.pipe(Pipeline.map(parse, { retry: forRefused }))
// @ts-expect-error: there is no such option.
lines.pipe(Pipeline.map(parse, { concurency: 4 }))
// @ts-expect-error: nor such a number.
lines.pipe(Pipeline.map(parse, { concurrency: "all" }))
declare const anyOptions: Pipeline.StageOptions<string, Illegible | Pipeline.StageTimeout>
expectTypeOf(lines.pipe(Pipeline.map(parse, anyOptions))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible | Pipeline.StageTimeout | Pipeline.InvalidOption>
>()

// filter and flatMap.
declare const mixed: Pipeline.Pipeline<string | number>
const isString = (value: string | number): value is string => typeof value === "string"
expectTypeOf(mixed.pipe(Pipeline.filter(isString))).toEqualTypeOf<Pipeline.Pipeline<string>>()
expectTypeOf(lines.pipe(Pipeline.filter((text) => Effect.map(parse(text), (n) => n > 1)))).toEqualTypeOf<
  Pipeline.Pipeline<string, Illegible>
>()
// @ts-expect-error: no boolean.
lines.pipe(Pipeline.filter((text) => text.length))
expectTypeOf(lines.pipe(Pipeline.flatMap((text) => [text.length]))).toEqualTypeOf<Pipeline.Pipeline<number>>()
expectTypeOf(lines.pipe(Pipeline.flatMap(() => stream))).toEqualTypeOf<Pipeline.Pipeline<number, Refused, Database>>()
expectTypeOf(lines.pipe(Pipeline.flatMap((text) => Effect.map(parse(text), (n) => new Set([n]))))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible>
>()
expectTypeOf(lines.pipe(Pipeline.flatMap(() => stream, { onError: Pipeline.skip }))).toEqualTypeOf<
  Pipeline.Pipeline<number, never, Database>
>()
// @ts-expect-error: a number is no collection.
lines.pipe(Pipeline.flatMap((text) => text.length))

// Many become one.
expectTypeOf(lines.pipe(Pipeline.batch(10, "1 second"))).toEqualTypeOf<
  Pipeline.Pipeline<ReadonlyArray<string>, Pipeline.InvalidOption>
>()
const lengths = lines.pipe(
  Pipeline.reduce({
    initial: () => 0,
    fold: (total: number, text: string) => Effect.map(parse(text), (n) => total + n),
    combine: (a, b) => a + b
  })
)
expectTypeOf(lengths).toEqualTypeOf<Pipeline.Pipeline<number, Illegible>>()
expectTypeOf(lines.pipe(Pipeline.groupBy((text) => text.length, parse))).toEqualTypeOf<
  Pipeline.Pipeline<number, Illegible>
>()
expectTypeOf(
  Pipeline.runFold(
    lines,
    () => 0,
    (total, text) => total + text.length
  )
).toEqualTypeOf<Effect.Effect<number>>()

// Branches: a refinement narrows what each gets.
expectTypeOf(
  mixed.pipe(
    Pipeline.partition(isString, {
      matching: (texts) => {
        expectTypeOf(texts).toEqualTypeOf<Pipeline.Pipeline<string>>()
        return texts.pipe(Pipeline.map(parse))
      },
      others: (numbers) => {
        expectTypeOf(numbers).toEqualTypeOf<Pipeline.Pipeline<number>>()
        return numbers.pipe(Pipeline.map(insert))
      }
    })
  )
).toEqualTypeOf<Pipeline.Pipeline<number | string, Illegible | Refused, Database>>()
// @ts-expect-error: what is left are numbers.
mixed.pipe(Pipeline.partition(isString, { matching: Pipeline.map(parse), others: Pipeline.map(parse) }))
const texts = Pipeline.when("texts", isString, Pipeline.map(parse))
const numbers = Pipeline.when(
  "numbers",
  (value: string | number): value is number => typeof value === "number",
  (numbers) => numbers.pipe(Pipeline.map(insert))
)
expectTypeOf(mixed.pipe(Pipeline.route(texts, numbers))).toEqualTypeOf<
  Pipeline.Pipeline<number | string, Illegible | Refused, Database>
>()
// @ts-expect-error: numbers have no way.
mixed.pipe(Pipeline.route(texts))
expectTypeOf(
  mixed.pipe(
    Pipeline.route(
      texts,
      Pipeline.otherwise("rest", (rest: Pipeline.Pipeline<string | number>) => rest.pipe(Pipeline.map(String)))
    )
  )
).toEqualTypeOf<Pipeline.Pipeline<number | string, Illegible>>()
expectTypeOf(
  lines.pipe(Pipeline.broadcast([Pipeline.map(parse), (texts) => texts.pipe(Pipeline.map((text) => [text]))]))
).toEqualTypeOf<Pipeline.Pipeline<number | Array<string>, Illegible>>()
// @ts-expect-error: what a branch is given are strings.
lines.pipe(Pipeline.broadcast([Pipeline.map(parse), Pipeline.map((n: number) => n / 2)]))
expectTypeOf(lines.pipe(Pipeline.merge(program))).toEqualTypeOf<
  Pipeline.Pipeline<string | number, Illegible | Refused, Database>
>()

// Origins, checkpoints.
expectTypeOf(tasks.pipe(Pipeline.withOrigin)).toEqualTypeOf<
  Pipeline.Pipeline<
    number,
    Pipeline.InvalidOption | Pipeline.StageFailed<Illegible | Exclude<Pool.PoolError, Pipeline.InvalidOption>>
  >
>()
expectTypeOf(lines.pipe(Pipeline.withOrigin)).toEqualTypeOf<Pipeline.Pipeline<string>>()
declare const store: CheckpointStore.CheckpointStore
expectTypeOf(lines.pipe(Pipeline.checkpoint(store, (text) => text))).toEqualTypeOf<
  Pipeline.Pipeline<string, CheckpointStore.CheckpointFailed>
>()
// @ts-expect-error: a key is a string.
lines.pipe(Pipeline.checkpoint(store, (text) => text.length))

export { oneHandled, unhandled, unprovided }

// Spans change nothing of it but that their number may be none.
expectTypeOf(Pipeline.withSpans(lines, { every: 10 })).toEqualTypeOf<
  Pipeline.Pipeline<string, Pipeline.InvalidOption>
>()
expectTypeOf(lines.pipe(Pipeline.withSpans({ every: 10 }))).toEqualTypeOf<
  Pipeline.Pipeline<string, Pipeline.InvalidOption>
>()
