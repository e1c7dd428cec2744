/**
 * Protocols between threads over shared words, as a model: agents take turns at single `Atomics` operations, sleep on
 * words and are woken, and may die before any of their steps, asleep or awake. JavaScript's `Atomics` are sequentially
 * consistent, so the interleavings of these operations are all that can happen.
 *
 * With n agents, agent n + i is the death of agent i: an agent with one step, so that every strategy chooses deaths as it
 * chooses everything else, and schedules and shrinking know them. Agent 2n + i is the reaper of agent i, which runs
 * after that death. A sleeper that dies is off its word at once; that a thread swallows a wake-up as it dies is the
 * schedule in which it dies after it was woken.
 *
 * @internal
 */
import type { Access, Execution, Finding, Model } from "./Model.ts"
import { accessesOf, describe, type Protocol, type Step, Word } from "./wordSteps.ts"

export type Words<Name extends string> = Readonly<Record<Name, Word>>

export interface Program<Name extends string> {
  /** The words by name, and what they hold in the beginning. */
  readonly words: Readonly<Record<Name, number>>
  /** What each agent does; `self` counts from 0. What it remembers between steps has to come from their results. */
  readonly agents: ReadonlyArray<(words: Words<Name>, self: number) => Protocol>
  /** So many agents die at most; none when absent. */
  readonly deaths?: number
  /** Runs after a death, beside the agents; does not die. */
  readonly reaper?: (words: Words<Name>, dead: number) => Protocol
  /** What is wrong with a state, if something is: asked after each step. May look at the words only. */
  readonly invariant?: (words: Words<Name>) => string | undefined
}

export const words = <Name extends string>(program: Program<Name>): Model => ({
  start: () => new WordsExecution(program)
})

/** An agent or a reaper: a protocol, and where it stands. */
class Thread {
  readonly #protocol: Protocol
  /** What it does next; absent when it has ended. */
  next: Step | undefined
  asleepOn: Word | undefined = undefined
  dead = false
  /** The results of its steps: with them, a protocol is always in the same place. */
  history = ""
  /** What it does, and its death, can't change places. */
  readonly own: Access

  constructor(name: number, protocol: Protocol) {
    this.own = { object: name, writes: true }
    this.#protocol = protocol
    const first = protocol.next()
    this.next = first.done ? undefined : first.value
  }

  get canRun(): boolean {
    return this.next !== undefined && this.asleepOn === undefined && !this.dead
  }

  get canDie(): boolean {
    return this.next !== undefined && !this.dead
  }

  /** What follows up to the next step is part of this one: nobody else can see it. */
  resume(result: number): void {
    this.asleepOn = undefined
    this.history += `${result},`
    const following = this.#protocol.next(result)
    this.next = following.done ? undefined : following.value
  }
}

/** Agents that may die compete for the few deaths there are. */
const deathsWritten: Access = { object: "deaths", writes: true }

class WordsExecution<Name extends string> implements Execution {
  readonly #program: Program<Name>
  readonly #words: Words<Name>
  readonly #all: ReadonlyArray<Word>
  readonly #agents: ReadonlyArray<Thread>
  readonly #reapers: Array<Thread | undefined> = []
  readonly #enabled: Array<number> = []
  #deathsLeft: number
  #failed: string | undefined = undefined
  #touched: ReadonlyArray<Access> = []
  #taken: Step | "death" | undefined = undefined
  #result = 0

  constructor(program: Program<Name>) {
    this.#program = program
    const entries = Object.entries<number>(program.words).map(([name, value]) => [name, new Word(name, value)] as const)
    this.#words = Object.fromEntries(entries) as Record<Name, Word>
    this.#all = entries.map(([, word]) => word)
    this.#agents = program.agents.map((agent, self) => new Thread(self, agent(this.#words, self)))
    this.#deathsLeft = program.deaths ?? 0
  }

  enabled(): ReadonlyArray<number> {
    const count = this.#agents.length
    const enabled = this.#enabled
    enabled.length = 0
    for (let i = 0; i < count; i++) if (this.#agents[i]!.canRun) enabled.push(i)
    if (this.#deathsLeft > 0) {
      for (let i = 0; i < count; i++) if (this.#agents[i]!.canDie) enabled.push(count + i)
    }
    for (let i = 0; i < this.#reapers.length; i++) if (this.#reapers[i]?.canRun) enabled.push(2 * count + i)
    return enabled
  }

  step(agent: number): void {
    this.#touched = this.#touches(agent)
    if (this.#isDeath(agent)) {
      this.#taken = "death"
      this.#die(agent - this.#agents.length)
      return
    }
    const thread = this.#thread(agent)
    const step = thread.next!
    this.#taken = step
    this.#result = this.#perform(agent, thread, step)
    if (thread.asleepOn === undefined) thread.resume(this.#result)
  }

  touched(): ReadonlyArray<Access> {
    return this.#touched
  }

  finding(): Finding | undefined {
    const wrong = this.#failed ?? this.#program.invariant?.(this.#words)
    if (wrong !== undefined) return { kind: "invariant", message: wrong }
    return this.#agents.some(({ asleepOn, dead }) => asleepOn !== undefined && !dead) ? this.#deadlock() : undefined
  }

  dispose(): void {}

  nameOf(agent: number): string {
    const count = this.#agents.length
    if (agent < count) return `agent ${agent}`
    return this.#isDeath(agent) ? `death of agent ${agent - count}` : `reaper of agent ${agent - 2 * count}`
  }

  describeStep(): string | undefined {
    if (this.#taken === undefined) return undefined
    return this.#taken === "death" ? "dies" : describe(this.#taken, this.#result)
  }

  state(): string {
    let state = `${this.#deathsLeft}`
    for (const { sleepers, value } of this.#all) state += `;${value}:${sleepers.join()}`
    for (const { dead, history } of this.#agents) state += `|${dead ? "x" : ""}${history}`
    for (const reaper of this.#reapers) state += `|${reaper?.history ?? "-"}`
    return state
  }

  #isDeath(agent: number): boolean {
    return agent >= this.#agents.length && agent < 2 * this.#agents.length
  }

  /** What the next step will touch. */
  #touches(agent: number): ReadonlyArray<Access> {
    if (!this.#isDeath(agent)) {
      const thread = this.#thread(agent)
      const step = thread.next!
      const woken = step.op === "wake" ? step.word.sleepers.slice(0, step.count) : []
      return [thread.own, ...accessesOf(step), ...woken.map((sleeper) => this.#thread(sleeper).own)]
    }
    const { asleepOn, own } = this.#agents[agent - this.#agents.length]!
    const reaper: Access = { object: agent + this.#agents.length, writes: true }
    return [own, reaper, deathsWritten, ...(asleepOn === undefined ? [] : [asleepOn.queueWritten])]
  }

  #thread(agent: number): Thread {
    return agent < this.#agents.length ? this.#agents[agent]! : this.#reapers[agent - 2 * this.#agents.length]!
  }

  #die(index: number): void {
    const agent = this.#agents[index]!
    agent.dead = true
    this.#deathsLeft--
    const sleepers = agent.asleepOn?.sleepers
    sleepers?.splice(sleepers.indexOf(index), 1)
    if (this.#program.reaper) {
      this.#reapers[index] = new Thread(2 * this.#agents.length + index, this.#program.reaper(this.#words, index))
    }
  }

  #perform(agent: number, thread: Thread, step: Step): number {
    switch (step.op) {
      case "load":
        return step.word.value
      case "store":
      case "exchange":
        return step.word.replace(step.value)
      case "add":
        return step.word.replace(step.word.value + step.value)
      case "cas":
        return step.word.value === step.expected ? step.word.replace(step.value) : step.word.value
      case "wait":
        if (step.word.value !== step.expected) return 0
        step.word.sleepers.push(agent)
        thread.asleepOn = step.word
        return 1
      case "wake":
        return this.#wake(step.word, step.count)
      case "fail":
        this.#failed = `${this.nameOf(agent)}: ${step.message}`
        return 0
    }
  }

  #wake(word: Word, count: number): number {
    const woken = word.sleepers.splice(0, Math.min(count, word.sleepers.length))
    for (const sleeper of woken) this.#thread(sleeper).resume(1)
    return woken.length
  }

  #deadlock(): Finding | undefined {
    // Deaths that may still come are no help to those who sleep.
    const running = this.#agents.some((agent) => agent.canRun) || this.#reapers.some((reaper) => reaper?.canRun)
    if (running) return undefined
    const parts = this.#agents.flatMap(({ asleepOn, dead }, index) => {
      if (dead) return [`agent ${index} is dead`]
      return asleepOn === undefined ? [] : [`agent ${index} sleeps on ${asleepOn.name}, which is ${asleepOn.value}`]
    })
    return { kind: "deadlock", message: `nobody is left to wake them: ${parts.join("; ")}` }
  }
}
