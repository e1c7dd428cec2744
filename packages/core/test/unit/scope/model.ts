/**
 * Random programs of nested scopes, and what has to come of them: a model of a few lines, in which a scope is a function of
 * when and how its children end.
 *
 * All children start at once, and no two of them end, or run out of time, in the same millisecond.
 */
import { Prng } from "../../../src/internal/explore/Prng.ts"

export type Program = Leaf | Nested

export interface Leaf {
  readonly kind: "leaf"
  readonly name: string
  /** When it ends by itself. */
  readonly at: number
  readonly ends: "well" | "failing" | "dying" | "never"
  /** How many finalizers it registers. */
  readonly finalizers: number
  /** Whether what it does when it is interrupted dies. */
  readonly dies: boolean
}

export interface Nested {
  readonly kind: "scope"
  readonly name: string
  readonly joiner: "all" | "settle" | "first" | "race" | "quorum" | "collect"
  readonly children: ReadonlyArray<Program>
  readonly timeout: number | undefined
}

/** Reasons by name, sorted: `fails x`, `dies x`, `late x`, `interrupt`. */
export type Outcome = { readonly value: unknown } | { readonly reasons: ReadonlyArray<string> }

export interface Run {
  readonly program: Nested
  /** When whoever runs it is interrupted. */
  readonly interruptAt: number | undefined
  /** When everything that ends has ended. */
  readonly until: number
}

export const generate = (seed: number): Run => {
  const prng = new Prng()
  prng.reset(seed, 0)
  const pick = <A>(...all: ReadonlyArray<A>): A => all[prng.below(all.length)]!
  const moments = Array.from({ length: 60 }, (_, index) => index + 1)
  const moment = () => moments.splice(prng.below(moments.length), 1)[0]!
  let count = 0
  const leaf = (): Leaf => ({
    kind: "leaf",
    name: `leaf${count++}`,
    at: moment(),
    ends: pick("well", "well", "well", "failing", "failing", "dying", "never"),
    finalizers: prng.below(4),
    dies: prng.below(4) === 0
  })
  // Only the outermost may be empty: one that ends at once may stop siblings that have not begun.
  const nested = (depth: number, least: number): Nested => ({
    kind: "scope",
    name: `scope${count++}`,
    joiner: pick("all", "settle", "first", "race", "quorum", "collect"),
    children: Array.from({ length: least + prng.below(4) }, () =>
      depth > 0 && prng.below(3) === 0 ? nested(depth - 1, 1) : leaf()
    ),
    timeout: pick(undefined, undefined, moment())
  })
  return { program: nested(3, 0), interruptAt: pick(undefined, undefined, moment()), until: 61 }
}

interface End {
  readonly at: number
  readonly outcome: Outcome
}

const never: End = { at: Number.POSITIVE_INFINITY, outcome: { reasons: [] } }
const failed = (reasons: ReadonlyArray<string>): Outcome => ({ reasons: [...reasons].sort() })
const own = (reasons: ReadonlyArray<string>) => reasons.filter((reason) => reason !== "interrupt")

export const expected = ({ interruptAt = Number.POSITIVE_INFINITY, program }: Run): Outcome | undefined => {
  const end = endOf(program)
  if (end.at <= interruptAt) return end.at === Number.POSITIVE_INFINITY ? undefined : end.outcome
  return failed(["interrupt", ...deaths(program, interruptAt)])
}

/** What the interrupts of all that runs at that time die with. */
const deaths = (program: Program, at: number): ReadonlyArray<string> => {
  if (endOf(program).at <= at) return []
  if (program.kind === "scope") return program.children.flatMap((child) => deaths(child, at))
  return program.dies ? [`dies ${program.name} interrupted`] : []
}

const endOf = (program: Program): End => {
  if (program.kind === "scope") return endOfScope(program)
  const { at, ends, name } = program
  switch (ends) {
    case "well":
      return { at, outcome: { value: name } }
    case "failing":
      return { at, outcome: failed([`fails ${name}`]) }
    case "dying":
      return { at, outcome: failed([`dies ${name}`]) }
    case "never":
      return never
  }
}

/** One child after the other, in the order in which they end, until it is decided. */
const endOfScope = (scope: Nested): End => {
  const { children, joiner, name, timeout = Number.POSITIVE_INFINITY } = scope
  const wanted = joiner === "first" ? 1 : 2
  const ends = children.map(endOf)
  const order = ends.map((_, index) => index).sort((one, other) => ends[one]!.at - ends[other]!.at)
  const values: Array<unknown> = []
  const failures: Array<string> = []
  let [bad, at] = [0, 0]
  const decided = (outcome: Outcome): End => {
    const dying = children.flatMap((child) => deaths(child, at))
    if (dying.length === 0) return { at, outcome }
    return { at, outcome: failed([...("reasons" in outcome ? outcome.reasons : []), ...dying]) }
  }
  const result = (): Outcome => {
    const byIndex = () => ends.map(({ outcome }) => ("value" in outcome ? outcome.value : outcome))
    if (joiner === "all" || joiner === "settle") return { value: byIndex() }
    if (joiner === "collect") return { value: { values, failed: bad } }
    if (joiner !== "race" && values.length === wanted) return { value: joiner === "first" ? values[0] : values }
    return failures.length > 0 ? failed(failures) : failed([`too few ${name}`])
  }
  for (const index of order) {
    const { at: ended, outcome } = ends[index]!
    if (ended > timeout || ended === Number.POSITIVE_INFINITY) {
      if (timeout === Number.POSITIVE_INFINITY) return never
      at = timeout
      return decided(joiner === "collect" ? { value: { values, failed: bad } } : failed([`late ${name}`]))
    }
    at = ended
    if (joiner === "race") return decided(outcome)
    if ("value" in outcome) {
      values.push(outcome.value)
      if (joiner !== "all" && joiner !== "settle" && values.length === wanted) return decided(result())
    } else {
      failures.push(...own(outcome.reasons))
      bad++
      if (joiner === "all") return decided(failed(outcome.reasons))
      if ((joiner === "first" || joiner === "quorum") && children.length - bad < wanted)
        return decided(failed(failures))
    }
  }
  return decided(result())
}
