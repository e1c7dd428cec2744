/**
 * How help and wrong command lines are shown: fitted to the terminal, mistakes on standard error with what to do next.
 *
 * @internal
 */
import { demos } from "@ropewalk/examples/Demos"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Console from "effect/Console"
import * as Output from "./output.ts"
import { nearest } from "./nearest.ts"

/** @internal */
export const presenter: CliOutput.Presenter = {
  present: (event) => {
    const format = CliOutput.defaultFormatter({ colors: Output.color() })
    switch (event._tag) {
      case "Help":
        return Console.log(fit(format.formatHelpDoc(event.helpDoc), Output.width()))
      case "Version":
        return Console.log(format.formatVersion(event.name, event.version))
      case "InvalidInvocation": {
        const mistakes = event.errors.map((error) => `ropewalk: ${explain(error)}`)
        const hint = `Run "${event.commandPath.join(" ")} --help" to see what is possible.`
        return Console.error(fit([...mistakes, hint].join("\n"), Output.width()))
      }
    }
  }
}

const explain = (error: CliError.CliError): string =>
  error._tag === "InvalidValue" && error.kind === "argument" && error.option === "name"
    ? unknownDemo(error.value)
    : error.message

const unknownDemo = (name: string): string => {
  const names = demos.map((demo) => demo.name)
  const guesses = nearest(name, names).map((guess) => `"${guess}"`)
  const suggestion = guesses.length === 0 ? "" : ` Did you mean ${guesses.join(" or ")}?`
  return `there is no demo "${name}".${suggestion}\n  The demos are: ${names.join(", ")}.`
}

/** Breaks lines that are too long between words, and lines up what follows with the column that the line's text is in. */
const fit = (text: string, width: number): string => text.split("\n").flatMap((line) => fitLine(line, width)).join("\n")
