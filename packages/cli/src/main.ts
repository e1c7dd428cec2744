/**
 * Runs the `ropewalk` command: gives it a terminal and signals, and turns how it ended into an exit code.
 *
 * | code | meaning |
 * | --- | --- |
 * | 0 | all is well |
 * | 1 | a demo or a job failed, or the output can't be written |
 * | 2 | the command line is wrong |
 * | 130, 143 | Ctrl-C, SIGTERM: after the finalizers have run |
 * | 141 | nobody reads the output any more (`… | head -1`) |
 */

import { createRequire } from "node:module"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import { ropewalk } from "./commands.ts"
import { DemosFailed } from "./DemosFailed.ts"
import { FindingsFound, NothingToExplore } from "./explore.ts"
import * as Output from "./internal/output.ts"
import { presenter } from "./internal/presenter.ts"
import { JobFailed } from "./jobs.ts"

const version: string = createRequire(import.meta.url)("../package.json").version

const settings = Layer.mergeAll(
  NodeServices.layer,
  CliOutput.layerPresenter(presenter),
  // Neither the wizard, which can't ask for a list of names, nor a log level: nothing is logged.
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
)

export const main = (): void => {
  let terminated = false
  process.once("SIGTERM", () => {
    terminated = true
  })

  Effect.raceFirst(Output.lost, Command.run(ropewalk, { version })).pipe(
    Effect.tapCause((cause) => Effect.sync(() => report(cause))),
    Effect.provide(settings),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      teardown: (exit, onExit) => onExit(exitCode(exit, terminated))
    })
  )
}

/** Says in a line what went wrong, unless that has been said or goes without saying. Stacks are for those who ask. */
const report = (cause: Cause.Cause<unknown>): void => {
  const error = Cause.squash(cause)
  if (Cause.hasInterruptsOnly(cause) || CliError.isCliError(error) || error instanceof Output.BrokenPipe) return
  const text =
    Output.wantsStacks() && ![DemosFailed, FindingsFound, JobFailed].some((known) => error instanceof known)
      ? Cause.pretty(cause)
      : messageOf(error)
  process.stderr.write(`ropewalk: ${text}\n`)
}

/** What was asked for can't be done, and would not be another time. */
const isMisuse = (error: unknown): boolean =>
  error instanceof NothingToExplore || Predicate.isTagged(error, "ScheduleInvalid")

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const exitCode = (exit: Exit.Exit<unknown, unknown>, terminated: boolean): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.hasInterruptsOnly(exit.cause)) return terminated ? 143 : 130
  const error = Cause.squash(exit.cause)
  if (error instanceof Output.BrokenPipe) return 141
  if (isMisuse(error)) return 2
  if (!CliError.isCliError(error)) return 1
  // Help that nobody asked for, because a command was left out, is no error.
  return error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : 2
}
