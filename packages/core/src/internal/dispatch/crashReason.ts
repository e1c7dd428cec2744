/**
 * Why a worker ended, in the words of the errors that its tasks fail with.
 *
 * @internal
 */
import { type CrashReason, Exited, Killed, OutOfMemory, Terminated, Uncaught } from "../poolErrors.ts"
import type { WorkerExit } from "../transport/Transport.ts"

/** Something that was thrown: its own object, since `undefined` can be thrown too. */
export interface Thrown {
  readonly cause: unknown
}

/** `uncaught` is what the worker said of itself; `stopped`, whether this side has ended it. */
export const crashReason = (exit: WorkerExit, uncaught: Thrown | undefined, stopped: boolean): CrashReason => {
  if (exit.outOfMemory) return new OutOfMemory()
  const thrown = uncaught ?? exit.uncaught
  if (thrown !== undefined) return new Uncaught(thrown)
  if (stopped) return new Terminated()
  if (exit.signal !== undefined) return new Killed({ signal: exit.signal })
  return new Exited({ code: exit.code ?? 0 })
}

/** A worker that ended while it loaded, without a word: the reader of the error gets what is known. */
export const startCause = (reason: CrashReason): unknown => {
  switch (reason._tag) {
    case "Uncaught":
      return reason.cause
    case "Exited":
      return new Error(`It exited with code ${reason.code} before it was ready`)
    case "Killed":
      return new Error(`${reason.signal} killed it before it was ready`)
    case "OutOfMemory":
      return new Error("It ran out of memory before it was ready")
    case "Terminated":
      return new Error("It was stopped before it was ready")
  }
}
