/** What tests ask of an exit that should be a failure. */
import { assert } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

export const errorOf = <A, E>(exit: Exit.Exit<A, E>): E => {
  assert.isTrue(Exit.isFailure(exit), "it should have failed")
  return Option.getOrThrow(Exit.findErrorOption(exit))
}

/** Why the worker of a call died. */
export const reasonOf = (exit: Exit.Exit<unknown, unknown>): Pool.CrashReason => {
  const error = errorOf(exit)
  assert.instanceOf(error, Pool.WorkerCrashed)
  return (error as Pool.WorkerCrashed).reason
}
