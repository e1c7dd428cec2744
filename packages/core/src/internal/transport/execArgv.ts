/** @internal */

/** What would make the child run something else, or fight over a port. */
const programOnly =
  /^(-e|-p|-pe|--eval|--print|-i|--interactive|-c|--check)(=|$)|^--(test|inspect|debug-port|watch|run|input-type|entry-url)/

/** The program's own flags, without those that are for itself only. */
export const inheritedExecArgv = (execArgv: ReadonlyArray<string>): Array<string> => {
  let leftOut = false
  return execArgv.filter((argument) => {
    // A value may be an argument of its own: it goes where its flag goes. Node takes none that starts with a dash.
    if (argument.startsWith("-")) leftOut = programOnly.test(argument)
    return !leftOut
  })
}
