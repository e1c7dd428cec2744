/**
 * Faults as values, and as text: `kill`, `kill+50`, `stop(200)`, `slow(0,50)`, `memory`, `fail`, `exit(7)`. Times are in
 * milliseconds.
 *
 * @internal
 */
import { longestTimer } from "../timers.ts"

export type Fault =
  | { readonly kind: "kill"; readonly after: number }
  | { readonly kind: "stop"; readonly millis: number; readonly after: number }
  | { readonly kind: "slow"; readonly start: number; readonly answer: number }
  | { readonly kind: "memory"; readonly after: number }
  | { readonly kind: "fail" }
  | { readonly kind: "exit"; readonly code: number; readonly after: number }

export const formatFault = (fault: Fault): string => {
  const delay = "after" in fault && fault.after !== 0 ? `+${fault.after}` : ""
  return `${fault.kind}${argumentsOf(fault)}${delay}`
}

const argumentsOf = (fault: Fault): string => {
  switch (fault.kind) {
    case "stop":
      return `(${fault.millis})`
    case "slow":
      return `(${fault.start},${fault.answer})`
    case "exit":
      return `(${fault.code})`
    default:
      return ""
  }
}

const shape = /^(?<kind>[a-z]+)(?:\((?<args>[\d.]+(?:,[\d.]+)*)\))?(?:\+(?<after>[\d.]+))?$/

/** The fault that `text` says, or none. */
export const parseFault = (text: string): Fault | undefined => {
  const groups = shape.exec(text)?.groups
  if (groups === undefined) return undefined
  const args = groups["args"]?.split(",").map(Number) ?? []
  const fault = faultOf(groups["kind"] as string, args, Number(groups["after"] ?? 0))
  // What is left over was no part of this fault: an argument too many, a delay that it does not know.
  return fault !== undefined && formatFault(fault) === text ? fault : undefined
}

const faultOf = (kind: string, args: ReadonlyArray<number>, after: number): Fault | undefined => {
  const [first = Number.NaN, second = Number.NaN] = args
  switch (kind) {
    case "kill":
    case "memory":
      return { kind, after }
    case "stop":
      return { kind, millis: first, after }
    case "slow":
      return { kind, start: first, answer: second }
    case "fail":
      return { kind }
    case "exit":
      return { kind, code: first, after }
    default:
      return undefined
  }
}

/** What of a fault makes no sense, in words. */
export const problemOfFault = (fault: Fault): string | undefined => {
  const { kind, ...numbers } = fault
  if (kind === "exit" && !(Number.isInteger(fault.code) && fault.code >= 0 && fault.code <= 255)) {
    return `an exit code is a whole number from 0 to 255, not ${fault.code}`
  }
  const wrong = Object.entries(numbers).find(([, value]) => !(value >= 0 && value <= longestTimer))
  return wrong === undefined ? undefined : `the time "${wrong[0]}" of ${kind} must be a duration up to 24 days`
}
