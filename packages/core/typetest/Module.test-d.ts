/** The methods that a module's type becomes. */
import * as FiberPool from "@ropewalk/core/FiberPool"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"

interface Refused {
  readonly _tag: "Refused"
}

interface Work {
  readonly limit: number
  readonly add: (a: number, b?: number) => number
  readonly nothing: () => void
  readonly later: (name: string) => Promise<Array<string>>
  readonly sometimes: () => number | Promise<string>
  readonly effect: (a: number) => Effect.Effect<string, Refused>
  readonly generate: () => AsyncGenerator<number>
  readonly lines: () => AsyncIterable<string>
  readonly soon: () => Promise<AsyncIterable<Date>>
  readonly stream: (from: number) => Stream.Stream<string, Refused>
  readonly rest: (...values: Array<number>) => number
  readonly generic: <A>(value: A) => A
  readonly untyped: () => any
  readonly never: () => never
  readonly readonlyRest: (...values: ReadonlyArray<number>) => number
  readonly Class: new () => object
  readonly default: (text: string) => string
}

declare const work: Pool.Module<Work>

type Call<A, E = never> = Effect.Effect<A, E | Pool.RemoteError | Pool.PoolError>

// Results: awaited, and of an Effect what it gives and how it fails.
expectTypeOf(work.add).toEqualTypeOf<(a: number, b?: number) => Call<number>>()
expectTypeOf(work.nothing()).toEqualTypeOf<Call<void>>()
expectTypeOf(work.later("a")).toEqualTypeOf<Call<Array<string>>>()
expectTypeOf(work.sometimes()).toEqualTypeOf<Call<number | string>>()
expectTypeOf(work.effect(1)).toEqualTypeOf<Call<string, Refused>>()
expectTypeOf(work.rest(1, 2, 3)).toEqualTypeOf<Call<number>>()
expectTypeOf(work.default("a")).toEqualTypeOf<Call<string>>()
work.generic({ any: "thing" })
expectTypeOf(work.untyped()).toEqualTypeOf<Call<any>>()
expectTypeOf(work.never()).toEqualTypeOf<Call<never>>()
expectTypeOf(work.readonlyRest(1, 2)).toEqualTypeOf<Call<number>>()

// What answers many times is a Stream.
expectTypeOf(work.generate()).toEqualTypeOf<Stream.Stream<number, Pool.RemoteError | Pool.PoolError>>()
expectTypeOf(work.lines()).toEqualTypeOf<Stream.Stream<string, Pool.RemoteError | Pool.PoolError>>()
expectTypeOf(work.soon()).toEqualTypeOf<Stream.Stream<Date, Pool.RemoteError | Pool.PoolError>>()
expectTypeOf(work.stream(1)).toEqualTypeOf<Stream.Stream<string, Refused | Pool.RemoteError | Pool.PoolError>>()
// @ts-expect-error: a stream is no Effect.
Effect.runFork(work.generate())
// @ts-expect-error: what answers once is no stream.
Stream.runDrain(work.add(1))

// What is no function, and a class, is left out.
expectTypeOf<Pool.FunctionName<Work>>().toEqualTypeOf<
  | "add"
  | "nothing"
  | "later"
  | "sometimes"
  | "effect"
  | "generate"
  | "lines"
  | "soon"
  | "stream"
  | "rest"
  | "generic"
  | "untyped"
  | "never"
  | "readonlyRest"
  | "default"
>()
// @ts-expect-error: a value.
work.limit
// @ts-expect-error: a class.
work.Class
// @ts-expect-error: no export of the module.
work.subtract()

// Arguments.
// @ts-expect-error: of the wrong type.
work.add("1")
// @ts-expect-error: missing.
work.add()
// @ts-expect-error: too many.
work.add(1, 2, 3)

// Errors.
// @ts-expect-error: a call of a worker can fail.
const unhandled: Effect.Effect<number> = work.add(1)
expectTypeOf(work.effect(1).pipe(Effect.catchTag("Refused", () => Effect.succeed("refused")))).toEqualTypeOf<
  Call<string>
>()
work.add(1).pipe(Effect.catchTag("RemoteError", ({ message }) => Effect.succeed(message.length)))
// @ts-expect-error: this function returns no Effect that fails.
work.add(1).pipe(Effect.catchTag("Refused", () => Effect.succeed(0)))

// The makers.
type Made<M> = Effect.Effect<Pool.Module<M>, Pool.WorkerStartFailed | Pool.InvalidOption, Scope.Scope>
const url = new URL("file:///work.ts")
expectTypeOf(FiberPool.module<Work>(url)).toEqualTypeOf<Made<Work>>()
expectTypeOf(ThreadPool.module<Work>(url, { size: 2 })).toEqualTypeOf<Made<Work>>()
expectTypeOf(ProcessPool.module<Work>(url, { cwd: "/tmp" })).toEqualTypeOf<Made<Work>>()
expectTypeOf(Pool.statsOf(work)).toEqualTypeOf<Effect.Effect<Pool.PoolStats>>()
expectTypeOf(Pool.controlOf(work)).toEqualTypeOf<Pool.PoolControl>()

// What a worker does before its first task and after its last: functions of the module, with arguments that fit.
for (const module of [FiberPool.module<Work>, ThreadPool.module<Work>, ProcessPool.module<Work>]) {
  module(url, { initialise: { call: "add", args: [1, 2] }, teardown: { call: "nothing" } })
  module(url, { initialise: { call: "add", args: [1] }, teardown: { call: "nothing", args: [] } })
  // @ts-expect-error: no function of the module.
  module(url, { initialise: { call: "subtract" } })
  // @ts-expect-error: a value.
  module(url, { teardown: { call: "limit" } })
  // @ts-expect-error: an argument of the wrong type.
  module(url, { initialise: { call: "later", args: [1] } })
  // @ts-expect-error: an argument is missing.
  module(url, { initialise: { call: "later" } })
}
expectTypeOf<Pool.FunctionName<typeof import("node:os")>>().toExtend<string>()

export { unhandled }
