/** What a task has of its caller's context, and what its caller hears of it: spans, references, logs. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Process from "@ropewalk/core/Process"
import * as Thread from "@ropewalk/core/Thread"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import * as places from "../fixtures/context/places.ts"
import { ContextTasks, Region } from "../fixtures/context/tasks.ts"
import { errorOf } from "../support/exits.ts"

const info = (text: string) => ({ level: "Info", text }) as const

for (const place of places.all) {
  describe(place.name, () => {
    it.live("W23: a task continues its caller's span", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const caller = yield* Effect.makeSpan("caller")
        const inSpan = Effect.provideService(Tracer.ParentSpan, caller)
        const { traceId, sampled, spanId } = caller
        const { kind, span } = yield* inSpan(pool.run("Span"))
        assert.deepEqual(span, { traceId, spanId, sampled })
        assert.equal(kind, place.name === "fiber" ? "Span" : "ExternalSpan")
        assert.deepEqual(yield* inSpan(pool.run("ChildSpan")), { traceId, parent: spanId })
      })
    )

    it.live("W23: two callers' spans are told apart, and none is none", () =>
      Effect.gen(function* () {
        const pool = yield* place.make({ size: 1, concurrency: 4 })
        const spanOf = (spanId: string) =>
          pool
            .run("Span")
            .pipe(
              Effect.provideService(Tracer.ParentSpan, Tracer.externalSpan({ traceId: "t", spanId, sampled: false }))
            )
        const seen = yield* Effect.all([spanOf("a"), pool.run("Span"), spanOf("b"), spanOf("a")], {
          concurrency: "unbounded"
        })
        assert.deepEqual(
          seen.map(({ span }) => span && [span.spanId, span.sampled]),
          [["a", false], null, ["b", false], ["a", false]]
        )
      })
    )

    it.live("W23: the span in which the pool was made is not its callers'", () =>
      Effect.gen(function* () {
        const pool = yield* Effect.withSpan(place.make(), "maker")
        assert.isNull((yield* pool.run("Span")).span)
      })
    )

    it.live("W23: a reference that the pool carries has the caller's value, any other its default", () =>
      Effect.gen(function* () {
        const carrying = yield* place.make({ carry: [Region] })
        const there = Effect.provideService(Region, "here")
        assert.equal(yield* there(carrying.run("Region")), "here")
        assert.equal(yield* carrying.run("Region"), "nowhere")
        if (place.name === "fiber") return
        const other = yield* place.make()
        assert.equal(yield* there(other.run("Region")), "nowhere")
      })
    )

    it.live("W23: log annotations arrive", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const annotated = pool.run("Annotations").pipe(Effect.annotateLogs({ request: 7, "__proto__ ": "odd" }))
        assert.deepInclude((yield* annotated) as object, { request: 7, "__proto__ ": "odd" })
        assert.deepEqual(yield* pool.run("Annotations"), {})
      })
    )

    it.live("what a task logs comes out at its caller's logger, in order, before the result", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const log = yield* places.makeLog
        const { entries, here } = log
        const lines = Array.from({ length: 50 }, (_, line) => `line ${line}`)
        yield* here(pool.run("Log", { entries: lines.map(info) }))
        assert.deepEqual(log.texts(), lines)
        assert.isTrue(entries.every(({ level }) => level === "Info"))
        assert.isTrue(entries.every(({ date }) => Math.abs(date.getTime() - Date.now()) < 60_000))
      })
    )

    it.live("a lot of log, and a large result: still in order, and before it", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { here, texts } = yield* places.makeLog
        const bytes = yield* here(pool.run("LogMuch", { lines: 200, length: 10_000 }))
        assert.deepEqual([bytes.length, texts().length], [2_000_000, 200])
        assert.deepEqual(
          texts().map((text) => text.split(" ")[0]),
          Array.from({ length: 200 }, (_, line) => String(line))
        )
        yield* here(pool.run("LogMuch", { lines: 3000, length: 100 }))
        assert.equal(texts().length, 3200)
      })
    )

    it.live("each caller hears its own tasks", () =>
      Effect.gen(function* () {
        const pool = yield* place.make({ size: 2, concurrency: 2 })
        const logs = yield* Effect.all(Array.from({ length: 6 }, () => places.makeLog))
        const calls = logs.map(({ here }, caller) =>
          here(pool.run("Log", { entries: Array.from({ length: 20 }, (_, line) => info(`${caller}: ${line}`)) }))
        )
        yield* Effect.all(calls, { concurrency: "unbounded" })
        for (const [caller, { texts }] of logs.entries()) {
          assert.deepEqual(
            texts(),
            Array.from({ length: 20 }, (_, line) => `${caller}: ${line}`)
          )
        }
      })
    )

    it.live("the caller's level holds", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { entries, here } = yield* places.makeLog
        const levels = ["Debug", "Info", "Warn", "Error"] as const
        const all = here(pool.run("Log", { entries: levels.map((level) => ({ level, text: level })) }))
        const heard = (effect: Effect.Effect<unknown, unknown>) =>
          Effect.map(effect, () => entries.splice(0).map(({ level }) => level))
        assert.deepEqual(yield* heard(all), ["Info", "Warn", "Error"])
        assert.deepEqual(yield* heard(Effect.provideService(all, References.MinimumLogLevel, "Debug")), [...levels])
        assert.deepEqual(yield* heard(Effect.provideService(all, References.MinimumLogLevel, "Error")), ["Error"])
        assert.deepEqual(yield* heard(Effect.provideService(all, References.MinimumLogLevel, "None")), [])
        assert.deepEqual(yield* heard(all), ["Info", "Warn", "Error"])
      })
    )

    it.live("an entry has the caller's annotations and spans, and the task's", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { entries, here } = yield* places.makeLog
        const request = { id: 7, of: () => "kept" }
        yield* pool
          .run("LogAnnotated")
          .pipe(Effect.annotateLogs({ request, who: "the caller" }), Effect.withLogSpan("outer"), here)
        const [entry] = entries
        assert.deepInclude(entry?.annotations as object, { step: 2, who: "the task" })
        // Its own, and no copy of it.
        assert.strictEqual(entry?.annotations["request"], request)
        assert.deepEqual(entry?.spans, ["inner", "outer"])
      })
    )

    it.live("a cause arrives as one", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { entries, here } = yield* places.makeLog
        yield* here(pool.run("LogCause"))
        const reason = entries[0]?.cause.reasons[0]
        assert.isTrue(reason !== undefined && Cause.isDieReason(reason))
        const { defect } = reason as Cause.Die
        assert.instanceOf(defect, RangeError)
        assert.match(String((defect as Error).stack), /handlers\.ts/)
        assert.deepEqual([entries[0]?.level, entries[0]?.message], ["Error", ["failed"]])
      })
    )

    it.live("W23: the tasks of a map, and of a broadcast, are their caller's too", () =>
      Effect.gen(function* () {
        const pool = yield* place.make({ carry: [Region] })
        const { here, texts } = yield* places.makeLog
        const there = Effect.provideService(Region, "here")
        const nothing = Array.from({ length: 20 }, () => undefined)
        assert.deepEqual(
          yield* there(pool.map("Region", nothing)),
          nothing.map(() => "here")
        )
        assert.deepEqual(yield* there(pool.broadcast("Region")), ["here"])
        const lines = Array.from({ length: 50 }, (_, line) => `line ${line}`)
        yield* here(
          pool.map(
            "Log",
            lines.map((line) => ({ entries: [info(line)] })),
            { chunk: 7, concurrency: 1 }
          )
        )
        assert.deepEqual(texts(), lines)
      })
    )

    it.live("what an interrupted task logs while it ends is its caller's", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { heard, here, texts } = yield* places.makeLog
        const fiber = yield* Effect.forkChild(here(pool.run("Wait")))
        yield* heard("started")
        yield* Fiber.interrupt(fiber)
        assert.deepEqual(texts(), ["started", "finalized"])
      })
    )
  })
}

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("an entry says which task and worker logged it", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { entries, here } = yield* places.makeLog
        yield* here(pool.run("Log", { entries: [info("x")] }))
        assert.deepEqual(entries[0]?.annotations, { task: "Log", worker: (yield* pool.stats).workers[0]?.id })
        yield* here(Effect.annotateLogs(pool.run("Log", { entries: [info("x")] }), "task", "mine"))
        assert.equal(entries[1]?.annotations["task"], "mine")
      })
    )

    it.live("what is logged arrives as it was, or as text; a log never fails its task", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { entries, here } = yield* places.makeLog
        yield* here(pool.run("LogOdd"))
        const [several, error, plain, functions, instances] = entries.map(({ message }) => message)
        assert.deepEqual(several, ["several", 1, null, undefined, 2n])
        assert.instanceOf(error?.[0], TypeError)
        assert.deepInclude(error?.[0] as object, { code: 7, message: "wrong" })
        const cause = error?.[0] instanceof Error ? error[0].cause : undefined
        assert.deepInclude(cause as object, { message: "root" })
        assert.deepEqual(plain, [{ plain: [1, { deep: true }] }, new Date(0)])
        assert.match(String(functions?.[0]), /=> 1/)
        assert.equal(functions?.[1], "Symbol(s)")
        assert.match(String(functions?.[2]), /inside.*f/s)
        assert.match(String(instances?.[0]), /Account.*Ada/)
        assert.deepInclude(instances?.[1] as object, { _tag: "Some", value: 1 })
        assert.notInclude(JSON.stringify(instances?.[2]), "secret")
      })
    )

    it.live("annotations that can't be cloned don't keep a call from being sent", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const seen = yield* Effect.annotateLogs(pool.run("Annotations"), { f: () => 1, error: new RangeError("x") })
        const { error, f } = seen as Record<string, unknown>
        assert.match(String(f), /=> 1/)
        assert.instanceOf(error, Error)
      })
    )

    it.live("a reference that can't be cloned fails the call, typed, and hurts nobody", () =>
      Effect.gen(function* () {
        const pool = yield* place.make({ carry: [Region] })
        const unsendable = (() => "here") as unknown as string
        const error = errorOf(yield* Effect.exit(Effect.provideService(pool.run("Region"), Region, unsendable)))
        assert.instanceOf(error, Pool.EncodeFailed)
        assert.deepEqual([error.what, error.task, error.path], ["context", "Region", [Region.key]])
        assert.equal(yield* pool.run("Region"), "nowhere")
      })
    )

    it.live("what a task logged before it ended its worker arrives", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { here, texts } = yield* places.makeLog
        const error = errorOf(yield* Effect.exit(here(pool.run("LogAndExit", { lines: 1000, code: 3 }))))
        assert.deepEqual((error as Pool.WorkerCrashed).reason, new Pool.Exited({ code: 3 }))
        assert.deepEqual(
          texts().map((text) => text.split(" x")[0]),
          Array.from({ length: 1000 }, (_, line) => `line ${line}`)
        )
        assert.equal(yield* pool.run("Region"), "nowhere")
      })
    )

    it.live("what is logged outside of a call comes out where the pool was made", () =>
      Effect.gen(function* () {
        const poolLog = yield* places.makeLog
        const callLog = yield* places.makeLog
        yield* Effect.scoped(
          Effect.gen(function* () {
            const pool = yield* Effect.annotateLogs(place.make({}, poolLog), "app", "test")
            assert.deepEqual(poolLog.texts(), ["layer built"])
            const chatty = Effect.provideService(References.MinimumLogLevel, "Debug")
            yield* callLog.here(chatty(pool.run("LogLater", { text: "late" })))
            yield* callLog.here(pool.run("Open"))
            yield* poolLog.heard("late")
          })
        )
        assert.deepEqual(poolLog.texts(), ["layer built", "late", "layer closed"])
        assert.deepEqual(callLog.texts(), [])
        assert.deepInclude(poolLog.entries[0]?.annotations as object, { app: "test" })
        assert.deepInclude(poolLog.entries[1]?.annotations as object, { app: "test", task: "LogLater" })
      })
    )

    it.live("logs that are left to the worker are printed there", () =>
      Effect.gen(function* () {
        const { here, texts } = yield* places.makeLog
        const printed: Array<string> = []
        const output = ({ line }: Pool.OutputLine) => Effect.sync(() => void printed.push(line))
        yield* Effect.scoped(
          Effect.flatMap(place.make({ logs: "worker", output }), (pool) =>
            here(Effect.annotateLogs(pool.run("Log", { entries: [info("printed")] }), "request", 7))
          )
        )
        assert.deepEqual(texts(), [])
        assert.match(printed.join("\n"), /printed/)
        assert.match(printed.join("\n"), /request.*7/)
      })
    )

    it.live("an unknown destination of logs is refused", () =>
      Effect.gen(function* () {
        const error = errorOf(yield* Effect.exit(place.make({ logs: "both" as never })))
        assert.instanceOf(error, Pool.InvalidOption)
        assert.equal(error.option, "logs")
      })
    )
  })
}

describe.each([
  ["Thread", Thread.start],
  ["Process", Process.start]
])("%s", (_, start) => {
  it.live("W23: the one task of a worker continues its starter's span, and logs with its loggers", () =>
    Effect.gen(function* () {
      const { entries, here, texts } = yield* places.makeLog
      const options = { worker: places.worker, grace: "1 hour" } as const
      const span = Tracer.externalSpan({ traceId: "trace", spanId: "span" })
      const spanned = Effect.gen(function* () {
        const worker = yield* start(ContextTasks, "Span", undefined, options)
        return (yield* worker.join).span
      })
      const seen = yield* here(Effect.scoped(Effect.provideService(spanned, Tracer.ParentSpan, span)))
      assert.deepEqual(seen, { traceId: "trace", spanId: "span", sampled: true })
      assert.deepEqual(texts(), ["layer built", "layer closed"])
      const logging = Effect.gen(function* () {
        const worker = yield* start(ContextTasks, "Log", { entries: [info("x")] }, options)
        return yield* worker.join
      })
      assert.equal(yield* here(Effect.annotateLogs(Effect.scoped(logging), "request", 7)), "logged")
      assert.deepEqual(texts().slice(2), ["layer built", "x", "layer closed"])
      assert.deepInclude(entries[3]?.annotations as object, { task: "Log", request: 7 })
    })
  )
})
