/**
 * Which task meets which fault. A plan is plain data; its text is `3:kill 7:stop(200)`, or `seed=42 rate=0.1 kill fail`.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { InvalidOption } from "../errors.ts"
import { type Fault, formatFault, parseFault, problemOfFault } from "./Fault.ts"

/** One fault for one task, by its number from 1. */
export interface Strike {
  readonly task: number
  readonly fault: Fault
}

export interface ExplicitPlan {
  readonly kind: "explicit"
  /** In the order of the tasks. */
  readonly strikes: ReadonlyArray<Strike>
}

export interface RandomPlan {
  readonly kind: "random"
  readonly seed: number
  /** How many of all tasks are struck: from 0 to 1. */
  readonly rate: number
  /** One of them is chosen for each task that is struck. */
  readonly faults: ReadonlyArray<Fault>
}

export type Plan = ExplicitPlan | RandomPlan

export const explicit = (strikes: Iterable<Strike>): ExplicitPlan => ({
  kind: "explicit",
  strikes: [...strikes].sort((a, b) => a.task - b.task)
})

/** What a plan has for a task; asked once a task, so an explicit plan is indexed first. */
export const lookup = (plan: Plan): ((task: number) => Fault | undefined) => {
  if (plan.kind === "random") return (task) => drawn(plan, task)
  const byTask = new Map(plan.strikes.map(({ fault, task }) => [task, fault]))
  return (task) => byTask.get(task)
}

/** Each task's draw is its own: it depends on the seed and on its number, and not on how many were drawn before it. */
const drawn = ({ faults, rate, seed }: RandomPlan, task: number): Fault | undefined =>
  chance(seed, 2 * task) < rate ? faults[Math.floor(chance(seed, 2 * task + 1) * faults.length)] : undefined

/** From 0 to below 1. The finalizer of MurmurHash3: one bit of the seed or of the index changes half of the answer's. */
const chance = (seed: number, index: number): number => {
  const start = mix((seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) >>> 0))
  return mix((start + Math.imul(index, 0x9e3779b9)) >>> 0) / 2 ** 32
}

const mix = (word: number): number => {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return (twice ^ (twice >>> 16)) >>> 0
}

export const formatPlan = (plan: Plan): string => {
  if (plan.kind === "random") {
    return [`seed=${plan.seed}`, `rate=${plan.rate}`, ...plan.faults.map(formatFault)].join(" ")
  }
  return plan.strikes.length === 0 ? nothing : plan.strikes.map((_) => `${_.task}:${formatFault(_.fault)}`).join(" ")
}

const nothing = "none"

export const parsePlan = (text: string): Effect.Effect<Plan, InvalidOption> => {
  const words = text.trim() === nothing ? [] : text.split(/\s+/).filter((word) => word !== "")
  const [seed, rate, ...faults] = words
  const isRandom = seed?.startsWith("seed=") === true
  const unread: Array<string> = []
  const read = <A>(word: string, value: A | undefined): Array<A> => {
    if (value === undefined) unread.push(word)
    return value === undefined ? [] : [value]
  }
  const plan: Plan = isRandom
    ? {
        kind: "random",
        seed: numberAfter("seed=", seed),
        rate: numberAfter("rate=", rate ?? ""),
        faults: faults.flatMap((word) => read(word, parseFault(word)))
      }
    : explicit(words.flatMap((word) => read(word, parseStrike(word))))
  return unread.length === 0 ? checkPlan(plan) : Effect.fail(invalid(`"${unread.join(" ")}" is not understood`))
}

const numberAfter = (label: string, word: string): number =>
  word.startsWith(label) && word.length > label.length ? Number(word.slice(label.length)) : Number.NaN

const parseStrike = (word: string): Strike | undefined => {
  const groups = /^(?<task>\d+):(?<fault>.+)$/.exec(word)?.groups
  const fault = parseFault(groups?.["fault"] ?? "")
  return fault === undefined ? undefined : { task: Number(groups?.["task"]), fault }
}

export const checkPlan = (plan: Plan): Effect.Effect<Plan, InvalidOption> => {
  const problem = problemOf(plan)
  return problem === undefined ? Effect.succeed(plan) : Effect.fail(invalid(problem))
}

const invalid = (problem: string): InvalidOption =>
  new InvalidOption({ option: "plan", message: `This plan makes no sense: ${problem}` })

const problemOf = (plan: Plan): string | undefined => {
  if (plan.kind === "random") {
    if (!Number.isSafeInteger(plan.seed)) return `a seed is a whole number, not ${plan.seed}`
    if (!(plan.rate >= 0 && plan.rate <= 1)) return `a rate is from 0 to 1, not ${plan.rate}`
    if (plan.faults.length === 0) return "it has no faults to choose from"
    return firstOf(plan.faults, problemOfFault)
  }
  const tasks = new Set<number>()
  return firstOf(plan.strikes, ({ fault, task }) => {
    if (!(Number.isSafeInteger(task) && task > 0)) return `tasks are counted from 1: there is no task ${task}`
    if (tasks.has(task)) return `task ${task} has two faults`
    tasks.add(task)
    return problemOfFault(fault)
  })
}

const firstOf = <A>(values: ReadonlyArray<A>, problem: (value: A) => string | undefined): string | undefined => {
  for (const value of values) {
    const found = problem(value)
    if (found !== undefined) return found
  }
  return undefined
}

/** Every fault that a plan may strike with. */
export const faultsOf = (plan: Plan): ReadonlyArray<Fault> =>
  plan.kind === "random" ? plan.faults : plan.strikes.map((_) => _.fault)
