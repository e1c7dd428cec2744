/**
 * How long the connection behind a decoded handle lives, and when it is made.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Scope from "effect/Scope"
import { CallContext } from "../codec/CallContext.ts"
import { ConnectionLost } from "./errors.ts"

/** The scope of a handle that is being decoded: its call, or else the scope around the decoding. */
export const decodedScope: Effect.Effect<Scope.Scope, SchemaIssue.Issue> = Effect.gen(function* () {
  const call = yield* CallContext
  if (call !== undefined) {
    const scope = yield* Scope.make()
    call.onSettled(() => Effect.runFork(Scope.close(scope, Exit.void)))
    return scope
  }
  const surrounding = yield* Effect.serviceOption(Scope.Scope)
  if (Option.isSome(surrounding)) return surrounding.value
  return yield* Effect.fail(
    new SchemaIssue.InvalidValue({
      message: "A handle decoded outside of a call needs a scope to own its connection: decode it in Effect.scoped."
    })
  )
})

/** Opens on first use, once, for all who ask; an interrupted asker does not take the others' connection along. */
export const lazily = <A, E>(
  scope: Scope.Scope,
  open: Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E | ConnectionLost> => {
  let opening: Fiber.Fiber<A, E> | undefined
  const opened = Effect.contextWith((context: Context.Context<never>) => {
    opening ??= Fiber.runIn(Effect.runForkWith(context)(Scope.provide(open, scope)), scope)
    return Fiber.join(opening)
  })
  return Effect.catchCauseIf(opened, Cause.hasInterruptsOnly, () =>
    Effect.fail(new ConnectionLost({ cause: "closed" }))
  )
}
