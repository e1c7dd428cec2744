/** How to show what is done: the same for demos and for jobs. @internal */
import * as Flag from "effect/cli/Flag"

export const outputFlags = {
  json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("Print one event a line, as JSON")),
  // Obeyed by Output.color, for what is shown before flags are parsed too; declared here for the parser and for the help.
  noColor: Flag.Boolean("no-color").pipe(
    Flag.withoutNegation,
    Flag.withDefault(false),
    Flag.withDescription("Use no colours, as with NO_COLOR and where there is no terminal")
  )
}
