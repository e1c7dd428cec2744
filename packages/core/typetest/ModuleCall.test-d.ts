/** Functions of a module called by their names: however the module is held, its type tells what goes in and comes out. */
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Pool from "@ropewalk/core/Pool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { expectTypeOf } from "vitest"

interface Refused {
  readonly _tag: "Refused"
}

interface Work {
  readonly limit: number
  readonly measure: (text: string) => number
  readonly lookUp: (text: string) => Effect.Effect<Date, Refused>
  readonly lines: (text: string) => AsyncIterable<string>
  readonly same: <A>(value: A) => A
  readonly any: (text: string) => any
  readonly now: () => number
  readonly fitted: (text: string, width?: number) => Promise<string>
}

type Called<A, E = never> = Pipeline.Pipeline<A, E | Pool.RemoteError | Pool.PoolError>

declare const texts: Pipeline.Pipeline<string>
declare const numbers: Pipeline.Pipeline<number>
const url = new URL("file:///work.ts")

// Written out, by an alias, by an interface, as a part of something, as one of several.
type WorkModule = Pool.Module<Work>
interface Extended extends Pool.Module<Work> {}
declare const written: Pool.Module<Work>
declare const aliased: WorkModule
declare const extended: Extended
declare const pools: { readonly work: WorkModule; readonly others: ReadonlyArray<Pool.Module<Work>> }
declare const noted: WorkModule & { readonly note: string }
declare const frozen: Readonly<WorkModule>
declare const isLarge: boolean
const either = isLarge ? written : extended

expectTypeOf(texts.pipe(Pipeline.call(written, "measure"))).toEqualTypeOf<Called<number>>()
expectTypeOf(texts.pipe(Pipeline.call(aliased, "measure"))).toEqualTypeOf<Called<number>>()
expectTypeOf(texts.pipe(Pipeline.call(extended, "measure"))).toEqualTypeOf<Called<number>>()
expectTypeOf(texts.pipe(Pipeline.call(pools.work, "measure"))).toEqualTypeOf<Called<number>>()
for (const other of pools.others) {
  expectTypeOf(texts.pipe(Pipeline.call(other, "measure"))).toEqualTypeOf<Called<number>>()
}
expectTypeOf(texts.pipe(Pipeline.call(noted, "measure"))).toEqualTypeOf<Called<number>>()
expectTypeOf(texts.pipe(Pipeline.call(frozen, "measure"))).toEqualTypeOf<Called<number>>()
expectTypeOf(texts.pipe(Pipeline.call(either, "measure"))).toEqualTypeOf<Called<number>>()
// Data first says the same, and so does mapOf.
expectTypeOf(Pipeline.call(texts, extended, "lookUp")).toEqualTypeOf<Called<Date, Refused>>()
expectTypeOf(Pool.mapOf(extended, "lookUp", ["a"])).toEqualTypeOf<
  Effect.Effect<Array<Date>, Refused | Pool.RemoteError | Pool.PoolError>
>()
expectTypeOf(Pool.mapOf(pools.work, "measure", ["a"])).toEqualTypeOf<
  Effect.Effect<Array<number>, Pool.RemoteError | Pool.PoolError>
>()

// What an Effect gives: of ThreadPool.module, of a helper around it, of a service.
const made = ThreadPool.module<Work>(url)
const twoThreads = <M>(url: URL) => ThreadPool.module<M>(url, { size: 2 })
class Service extends Context.Service<Service, Pool.Module<Work>>()("typetest/Service") {}
class Making extends Context.Service<Making>()("typetest/Making", { make: ThreadPool.module<Work>(url) }) {}
declare const success: Effect.Success<typeof made>
expectTypeOf(texts.pipe(Pipeline.call(success, "measure"))).toEqualTypeOf<Called<number>>()
const program = Effect.gen(function* () {
  const direct = yield* made
  const helped = yield* twoThreads<Work>(url)
  const ofNode = yield* twoThreads<typeof import("node:path")>(url)
  expectTypeOf(texts.pipe(Pipeline.call(direct, "measure"))).toEqualTypeOf<Called<number>>()
  expectTypeOf(texts.pipe(Pipeline.call(helped, "measure"))).toEqualTypeOf<Called<number>>()
  expectTypeOf(texts.pipe(Pipeline.call(ofNode, "dirname"))).toEqualTypeOf<Called<string>>()
  expectTypeOf(texts.pipe(Pipeline.call(yield* Service, "measure"))).toEqualTypeOf<Called<number>>()
  expectTypeOf(texts.pipe(Pipeline.call(yield* Making, "measure"))).toEqualTypeOf<Called<number>>()
  return { direct, helped }
})
declare const held: Effect.Success<typeof program>
expectTypeOf(texts.pipe(Pipeline.call(held.helped, "measure"))).toEqualTypeOf<Called<number>>()

// In a function: what it needs of a module, and any module that has it is one. The name of a function may be an argument.
const measured = (module: Pool.Module<Pick<Work, "measure">>) => texts.pipe(Pipeline.call(module, "measure"))
expectTypeOf(measured(extended)).toEqualTypeOf<Called<number>>()
const named = <W extends Pool.AnyModule, Name extends Pool.CallName<W>>(module: W, name: Name) =>
  Pipeline.call(module, name)
expectTypeOf(texts.pipe(named(aliased, "measure"))).toEqualTypeOf<Called<number>>()
// @ts-expect-error: no function of the module.
named(aliased, "limit")
const guessed = <W extends Pool.Module<Work>>(module: W) =>
  // @ts-expect-error: TypeScript looks into no type parameter for the name: take a `Pool.Module<Work>`.
  Pipeline.call(module, "measure")

// Functions of every kind.
expectTypeOf(texts.pipe(Pipeline.call(extended, "fitted"))).toEqualTypeOf<Called<string>>()
expectTypeOf(texts.pipe(Pipeline.call(extended, "same"))).toEqualTypeOf<Called<unknown>>()
expectTypeOf(texts.pipe(Pipeline.call(extended, "any"))).toEqualTypeOf<Called<any>>()
declare const untyped: Pool.Module<any>
expectTypeOf(texts.pipe(Pipeline.call(untyped, "whatever"))).toEqualTypeOf<Called<any>>()

// @ts-expect-error: "measure" takes a string.
numbers.pipe(Pipeline.call(extended, "measure"))
// @ts-expect-error: it answers with many, and is for flatMap.
texts.pipe(Pipeline.call(extended, "lines"))
expectTypeOf(texts.pipe(Pipeline.flatMap((text) => extended.lines(text)))).toEqualTypeOf<Called<string>>()
// @ts-expect-error: no function.
texts.pipe(Pipeline.call(extended, "limit"))
// @ts-expect-error: no export.
texts.pipe(Pipeline.call(extended, "mesure"))
// @ts-expect-error: no module yet: it is what `yield*` of this gives.
Pipeline.call(made, "measure")
// @ts-expect-error: the functions themselves are for map.
Pipeline.call({ measure: (text: string) => text.length }, "measure")
// @ts-expect-error: it answers with many.
Pool.mapOf(extended, "lines", ["a"])
// @ts-expect-error: no number.
Pool.mapOf(extended, "measure", [1])

// What the stage's options take out of the type, and what they see of it.
expectTypeOf(texts.pipe(Pipeline.call(extended, "lookUp", { onError: Pipeline.skip }))).toEqualTypeOf<
  Pipeline.Pipeline<Date>
>()
texts.pipe(
  Pipeline.call(extended, "lookUp", {
    timeout: 5,
    onError: ({ error, input }) => {
      expectTypeOf(input).toEqualTypeOf<string>()
      expectTypeOf(error._tag).toEqualTypeOf<"Refused" | "RemoteError" | Pool.PoolError["_tag"] | "StageTimeout">()
    }
  })
)

export { guessed }
