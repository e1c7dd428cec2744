/**
 * What a plain module calls before its first task and after its last.
 *
 * @internal
 */
import { toWireError, type WireError } from "../codec/wireError.ts"
import type { FunctionCall, ParentLink, Setup, WireExit, WireReason } from "../transport/Transport.ts"

/** Runs a function as a task of the module runs, and tells of its outcome once. */
export type RunFunction = (call: FunctionCall, onExit: (exit: WireExit) => void) => void

/** The worker is ready when its initialiser has ended well, and ends when it has not: there is nothing to tear down then. */
export const initialise = (
  link: ParentLink,
  { initialise }: Setup,
  run: RunFunction,
  onInitialised: () => void
): void => {
  const ready = () => {
    onInitialised()
    link.send({ kind: "ready" })
  }
  if (initialise === undefined) return ready()
  run(initialise, (exit) => {
    if (exit.kind === "success") return ready()
    link.send({ kind: "startFailed", cause: causeOf(exit) })
    link.exit(1)
  })
}

/**
 * Ends the worker after its teardown. One that fails has nobody left to tell but who reads what the worker prints; the worker
 * ends all the same.
 */
export const leaveAfter = (link: ParentLink, teardown: FunctionCall | undefined, run: RunFunction): void => {
  if (teardown === undefined) return link.exit(0)
  run(teardown, (exit) => {
    if (exit.kind !== "success") console.error(`The teardown of ${link.worker} failed:`, causeOf(exit))
    link.exit(0)
  })
}

const causeOf = (exit: Exclude<WireExit, { readonly kind: "success" }>): WireError => {
  if (exit.kind !== "failure") return exit.cause
  const cause = exit.reasons.map(reasonCause).find((cause) => cause !== undefined)
  return cause ?? toWireError(new Error("It was interrupted"))
}

const reasonCause = (reason: WireReason): WireError | undefined => {
  switch (reason.kind) {
    case "fail":
      // A plain module's errors cross as the exceptions of anybody do.
      return reason.error as WireError
    case "thrown":
      return reason.thrown
    case "die":
      return reason.defect
    case "interrupt":
      return undefined
  }
}
