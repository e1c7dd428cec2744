/**
 * An Effect program as a model: each run starts it afresh under a scheduler, a clock and randomness of ours.
 *
 * @internal
 */

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import * as Tracer from "effect/Tracer"
import type { Execution, Finding, Model } from "../Model.ts"
import { Prng } from "../Prng.ts"
import type { Touched } from "../sleepSet.ts"
import { CurrentRun, type Invariant } from "./currentRun.ts"
import { type Agent, FiberScheduler } from "./FiberScheduler.ts"
import * as Findings from "./findings.ts"
import type { Recorder } from "./Recorder.ts"
import { VirtualClock } from "./VirtualClock.ts"

export interface Program<A = unknown, E = unknown> {
  readonly effect: Effect.Effect<A, E>
  /** What is wrong with an exit, if something is. */
  readonly judge: (exit: Exit.Exit<A, E>) => Finding | undefined
  /** Checked at every step of every run. */
  readonly invariants: ReadonlyArray<Invariant>
  /** Whether fibers may outlive the program. */
  readonly mayLeak: boolean
}

/** Sees what a run does, for reports. It costs: a model without one is for exploring. */
export interface Watch {
  /** Before each operation of a step. */
  readonly operation: (agent: Agent, fiber: Fiber.Fiber<unknown, unknown>) => void
  readonly stepped: () => void
}

export interface How {
  readonly watch?: Watch
  /** Steps say what they touch. To be run while Effect's objects are watched. */
  readonly records?: boolean
}

export const model = <A, E>(program: Program<A, E>, how: How = {}): Model => ({
  start: () => new Run(program, how)
})

/** What fibers that outlive the program may still do before they are called leaked: enough to end, if they mean to. */
const stepsAfterExit = 1000

class Run<A, E> implements Execution {
  readonly #program: Program<A, E>
  readonly #watch: Watch | undefined
  readonly #scheduler: FiberScheduler
  readonly #clock: VirtualClock
  /** Only of a run that records. */
  readonly touched?: () => Touched
  readonly #invariants: Array<Invariant>
  #root: Fiber.Fiber<A, E> | undefined
  #stepsLeft = stepsAfterExit
  #over = false

  constructor(program: Program<A, E>, { records = false, watch }: How) {
    this.#program = program
    this.#watch = watch
    this.#invariants = [...program.invariants]
    const scheduler = new FiberScheduler(records)
    this.#scheduler = scheduler
    this.#clock = new VirtualClock(scheduler)
    if (records) this.touched = () => scheduler.touched
    scheduler.onOperation = watch?.operation
    const main = scheduler.newAgent()
    main.name = "main"
    scheduler.enable(main, () => {
      this.#root = Effect.runForkWith(this.#context())(program.effect)
    })
  }

  enabled(): ReadonlyArray<number> {
    const { ready } = this.#scheduler
    if (this.#exit === undefined) {
      if (ready.length === 0 && !this.#clock.advance()) this.#over = true
    } else if (ready.length === 0 || this.#stepsLeft-- === 0) {
      this.#over = true
      return []
    }
    return ready
  }

  step(agent: number): void {
    this.#scheduler.step(agent)
    this.#watch?.stepped()
  }

  finding(): Finding | undefined {
    const broken = this.#invariants.length === 0 ? undefined : Findings.broken(this.#invariants)
    if (broken !== undefined || !this.#over) return broken
    const exit = this.#exit
    if (exit === undefined) return Findings.deadlock(this.#alive())
    return (
      this.#program.judge(exit) ??
      (this.#program.mayLeak ? undefined : Findings.leak(this.#alive())) ??
      Findings.openScopes(this.#scheduler.scopes)
    )
  }

  dispose(): void {
    this.#scheduler.dispose()
    // Whatever real thing a fiber left alone is waiting for, a timer or a server, is to be let go.
    for (const { fiber } of this.#alive()) fiber.interruptUnsafe()
  }

  nameOf(id: number): string {
    return Findings.nameOf(this.#scheduler.agents[id]!)
  }

  describeStep(): undefined {}

  outcome(): string {
    return Findings.outline(this.#exit)
  }

  identity(id: number): number {
    return this.#scheduler.agents[id]!.identity
  }

  time(): number {
    return this.#clock.currentTimeMillisUnsafe()
  }

  judgesEndsOnly(): boolean {
    return this.#invariants.length === 0
  }

  get #exit(): Exit.Exit<A, E> | undefined {
    return this.#root?.pollUnsafe()
  }

  #alive(): Array<Findings.Alive> {
    return this.#scheduler.agents.flatMap((agent) =>
      agent.fiber === undefined || agent.fiber.pollUnsafe() !== undefined ? [] : [{ agent, fiber: agent.fiber }]
    )
  }

  #context(): Context.Context<never> {
    const run: CurrentRun = {
      addInvariant: (invariant) => {
        this.#invariants.push(invariant)
        // What was a way of getting somewhere is a state to be looked at from now on.
        this.#scheduler.recorder?.touchEverything()
      }
    }
    return Context.empty().pipe(
      Context.add(Scheduler.Scheduler, this.#scheduler),
      Context.add(Scheduler.MaxOpsBeforeYield, 0),
      Context.add(Clock.Clock, this.#clock),
      Context.add(Random.Random, randomness(this.#scheduler.recorder)),
      Context.add(Tracer.Tracer, this.#scheduler.tracer),
      // What a program logs would be said thousands of times.
      Context.add(References.CurrentLoggers, noLoggers),
      Context.add(CurrentRun, run)
    )
  }
}

/** Who draws next gets another number: draws can't change places. */
const randomName = 1

const noLoggers: ReadonlySet<never> = new Set()

/** Not a function of the exploration's seed: then a schedule alone says what a run does. */
const randomness = (recorder: Recorder | undefined): typeof Random.Random.Service => {
  const prng = new Prng()
  prng.reset(0, 0)
  const nextDoubleUnsafe = () => {
    recorder?.touch(randomName, true)
    return ((prng.next() >>> 5) * 2 ** 26 + (prng.next() >>> 6)) / 2 ** 53
  }
  return {
    nextDoubleUnsafe,
    nextIntUnsafe: () =>
      Math.floor(nextDoubleUnsafe() * (Number.MAX_SAFE_INTEGER - Number.MIN_SAFE_INTEGER + 1)) + Number.MIN_SAFE_INTEGER
  }
}
