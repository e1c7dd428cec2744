/**
 * The outcome of a task that was interrupted, as it crosses.
 *
 * @internal
 */
import type { WireExit } from "./Transport.ts"

export const interrupted: WireExit = { kind: "failure", reasons: [{ kind: "interrupt" }] }

export const wasInterrupted = (exit: WireExit): boolean =>
  exit.kind === "failure" && exit.reasons.every((reason) => reason.kind === "interrupt")
