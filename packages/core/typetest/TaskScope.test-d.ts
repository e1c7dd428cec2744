import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"
import * as Joiner from "../src/Joiner.ts"
import * as TaskScope from "../src/TaskScope.ts"

declare const a: Effect.Effect<1, "ea", "ra">
declare const b: Effect.Effect<"b", "eb", Scope.Scope>

// What is joined takes its types from the children.
expectTypeOf(TaskScope.join([a, b], Joiner.all())).toEqualTypeOf<Effect.Effect<[1, "b"], "ea" | "eb", "ra">>()
expectTypeOf(TaskScope.join({ a, b }, Joiner.all())).toEqualTypeOf<Effect.Effect<{ a: 1; b: "b" }, "ea" | "eb", "ra">>()
expectTypeOf(TaskScope.join(new Set([a, b]), Joiner.all())).toEqualTypeOf<
  Effect.Effect<Array<1 | "b">, "ea" | "eb", "ra">
>()
expectTypeOf(TaskScope.join([a, b], Joiner.settle())).toEqualTypeOf<
  Effect.Effect<[Exit.Exit<1, "ea">, Exit.Exit<"b", "eb">], never, "ra">
>()
expectTypeOf(TaskScope.join({ a, b }, Joiner.settle())).toEqualTypeOf<
  Effect.Effect<{ a: Exit.Exit<1, "ea">; b: Exit.Exit<"b", "eb"> }, never, "ra">
>()
expectTypeOf(TaskScope.join([a, b], Joiner.first())).toEqualTypeOf<
  Effect.Effect<1 | "b", "ea" | "eb" | Joiner.NotEnough, "ra">
>()
expectTypeOf(TaskScope.join([a, b], Joiner.race())).toEqualTypeOf<
  Effect.Effect<1 | "b", "ea" | "eb" | Joiner.NotEnough, "ra">
>()
expectTypeOf(TaskScope.join([a, b], Joiner.quorum(1))).toEqualTypeOf<
  Effect.Effect<ReadonlyArray<1 | "b">, "ea" | "eb" | Joiner.NotEnough, "ra">
>()
expectTypeOf(TaskScope.join([a, b], Joiner.collect(1))).toEqualTypeOf<
  Effect.Effect<Joiner.Collected<1 | "b", "ea" | "eb">, never, "ra">
>()
expectTypeOf(
  TaskScope.join(
    [a],
    Joiner.until((exit) => Exit.isSuccess(exit) && exit.value === 1)
  )
).toEqualTypeOf<Effect.Effect<ReadonlyArray<Exit.Exit<1, "ea">>, never, "ra">>()
expectTypeOf(TaskScope.join([a, b], Joiner.discard())).toEqualTypeOf<Effect.Effect<void, "ea" | "eb", "ra">>()

expectTypeOf(TaskScope.join([], Joiner.all())).toEqualTypeOf<Effect.Effect<[], never, never>>()
expectTypeOf(TaskScope.join([], Joiner.first())).toEqualTypeOf<Effect.Effect<never, Joiner.NotEnough, never>>()

// A time limit adds what the joiner says that it adds.
expectTypeOf(TaskScope.join([a], Joiner.all(), { timeout: "1 second", name: "one" })).toEqualTypeOf<
  Effect.Effect<[1], "ea" | TaskScope.ScopeTimeout | TaskScope.InvalidOption, "ra">
>()
expectTypeOf(TaskScope.join([a], Joiner.all(), { name: "one" })).toEqualTypeOf<Effect.Effect<[1], "ea", "ra">>()
expectTypeOf(TaskScope.join([a], Joiner.collect(1), { timeout: 1 })).toEqualTypeOf<
  Effect.Effect<Joiner.Collected<1, "ea">, TaskScope.InvalidOption, "ra">
>()
declare const anyTimeout: TaskScope.Options
expectTypeOf(TaskScope.join([a], Joiner.all(), anyTimeout)).toEqualTypeOf<
  Effect.Effect<[1], "ea" | TaskScope.ScopeTimeout | TaskScope.InvalidOption, "ra">
>()

// What is run takes its types from the joiner, and its result from the body.
expectTypeOf(
  TaskScope.run(Joiner.all<number, "ea">(), (scope) => {
    expectTypeOf(scope.join).toEqualTypeOf<Effect.Effect<ReadonlyArray<number>, "ea">>()
    expectTypeOf(scope.fork(a)).toEqualTypeOf<Effect.Effect<TaskScope.Child<1, "ea">, never, "ra">>()
    return Effect.andThen(scope.fork(a), Effect.andThen(b, Effect.fail("body" as const)))
  })
).toEqualTypeOf<Effect.Effect<never, "ea" | "eb" | "body", "ra">>()

TaskScope.run(Joiner.all<number, never>(), (scope) => {
  // @ts-expect-error the scope takes numbers
  scope.fork(Effect.succeed("a"))
  // @ts-expect-error the scope takes children that don't fail
  return scope.fork(a)
})
// @ts-expect-error a server's children don't fail, or it says with what
TaskScope.run(Joiner.discard(), (scope) => scope.fork(a))
// @ts-expect-error a child is opened in a scope
TaskScope.fork(a)
// @ts-expect-error a scope is given, not made
const mine: TaskScope.TaskScope<number, never, void, never> = { name: "mine", fork: a, join: b, cancel: Effect.void }
// @ts-expect-error the joiner takes no such children
TaskScope.join([a, b], Joiner.first<1, "ea">())
// @ts-expect-error not an effect
TaskScope.join([() => 1], Joiner.all())

const sum = Joiner.make<number, unknown, number, never>("sum", () => ({
  onExit: (exit, { cancelled, index }) => (cancelled || index > 3 || Exit.isFailure(exit) ? "enough" : "continue"),
  result: () => Exit.succeed(1)
}))
expectTypeOf(TaskScope.join([a], sum, { timeout: 1 })).toEqualTypeOf<
  Effect.Effect<number, TaskScope.ScopeTimeout | TaskScope.InvalidOption, "ra">
>()
// @ts-expect-error the sum is of numbers
TaskScope.join([a, b], sum)
// @ts-expect-error a verdict is one of three
Joiner.make("none", () => ({ onExit: () => "stop", result: () => Exit.void }))

Joiner.discard<"ea">({
  onFailure: (cause) => {
    expectTypeOf(cause).toEqualTypeOf<Cause.Cause<"ea">>()
    return Effect.void
  }
})
// @ts-expect-error nobody would hear of a failure of the handler
Joiner.discard<"ea">({ onFailure: (cause) => Effect.failCause(cause) })

expectTypeOf(TaskScope.shield(a, { atMost: 1 })).toEqualTypeOf<
  Effect.Effect<1, "ea" | TaskScope.ShieldExpired | TaskScope.InvalidOption, "ra">
>()

export { mine }
