/** Small models whose schedules can be counted by hand. */
import type { Access, Execution, Finding, Model } from "../../../src/internal/explore/Model.ts"

export interface Op<S> {
  readonly does: (state: S) => void
  /** Absent: unknown. */
  readonly touches?: ReadonlyArray<Access>
  /** Blocks until it holds. */
  readonly when?: (state: S) => boolean
  readonly label?: string
}

export interface Listed<S> {
  readonly state: () => S
  /** What each agent does, step by step. */
  readonly agents: ReadonlyArray<ReadonlyArray<Op<S>>>
  readonly check?: (state: S, over: boolean) => Finding | undefined
  readonly fingerprint?: (state: S, positions: ReadonlyArray<number>) => string
  /** Called as each run is disposed of, with the agents in the order of their steps. */
  readonly ran?: (order: ReadonlyArray<number>, state: S, over: boolean) => void
}

export const listed = <S>({ agents, check, fingerprint, ran, state: initial }: Listed<S>): Model => {
  const start = (): Execution => {
    const state = initial()
    const positions = agents.map(() => 0)
    const order: Array<number> = []
    let touched: Op<S>["touches"]
    const enabled = () =>
      agents.flatMap((ops, agent) => {
        const op = ops[positions[agent]!]
        return op !== undefined && (op.when === undefined || op.when(state)) ? [agent] : []
      })
    const next = (agent: number) => agents[agent]![positions[agent]!]!
    return {
      enabled,
      step: (agent) => {
        touched = next(agent).touches
        next(agent).does(state)
        positions[agent]!++
        order.push(agent)
      },
      touched: () => touched,
      finding: () => {
        const over = enabled().length === 0
        const stuck = agents.flatMap((ops, agent) => (positions[agent]! < ops.length ? [agent] : []))
        if (over && stuck.length > 0) return { kind: "deadlock", message: `stuck: ${stuck.join()}` }
        return check?.(state, over)
      },
      dispose: () => ran?.(order, state, enabled().length === 0),
      nameOf: (agent) => `agent ${agent}`,
      describeStep: () => {
        const agent = order.at(-1)!
        return agents[agent]![positions[agent]! - 1]!.label
      },
      ...(fingerprint && { state: () => fingerprint(state, positions) })
    }
  }
  return { start }
}

/** Agents with so many steps each that do nothing; `touches` says of each agent what it touches. */
export const straight = (
  lengths: ReadonlyArray<number>,
  touches?: (agent: number) => ReadonlyArray<Access>,
  ran?: (order: ReadonlyArray<number>) => void
): Model =>
  listed({
    state: () => undefined,
    agents: lengths.map((length, agent) =>
      Array.from({ length }, () => ({ does: () => {}, ...(touches && { touches: touches(agent) }) }))
    ),
    ...(ran && { ran })
  })

/** Each agent loads the counter and stores one more, in two steps; one update is lost if they come between each other. */
export const lostUpdate = (agents: number, before = 0): Model =>
  listed({
    state: () => ({ counter: 0, loaded: new Array<number>(agents).fill(0) }),
    agents: Array.from({ length: agents }, (_, agent) => [
      ...Array.from({ length: before }, () => ({ does: () => {} })),
      {
        label: "load",
        does: (state: Counter) => {
          state.loaded[agent] = state.counter
        }
      },
      {
        label: "store",
        does: (state: Counter) => {
          state.counter = state.loaded[agent]! + 1
        }
      }
    ]),
    check: ({ counter }, over) =>
      over && counter < agents ? { kind: "failure", message: `${agents - counter} lost` } : undefined
  })

interface Counter {
  counter: number
  readonly loaded: Array<number>
}

/** Two agents that take two locks, the second the other way round. */
export const abba = (): Model => {
  const take = (lock: number): Op<Array<boolean>> => ({
    when: (held) => !held[lock],
    does: (held) => {
      held[lock] = true
    }
  })
  const give = (lock: number): Op<Array<boolean>> => ({
    does: (held) => {
      held[lock] = false
    }
  })
  return listed({
    state: () => [false, false],
    agents: [
      [take(0), take(1), give(1), give(0)],
      [take(1), take(0), give(0), give(1)]
    ]
  })
}

/** Agent 0 spins until agent 1 has set the flag; ends under every fair schedule. With `broken` the flag is never set. */
export const spinning = (broken = false): Model => ({
  start: () => {
    let flag = false
    let done = false
    let set = false
    return {
      enabled: () => [...(done ? [] : [0]), ...(set ? [] : [1])],
      step: (agent) => {
        if (agent === 0) done = flag
        else {
          set = true
          flag = !broken
        }
      },
      finding: () => undefined,
      dispose: () => {},
      nameOf: (agent) => (agent === 0 ? "spinner" : "setter"),
      describeStep: () => undefined
    }
  }
})
