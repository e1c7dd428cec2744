/**
 * How help and wrong command lines are shown: fitted to the terminal, mistakes on standard error with what to do next.
 *
 * @internal
 */
import { demos } from "@ropewalk/examples/Demos"
import * as Console from "effect/Console"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import { fitWidth } from "./fitWidth.ts"
import { nearest } from "./nearest.ts"
import * as Output from "./output.ts"

/** @internal */
export const presenter: CliOutput.Presenter = {
  present: (event) => {
    const format = CliOutput.defaultFormatter({ colors: Output.color() })
    switch (event._tag) {
      case "Help":
        return Console.log(fitWidth(spaced(format.formatHelpDoc(event.helpDoc)), Output.width()))
      case "Version":
        return Console.log(format.formatVersion(event.name, event.version))
      case "InvalidInvocation": {
        const mistakes = event.errors.map((error) => `ropewalk: ${explain(error)}`)
        const hint = `Run "${event.commandPath.join(" ")} --help" to see what is possible.`
        return Console.error(fitWidth([...mistakes, hint].join("\n"), Output.width()))
      }
    }
  }
}

/** The formatter leaves out the empty line between the list of subcommands and the examples. */
const spaced = (help: string): string => help.replace(/(?<!\n)\n(?=\S*EXAMPLES)/, "\n\n")

const explain = (error: CliError.CliError): string =>
  error._tag === "InvalidValue" && error.kind === "argument" && error.option === "name"
    ? unknownDemo(error.value)
    : error.message

const unknownDemo = (name: string): string => {
  const names = demos.map((demo) => demo.name)
  // Where a name may be, a subcommand may have been meant.
  const guesses = nearest(name, [...names, "list", "all"]).map((guess) => `"${guess}"`)
  const suggestion = guesses.length === 0 ? "" : ` Did you mean ${guesses.join(" or ")}?`
  return `there is no demo "${name}".${suggestion}\n  The demos are: ${names.join(", ")}.`
}
