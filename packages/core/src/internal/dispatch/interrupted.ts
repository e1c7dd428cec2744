/**
 * The outcome of a task that was interrupted, as a worker would have sent it.
 *
 * @internal
 */
import type { WireExit } from "../transport/Transport.ts"

export const interrupted: WireExit = { kind: "failure", reasons: [{ kind: "interrupt" }] }

export const wasInterrupted = (exit: WireExit): boolean =>
  exit.kind === "failure" && exit.reasons.every((reason) => reason.kind === "interrupt")
