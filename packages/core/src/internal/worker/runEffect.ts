/**
 * Runs an Effect that a plain module's function returned. Loaded when the first one does.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { toPlainReason } from "../context/plainCause.ts"
import { relayed } from "../context/relay.ts"
import { restore } from "../context/restore.ts"
import type { ParentLink, RunMessage, WireExit } from "../transport/Transport.ts"

export const runEffect = (
  link: ParentLink,
  run: RunMessage,
  effect: unknown,
  onStart: (interrupt: () => void) => void
): Promise<WireExit> =>
  new Promise((resolve) => {
    const { context, end } = restore(link, relayed(link, Context.empty()), run)
    const fiber = Effect.runForkWith(context)(effect as Effect.Effect<unknown, unknown>)
    onStart(() => fiber.interruptUnsafe())
    fiber.addObserver((exit) => {
      end()
      resolve(
        Exit.isSuccess(exit)
          ? { kind: "success", value: exit.value }
          : // There is no schema: an error crosses with its name, fields and stack, anything else is cloned.
            { kind: "failure", reasons: exit.cause.reasons.map(toPlainReason) }
      )
    })
  })
