/**
 * One run of a model under a search: the inner loop of everything here. It allocates nothing of its own.
 *
 * A run that comes to half of `maxSteps` is scheduled fairly from there on (round robin), whatever the search would
 * like: a loop that waits for another agent is starved by an unfair schedule, which is no fault of the program. So what
 * reaches `maxSteps` went on for that long although everyone had their turn, and is a livelock.
 *
 * @internal
 */
import type { Execution, Finding, Model } from "./Model.ts"
import { CUT, DIVERGED, type Search } from "./Strategy.ts"

/** What is known of the run under way; one record serves many runs. */
export class Run {
  /** The first `choiceCount` are of this run: who went on wherever more than one could. */
  readonly choices: Array<number> = []
  choiceCount = 0
  steps = 0
  /** A fingerprint of the choices. */
  trace = 0
  /** What follows was explored before. */
  cut = false
  /** Went past half of the steps: the rest was round robin. */
  overran = false
  finding: Finding | undefined = undefined
  /** Fingerprints of the states that all the runs came through; stays empty for a model without. */
  readonly states = new Set<string>()

  schedule(): ReadonlyArray<number> {
    return this.choices.slice(0, this.choiceCount)
  }
}

/** Told of each step. */
export interface Observer {
  readonly choosing: (enabled: ReadonlyArray<number>) => void
  readonly stepped: (agent: number, execution: Execution) => void
}

export const runOnce = (model: Model, search: Search, maxSteps: number, run: Run, observer?: Observer): void => {
  const execution = model.start()
  try {
    loop(execution, search, maxSteps, run, observer)
  } finally {
    execution.dispose()
  }
}

const loop = (execution: Execution, search: Search, maxSteps: number, run: Run, observer: Observer | undefined) => {
  const fairFrom = Math.ceil(maxSteps / 2)
  let steps = 0
  let choiceCount = 0
  let last = -1
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  run.cut = false
  run.finding = undefined
  for (;;) {
    if (execution.state !== undefined) note(run.states, execution.state())
    const enabled = execution.enabled()
    if (enabled.length === 0) {
      run.finding = execution.finding()
      break
    }
    if (steps === maxSteps) {
      run.finding = livelock(execution, enabled, maxSteps)
      break
    }
    let agent: number
    if (steps < fairFrom) {
      agent = search.choose(enabled, last, execution)
      if (agent < 0) {
        run.cut = agent === CUT
        if (agent === DIVERGED) run.finding = escaped
        break
      }
      if (enabled.length > 1) {
        run.choices[choiceCount++] = agent
        high = Math.imul(high ^ (agent + 1), 0xcc9e2d51)
        high ^= high >>> 15
        low = Math.imul(low ^ (agent + 1), 0x1b873593)
        low ^= low >>> 13
      }
    } else {
      agent = nextInTurn(enabled, last)
    }
    observer?.choosing(enabled)
    execution.step(agent)
    last = agent
    steps++
    search.stepped?.(agent, execution)
    observer?.stepped(agent, execution)
    const finding = execution.finding()
    if (finding !== undefined) {
      run.finding = finding
      break
    }
  }
  run.steps = steps
  run.choiceCount = choiceCount
  run.overran = steps > fairFrom
  // 53 bits: all that a number holds exactly.
  run.trace = (high >>> 0) * 0x200000 + (low >>> 11)
}

const note = (states: Set<string>, state: string | undefined): void => {
  if (state !== undefined) states.add(state)
}

/** Round robin: the next id after the last one. */
const nextInTurn = (enabled: ReadonlyArray<number>, last: number): number => {
  for (const agent of enabled) if (agent > last) return agent
  return enabled[0]!
}

const livelock = (execution: Execution, enabled: ReadonlyArray<number>, maxSteps: number): Finding => {
  const names = enabled.map((agent) => execution.nameOf(agent)).join(", ")
  return {
    kind: "livelock",
    message: `no end after ${maxSteps} steps, the second half of them in turn: ${names} can still run`
  }
}

const escaped: Finding = {
  kind: "escape",
  message: "the same choices led elsewhere than before: something outside the control of the explorer takes part"
}
