/** What must compile, and what must not, where tasks are declared, handled and run. */
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSchema from "effect/rpc/RpcSchema"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"

class Overflow extends Schema.TaggedError<Overflow>()("Overflow", { limit: Schema.Number }) {}

class Key extends Context.Service<Key, string>()("typetest/Key") {}

/** A schema that needs a service to be encoded, as a sealed value needs its key. */
declare const Sealed: Schema.Codec<string, string, Key, Key>

class Tasks extends RpcGroup.make(
  Rpc.make("Add", {
    payload: { a: Schema.Number, b: Schema.Number, note: Schema.optionalKey(Schema.String) },
    success: Schema.Number,
    error: Overflow
  }),
  Rpc.make("Now", { success: Schema.Date }),
  Rpc.make("Count", { success: Schema.Number, stream: true }),
  Rpc.make("Lines", {
    payload: { file: Schema.String, secret: Schema.optionalKey(Sealed) },
    success: RpcSchema.Stream(Schema.Date, Overflow),
    error: Schema.String
  }),
  Rpc.make("Seal", { payload: { secret: Sealed } })
) {}

type TaskGroup = RpcGroup.Rpcs<typeof Tasks>

declare const pool: Pool.Pool<TaskGroup>
const worker = new URL("file:///worker.ts")

// A handler for each task, and no other.
const handlers = Tasks.toLayer({
  Add: ({ a, b }) => (a + b > 9 ? Effect.fail(new Overflow({ limit: 9 })) : Effect.succeed(a + b)),
  Now: () => Effect.succeed(new Date(0)),
  Count: () => Stream.empty,
  Lines: () => Stream.fail(new Overflow({ limit: 1 })),
  Seal: () => Effect.void
})

Tasks.toLayer({
  // @ts-expect-error: the result is no number.
  Add: () => Effect.succeed("3"),
  Now: () => Effect.succeed(new Date(0)),
  Count: () => Stream.empty,
  Lines: () => Stream.fail(new Overflow({ limit: 1 })),
  Seal: () => Effect.void
})

// @ts-expect-error: handlers are missing.
Tasks.toLayer({ Add: () => Effect.succeed(3) })

// The result and the errors are those of the task, and of the pool.
expectTypeOf(pool.run("Add", { a: 1, b: 2 })).toEqualTypeOf<Effect.Effect<number, Overflow | Pool.PoolError>>()
expectTypeOf(pool.run("Now")).toEqualTypeOf<Effect.Effect<Date, Pool.PoolError>>()
expectTypeOf(pool.map("Add", [{ a: 1, b: 2 }])).toEqualTypeOf<Effect.Effect<Array<number>, Overflow | Pool.PoolError>>()

// What is not handled is seen.
// @ts-expect-error: the task's own error and the pool's are left.
const unhandled: Effect.Effect<number> = pool.run("Add", { a: 1, b: 2 })
const handled: Effect.Effect<number> = pool.run("Add", { a: 1, b: 2 }).pipe(Effect.catch(() => Effect.succeed(0)))
expectTypeOf(
  pool.run("Add", { a: 1, b: 2 }).pipe(Effect.catchTag("Overflow", ({ limit }) => Effect.succeed(limit)))
).toEqualTypeOf<Effect.Effect<number, Pool.PoolError>>()
// @ts-expect-error: the task can't fail so.
pool.run("Add", { a: 1, b: 2 }).pipe(Effect.catchTag("Underflow", () => Effect.succeed(0)))
pool.run("Now").pipe(
  Effect.catchTag("WorkerCrashed", ({ reason }) => {
    expectTypeOf(reason._tag).toEqualTypeOf<"Exited" | "Killed" | "OutOfMemory" | "Uncaught" | "Terminated">()
    return Effect.void
  })
)
// @ts-expect-error: this task has no error of its own.
pool.run("Now").pipe(Effect.catchTag("Overflow", () => Effect.void))

// Payloads.
pool.run("Add", { a: 1, b: 2, note: "three" }, { timeout: "1 second" })
// @ts-expect-error: b is missing.
pool.run("Add", { a: 1 })
// @ts-expect-error: b is no number.
pool.run("Add", { a: 1, b: "2" })
// @ts-expect-error: the payload is missing.
pool.run("Add")
// @ts-expect-error: one of the payloads does not fit.
pool.map("Add", [{ a: 1, b: 2 }, { a: 1 }])
pool.run("Now", undefined, { timeout: "1 second" })
// @ts-expect-error: the task takes no payload.
pool.run("Now", { a: 1 })
// @ts-expect-error: no duration.
pool.run("Now", undefined, { timeout: "soon" })

// Tags.
// @ts-expect-error: the group has no such task.
pool.run("Subtract", { a: 1, b: 2 })
// @ts-expect-error: a task that answers with a stream can't be run.
pool.run("Count")
// @ts-expect-error: nor mapped.
pool.map("Count", [])
expectTypeOf<Pool.TaskTag<TaskGroup>>().toEqualTypeOf<"Add" | "Now" | "Seal">()
expectTypeOf<Pool.StreamTag<TaskGroup>>().toEqualTypeOf<"Count" | "Lines">()

// Streams.
expectTypeOf(pool.stream("Count")).toEqualTypeOf<Stream.Stream<number, Pool.PoolError>>()
expectTypeOf(pool.stream("Lines", { file: "a" })).toEqualTypeOf<
  Stream.Stream<Date, Overflow | string | Pool.PoolError, Key>
>()
pool.stream("Count", undefined, { window: 4, timeout: "1 second" })
// @ts-expect-error: a task that answers once has no stream.
pool.stream("Add", { a: 1, b: 2 })
// @ts-expect-error: the group has no such task.
pool.stream("Subtract")
// @ts-expect-error: the payload is missing.
pool.stream("Lines")
// @ts-expect-error: the payload does not fit.
pool.stream("Lines", { file: 1 })
// @ts-expect-error: a stream is no Effect.
Effect.runFork(pool.stream("Count"))

const inputs: Stream.Stream<{ readonly a: number; readonly b: number }, "input", Key> = Stream.empty
expectTypeOf(pool.mapStream("Add", inputs)).toEqualTypeOf<
  Stream.Stream<number, "input" | Overflow | Pool.PoolError, Key>
>()
pool.mapStream("Add", inputs, { concurrency: 8, unordered: true })
// @ts-expect-error: the elements of the input are no payloads of the task.
pool.mapStream("Add", Stream.make(1, 2))
// @ts-expect-error: a task that answers with a stream is not for single elements.
pool.mapStream("Count", Stream.empty)

// A service that a schema needs is asked of the caller.
expectTypeOf(pool.run("Seal", { secret: "s" })).toEqualTypeOf<Effect.Effect<void, Pool.PoolError, Key>>()
// @ts-expect-error: nobody provides Key.
Effect.runFork(pool.run("Seal", { secret: "s" }))

// A pool knows the tasks of its own group only.
declare const other: Pool.Pool<RpcGroup.Rpcs<RpcGroup.RpcGroup<Rpc.Rpc<"Other">>>>
// @ts-expect-error: a pool of another group.
const mistaken: typeof pool = other

// Maps: in order, as they come, settled.
expectTypeOf(pool.map("Now", [], { chunk: "auto", ordered: true })).toEqualTypeOf<
  Effect.Effect<Array<Date>, Pool.PoolError>
>()
expectTypeOf(pool.map("Now", [], { ordered: false })).toEqualTypeOf<
  Effect.Effect<Array<readonly [index: number, result: Date]>, Pool.PoolError>
>()
expectTypeOf(pool.mapSettled("Add", [{ a: 1, b: 2 }])).toEqualTypeOf<
  Effect.Effect<Array<Exit.Exit<number, Overflow | Pool.PoolError>>, Pool.InvalidOption>
>()
expectTypeOf(pool.broadcast("Now")).toEqualTypeOf<Effect.Effect<Array<Date>, Pool.PoolError>>()
// @ts-expect-error: the payload is missing.
pool.broadcast("Add")
// @ts-expect-error: no size of a chunk.
pool.map("Now", [], { chunk: "large" })
// @ts-expect-error: no such overflow.
FiberPool.make(Tasks, { queue: { overflow: "explode" } })

// The functions of a module, once for each input.
declare const work: Pool.Module<{
  readonly half: (n: number) => Promise<number>
  readonly text: string
}>
expectTypeOf(Pool.mapOf(work, "half", [1, 2])).toEqualTypeOf<
  Effect.Effect<Array<number>, Pool.RemoteError | Pool.PoolError>
>()
// @ts-expect-error: no number.
Pool.mapOf(work, "half", ["1"])
// @ts-expect-error: no function.
Pool.mapOf(work, "text", [])

// The makers.
expectTypeOf(ThreadPool.make(Tasks, { worker })).toEqualTypeOf<
  Effect.Effect<Pool.Pool<TaskGroup>, Pool.WorkerStartFailed | Pool.InvalidOption, Scope.Scope>
>()
expectTypeOf(ProcessPool.make(Tasks, { worker })).toEqualTypeOf<
  Effect.Effect<Pool.Pool<TaskGroup>, Pool.WorkerStartFailed | Pool.InvalidOption, Scope.Scope>
>()
// @ts-expect-error: the worker file is missing.
ThreadPool.make(Tasks, { size: 2 })
// @ts-expect-error: a thread has no working directory of its own.
ThreadPool.make(Tasks, { worker, cwd: "/tmp" })
ProcessPool.make(Tasks, { worker, cwd: "/tmp" })
// @ts-expect-error: a pool of fibers needs no worker file.
FiberPool.make(Tasks, { worker })

// The life of a pool: of workers only, and the memory of a process only.
ThreadPool.make(Tasks, { worker, size: { min: 0, max: 4 }, idleTime: "1 minute", recycle: { tasks: 9, age: "1 hour" } })
ProcessPool.make(Tasks, { worker, recycle: { memory: 512 }, memoryLimit: 1024 })
// @ts-expect-error: a thread's memory can't be limited so.
ThreadPool.make(Tasks, { worker, memoryLimit: 1024 })
// @ts-expect-error: a range has two ends.
ThreadPool.make(Tasks, { worker, size: { min: 1 } })
// @ts-expect-error: the layer of a group sets up and tears down.
ThreadPool.make(Tasks, { worker, teardown: { call: "close" } })
// @ts-expect-error: fibers don't wear out.
FiberPool.make(Tasks, { recycle: { tasks: 9 } })
expectTypeOf(pool.resize({ min: 1, max: 2 })).toEqualTypeOf<Effect.Effect<void, Pool.InvalidOption>>()
expectTypeOf(pool.drain({ deadline: "1 minute" })).toEqualTypeOf<
  Effect.Effect<Pool.Drained, Pool.WorkerStuck | Pool.InvalidOption>
>()
expectTypeOf(pool.ready).toEqualTypeOf<Effect.Effect<void, Pool.WorkerStartFailed | Pool.PoolClosed>>()

// A pool as a service: workers bring their handlers, fibers ask for them.
class TaskPool extends Pool.Service<TaskPool>()("typetest/TaskPool", Tasks) {}

expectTypeOf(ThreadPool.layer(TaskPool, { worker })).toEqualTypeOf<
  Layer.Layer<TaskPool, Pool.WorkerStartFailed | Pool.InvalidOption>
>()
expectTypeOf(ProcessPool.layer(TaskPool, { worker })).toEqualTypeOf<
  Layer.Layer<TaskPool, Pool.WorkerStartFailed | Pool.InvalidOption>
>()
expectTypeOf(FiberPool.layer(TaskPool)).toEqualTypeOf<
  Layer.Layer<TaskPool, Pool.InvalidOption, Rpc.ToHandler<TaskGroup>>
>()
const onFibers: Layer.Layer<TaskPool, Pool.InvalidOption> = FiberPool.layer(TaskPool).pipe(Layer.provide(handlers))
// @ts-expect-error: nobody provides the handlers.
const withoutHandlers: Layer.Layer<TaskPool, Pool.InvalidOption> = FiberPool.layer(TaskPool)

const program = Effect.gen(function* () {
  const pool = yield* TaskPool
  return yield* pool.run("Now")
})
expectTypeOf(program).toEqualTypeOf<Effect.Effect<Date, Pool.PoolError, TaskPool>>()

// The worker file.
WorkerMain.run(Tasks, handlers.pipe(Layer.provideMerge(Layer.succeed(Key, "key"))))
class Addition extends RpcGroup.make(Rpc.make("Add", { payload: { a: Schema.Number }, success: Schema.Number })) {}
const addition = Addition.toLayer({ Add: ({ a }) => Effect.succeed(a) })
WorkerMain.run(Addition, addition)
// @ts-expect-error: handlers are missing.
WorkerMain.run(Tasks, addition)
const needsKey = Addition.toLayer(Effect.map(Key, (key) => ({ Add: ({ a }) => Effect.succeed(a + key.length) })))
// @ts-expect-error: the layer still needs Key.
WorkerMain.run(Addition, needsKey)
WorkerMain.run(Addition, Layer.provide(needsKey, Layer.succeed(Key, "key")))

export { handled, mistaken, onFibers, unhandled, withoutHandlers }
