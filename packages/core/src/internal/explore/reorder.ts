/**
 * Puts the promise to the test that reduction rests on: that steps which are taken to be independent can change places.
 * A run is taken again in a random other order that should make no difference, and compared step by step. If it does
 * make one, the two orders are brought together, by halves, until they differ in two neighbouring steps only.
 *
 * Only what is run is tested: that nothing was found says little of what was not.
 *
 * @internal
 */
import type { HappensBefore } from "./HappensBefore.ts"
import type { Execution, Finding, Model } from "./Model.ts"
import type { Prng } from "./Prng.ts"
import { Run, runOnce } from "./run.ts"
import type { Schedule } from "./Schedule.ts"
import { CUT, type Search } from "./Strategy.ts"
import type { Touched } from "./sleepSet.ts"

export interface Difference {
  readonly finding: Finding
  /** By which it shows. */
  readonly schedule: Schedule
  /** What was taken to be the same. */
  readonly passing: Schedule
}

/** So many other orders of a run, at most. Returns how many were run, and by what one of them differed. */
export const reorder = (
  model: Model,
  order: HappensBefore,
  attempts: number,
  prng: Prng,
  maxSteps: number
): { readonly runs: number; readonly difference: Difference | undefined } => {
  const usual = Array.from({ length: order.length }, (_, step) => step)
  const follow = (steps: ReadonlyArray<number>) => followed(model, order, steps, maxSteps)
  let reference: Followed | undefined
  let runs = 0
  for (let attempt = 0; attempt < attempts; attempt++) {
    const other = linearized(order, prng)
    if (other.every((step, at) => step === at)) continue
    reference ??= follow(usual)
    if (reference.wrong !== undefined) return { runs, difference: notTheSame(reference) }
    runs++
    if (differs(reference, follow(other)) === undefined) continue
    return { runs, difference: nearest(order, reference, between(other), follow) }
  }
  return { runs, difference: undefined }
}

/** Neighbours among the orders between the usual one, which is as it should be, and the last, which is not. */
const nearest = (
  order: HappensBefore,
  reference: Followed,
  orders: ReadonlyArray<ReadonlyArray<number>>,
  follow: (steps: ReadonlyArray<number>) => Followed
): Difference => {
  let same = 0
  let other = orders.length - 1
  while (other - same > 1) {
    const middle = (same + other) >> 1
    if (differs(reference, follow(orders[middle]!)) === undefined) same = middle
    else other = middle
  }
  const one = orders[same]!
  const at = one.findIndex((step, position) => step !== orders[other]![position])
  const [passing, failing] = [follow(one), follow(orders[other]!)]
  const names = [one[at]!, one[at + 1]!].map((step) => failing.nameOf(order.agents[step]!))
  return {
    schedule: failing.schedule,
    passing: passing.schedule,
    finding: {
      kind: "undeclared",
      message: `two steps that follow each other, of ${names.join(" and ")}, touch nothing in common that was seen, but the other way round ${differs(reference, failing) ?? "the run was another once, and not again"}. They share something that is not declared: see Explore.shared and Explore.touch`
    }
  }
}

const notTheSame = ({ schedule, wrong }: Followed): Difference => ({
  schedule,
  passing: schedule,
  finding: {
    kind: "escape",
    message: `the same schedule, run again, was another run: ${wrong}. Something outside the control of the explorer takes part`
  }
})

interface Followed {
  readonly isComparable: boolean
  readonly schedule: Schedule
  /** What was not as in the run that it repeats. */
  readonly wrong: string | undefined
  readonly outcome: string | undefined
  readonly nameOf: (agent: number) => string
}

const differs = (reference: Followed, other: Followed): string | undefined => {
  if (!other.isComparable) return undefined
  const isSame = reference.outcome === other.outcome
  return other.wrong ?? (isSame ? undefined : `the run ends with ${other.outcome}, and not ${reference.outcome}`)
}

/** Takes the steps of a run again, in an order of their own. */
const followed = (model: Model, order: HappensBefore, steps: ReadonlyArray<number>, maxSteps: number): Followed => {
  const search = new Following(order, steps)
  const run = new Run()
  runOnce(model, search, maxSteps, run)
  const { execution } = search
  const { finding } = run
  return {
    schedule: run.schedule(),
    // Between independent steps there are other states, and an invariant that is broken there is found by the search.
    isComparable: finding?.kind !== "invariant",
    wrong:
      (finding && `there is a ${finding.kind}: ${finding.message}`) ??
      search.wrong ??
      (search.isOver ? undefined : "the run ends early"),
    outcome: execution?.outcome?.(),
    nameOf: (agent) => execution?.nameOf(agent) ?? `agent ${agent}`
  }
}

class Following implements Search {
  execution: Execution | undefined = undefined
  wrong: string | undefined = undefined
  readonly #order: HappensBefore
  readonly #steps: ReadonlyArray<number>
  #position = 0

  constructor(order: HappensBefore, steps: ReadonlyArray<number>) {
    this.#order = order
    this.#steps = steps
  }

  get isOver(): boolean {
    return this.#position === this.#steps.length
  }

  begin(): boolean {
    return true
  }

  /** Ids may be others in another order; identities are not. */
  choose(enabled: ReadonlyArray<number>, _last: number, execution: Execution): number {
    const step = this.#steps[this.#position]
    const identity = step === undefined ? undefined : this.#order.identities[step]
    const agent = enabled.find((id) => (execution.identity?.(id) ?? id) === identity)
    if (agent === undefined) {
      const names = enabled.map((id) => execution.nameOf(id)).join(" and ")
      this.wrong = step === undefined ? `the run goes on, with ${names}` : `only ${names} can go on at some point`
    }
    return agent ?? CUT
  }

  stepped(agent: number, execution: Execution): void {
    this.execution = execution
    const expected = this.#order.touched[this.#steps[this.#position++]!]
    if (!same(expected, execution.touched?.())) {
      this.wrong ??= `a later step of ${execution.nameOf(agent)} touches other things`
    }
  }

  end(): boolean {
    return true
  }
}

const same = (one: Touched, other: Touched): boolean => {
  if (one === undefined || other === undefined) return one === other
  const others = new Map(other.map(({ object, writes }) => [object, writes]))
  return one.length === other.length && one.every(({ object, writes }) => others.get(object) === writes)
}

/** A random order in which each step comes after all that happened before it. */
const linearized = (order: HappensBefore, prng: Prng): ReadonlyArray<number> => {
  const left = Array.from({ length: order.length }, (_, step) => step)
  const steps: Array<number> = []
  while (left.length > 0) {
    const first = left.filter((step, at) => !left.some((other, before) => before < at && order.ordered(other, step)))
    const step = first[prng.below(first.length)]!
    left.splice(left.indexOf(step), 1)
    steps.push(step)
  }
  return steps
}

/** From the usual order to another by exchanging neighbours, one pair each time: all of them are as good. */
const between = (other: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> => {
  const rank = new Map(other.map((step, position) => [step, position]))
  let current = other.toSorted((a, b) => a - b)
  const orders = [current]
  for (let end = current.length; end > 1; end--) {
    for (let at = 0; at + 1 < end; at++) {
      const [one, next] = [current[at]!, current[at + 1]!]
      if (rank.get(one)! < rank.get(next)!) continue
      current = current.with(at, next).with(at + 1, one)
      orders.push(current)
    }
  }
  return orders
}
