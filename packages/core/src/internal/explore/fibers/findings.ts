/**
 * What can be wrong with a run, and how it is said. Messages that need the source are worked out when they are read:
 * shrinking makes many findings and shows one.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Finding } from "../Model.ts"
import type { Invariant } from "./currentRun.ts"
import type { Agent } from "./FiberScheduler.ts"
import * as Places from "./places.ts"

/** A fiber that has started and has not ended. */
export interface Alive {
  readonly agent: Agent
  readonly fiber: Fiber.Fiber<unknown, unknown>
}

export const nameOf = (agent: Agent): string =>
  agent.name === undefined
    ? `${agent.fiber === undefined ? "task" : "fiber"} ${agent.id}`
    : `${agent.name} (${agent.id})`

/** Nothing can run, no timer is set, and the program has not ended. */
export const deadlock = (alive: ReadonlyArray<Alive>): Finding =>
  listing("deadlock", "nothing can run:", "waits", alive)

export const leak = (alive: ReadonlyArray<Alive>): Finding | undefined =>
  alive.length === 0 ? undefined : listing("leak", "the program has ended, and these have not:", "is still", alive)

/** By the rule that nothing is wrong with a success, and only with that. */
export const unlessSucceeded = (exit: Exit.Exit<unknown, unknown>): Finding | undefined =>
  exit._tag === "Success"
    ? undefined
    : { kind: Cause.hasDies(exit.cause) ? "defect" : "failure", message: said(exit.cause), detail: exit }

/** What a test says of an exit: it throws, as assertions do, or returns `false`. */
export const expectation =
  <A, E>(expect: (exit: Exit.Exit<A, E>) => unknown) =>
  (exit: Exit.Exit<A, E>): Finding | undefined => {
    const wrong = complaint(() => expect(exit))
    return wrong === undefined
      ? undefined
      : {
          kind: "failure",
          message: `${wrong ?? "not as expected"}: the program ended with ${shown(exit)}`,
          detail: exit
        }
  }

export const difference = (one: Exit.Exit<unknown, unknown>, other: Exit.Exit<unknown, unknown>): Finding => ({
  kind: "difference",
  message: `the result depends on the schedule: ${shown(one)} by one, ${shown(other)} by another`
})

export const broken = (invariants: ReadonlyArray<Invariant>): Finding | undefined => {
  for (const { holds, name } of invariants) {
    const wrong = complaint(holds)
    if (wrong !== undefined) return { kind: "invariant", message: wrong === null ? name : `${name}: ${wrong}` }
  }
  return undefined
}

/** A scope that the run used and nobody closed: what was acquired in it has not been released. */
export const openScopes = (scopes: Iterable<Scope.Scope>): Finding | undefined => {
  let open = 0
  for (const scope of scopes) if (scope.state._tag === "Open") open++
  if (open === 0) return undefined
  const what = open === 1 ? "a scope is" : `${open} scopes are`
  return { kind: "finalizer", message: `${what} still open at the end of the program: its finalizers have not run` }
}

/** `null`: it is false, and says no more. */
const complaint = (check: () => unknown): string | null | undefined => {
  try {
    return check() === false ? null : undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

const shown = (exit: Exit.Exit<unknown, unknown>): string =>
  exit._tag === "Success" ? inspect(exit.value) : said(exit.cause)

const said = (cause: Cause.Cause<unknown>): string => {
  const first = cause.reasons.find((reason) => !Cause.isInterruptReason(reason))
  if (first === undefined) return "an interrupt"
  const value = Cause.isFailReason(first) ? first.error : Cause.isDieReason(first) ? first.defect : first
  return value instanceof Error ? `${value.name}: ${value.message}` : inspect(value)
}

const inspect = (value: unknown): string => {
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)
  return text !== undefined && text.length > 200 ? `${text.slice(0, 197)}...` : String(text)
}

/** How a run ended, without what differs from one run to the next, like the numbers of fibers. */
export const outline = (exit: Exit.Exit<unknown, unknown> | undefined): string => {
  if (exit === undefined) return "no end"
  if (exit._tag === "Success") return shape(exit.value, 4)
  return exit.cause.reasons
    .map((reason) => {
      if (Cause.isFailReason(reason)) return `failure ${shape(reason.error, 4)}`
      return Cause.isDieReason(reason) ? `defect ${shape(reason.defect, 4)}` : "interrupt"
    })
    .join(", ")
}

const shape = (value: unknown, depth: number): string => {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === "function" || typeof value === "symbol") return typeof value
  if (typeof value !== "object" || value === null) return typeof value === "string" ? JSON.stringify(value) : `${value}`
  const parts = (values: Iterable<unknown>) =>
    depth === 0 ? "..." : Array.from(values, (part) => shape(part, depth - 1)).join(", ")
  if (Array.isArray(value)) return `[${parts(value)}]`
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name}(${parts(value)})`
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return `{${parts(Object.entries(value))}}`
  // What an object of a class holds may be another each time: the number of a fiber, a cache.
  return prototype.constructor?.name ?? "object"
}

const listing = (kind: Finding["kind"], title: string, verb: string, alive: ReadonlyArray<Alive>): Finding => {
  // Where a fiber stands is in frames that it drops when it is interrupted, as it is at the end of the run.
  const standing = alive.map(({ agent, fiber }) => ({ name: nameOf(agent), frames: Places.framesOf(fiber) }))
  const names = standing.map(({ name }) => name)
  return {
    kind,
    get message() {
      const lines = Places.locate(({ placeOf }) =>
        standing.map(({ frames, name }) => `  ${name} ${verb} ${Places.show(placeOf(frames))}`)
      )
      return [title, ...lines].join("\n")
    },
    detail: names
  }
}
