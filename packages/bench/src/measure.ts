/**
 * Measures the contenders of one case, inside the case's own process: starts them all, then goes round them, each round in
 * another order. A contender that fails or hangs is left out from there on, and its rivals go on.
 */
import type { Case, Contender, Figures, Running, Setting } from "./Case.ts"

export type Progress =
  | { readonly kind: "at"; readonly contender: string; readonly step: string }
  | { readonly kind: "sample"; readonly contender: string; readonly round: number; readonly figures: Figures }
  | { readonly kind: "problem"; readonly contender: string; readonly problem: string }

export interface MeasureOptions extends Setting {
  readonly rounds: number
  /** How long a start, or a round, may take. */
  readonly deadline: number
  /** The names of those to measure; all contenders without it. */
  readonly only?: ReadonlyArray<string>
}

/** Milliseconds of rounds that don't count; it is one at least. */
const rewarmMillis = 250

const rewarmed = async ({ round }: Running): Promise<void> => {
  const end = performance.now() + rewarmMillis
  do await round()
  while (performance.now() < end)
}

export const measure = async (
  { contenders, rewarm = false }: Pick<Case, "contenders" | "rewarm">,
  options: MeasureOptions,
  report: (progress: Progress) => void
): Promise<void> => {
  const chosen = contenders.filter(({ name }) => options.only?.includes(name) ?? true)
  const alive = new Map<string, Running>()
  const attempt = async <A>(contender: string, step: string, work: () => Promise<A>): Promise<A | undefined> => {
    report({ kind: "at", contender, step })
    try {
      return await within(options.deadline, work())
    } catch (cause) {
      alive.delete(contender)
      report({ kind: "problem", contender, problem: `${step}: ${messageOf(cause)}` })
      return undefined
    }
  }
  for (const { name, start } of chosen) {
    const running = await attempt(name, "start", () => start(options))
    if (running !== undefined) alive.set(name, running)
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const { name } of shuffled(chosen)) {
      const running = alive.get(name)
      if (running === undefined) continue
      // What one contender left on the heap is not collected at the cost of the next.
      globalThis.gc?.()
      if (rewarm) await attempt(name, `warm-up of round ${round + 1}`, () => rewarmed(running))
      if (!alive.has(name)) continue
      const figures = await attempt(name, `round ${round + 1}`, running.round)
      if (figures !== undefined) report({ kind: "sample", contender: name, round, figures })
    }
  }
  for (const [name, { stop }] of alive) await attempt(name, "stop", stop)
}

class Hung extends Error {
  override readonly name = "Hung"
}

const within = async <A>(millis: number, work: Promise<A>): Promise<A> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Hung(`hung: no answer within ${millis / 1000} s`)), millis)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

const messageOf = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.split("\n")[0] as string
}

/** Fisher–Yates: an order that favours nobody over the rounds. */
const shuffled = (contenders: ReadonlyArray<Contender>): ReadonlyArray<Contender> => {
  const order = [...contenders]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    const moved = order[last] as Contender
    order[last] = order[other] as Contender
    order[other] = moved
  }
  return order
}
