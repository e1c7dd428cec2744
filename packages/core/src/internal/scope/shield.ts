/**
 * Work that goes on for a while after an interrupt.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import type { InvalidOption } from "../errors.ts"
import { millis } from "../options.ts"
import { ShieldExpired } from "./errors.ts"

interface Options {
  readonly atMost: Duration.Input
}

export const shield: {
  (
    options: Options
  ): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ShieldExpired | InvalidOption, R>
  <A, E, R>(effect: Effect.Effect<A, E, R>, options: Options): Effect.Effect<A, E | ShieldExpired | InvalidOption, R>
} = dual(
  2,
  <A, E, R>(effect: Effect.Effect<A, E, R>, options: Options): Effect.Effect<A, E | ShieldExpired | InvalidOption, R> =>
    Effect.uninterruptible(
      Effect.gen(function* () {
        const atMost = yield* millis("atMost", options.atMost)
        const fiber = yield* Effect.forkDetach(effect, { startImmediately: true })
        // Also in a finalizer, which runs uninterruptible: there the interrupt has come already.
        const undisturbed = yield* Effect.exit(Effect.interruptible(Fiber.await(fiber)))
        if (Exit.isSuccess(undisturbed)) return yield* undisturbed.value
        const within = yield* Effect.timeoutOption(Fiber.await(fiber), Duration.millis(atMost))
        if (Option.isSome(within)) return yield* within.value
        yield* Fiber.interrupt(fiber)
        return yield* Effect.fail(new ShieldExpired({ millis: atMost }))
      })
    )
)
