/**
 * The scheduler of one run: what Effect's runtime hands to it waits in `ready` until it is chosen. Agents are fibers, by
 * the order in which they came up: two runs that made the same choices number them the same.
 *
 * What Effect schedules is a closure without a name. It is a fiber's own next step if it was scheduled by the yield
 * primitive, which `tracer.context` sees go by; anything else is new: a fiber that starts, or a wake-up that goes on by
 * itself (a latch that opens). A new one becomes the agent of the fiber that it runs first, if that fiber has none.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { Touched } from "../sleepSet.ts"
import { Recorder } from "./Recorder.ts"
import { asynchronous, watchAsync, watchScope } from "./watchEffect.ts"

export interface Agent {
  readonly id: number
  /** The same in runs that differ only in the order of independent steps. */
  readonly identity: number
  /** Taken so far. */
  steps: number
  /** `undefined` until it has run, and for ever of a wake-up. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** What its next step does, if it can take one. */
  task: (() => void) | undefined
  /** Kept while it runs: a fiber that has ended has none any more. */
  name: string | undefined
  context: Context.Context<never> | undefined
}

/** Fewer never get past the yield itself: going on after one takes two operations. */
const fewestOperations = 3

/** Where nobody else could run there is no choice to stop for, but a spinning fiber has to be stopped nevertheless. */
const operationsAlone = 256

/**
 * A fiber that is interrupted before it began has to end at once: it still has the task that begins it, which would go
 * on as if nothing had been.
 */
const isInterrupted = (fiber: Fiber.Fiber<unknown, unknown>): boolean =>
  // Not part of Effect's interface. Without it such a program would deadlock here, and a test fail.
  (fiber as { readonly _interruptedCause?: unknown })._interruptedCause !== undefined

const yields = Object.getPrototypeOf(Effect.yieldNow)

export class FiberScheduler implements Scheduler.Scheduler {
  readonly executionMode = "sync"
  readonly agents: Array<Agent> = []
  readonly ready: Array<number> = []
  readonly scopes = new Set<Scope.Scope>()
  /** Told of each operation before it is evaluated. For reports: it costs. */
  onOperation: ((agent: Agent, fiber: Fiber.Fiber<unknown, unknown>) => void) | undefined
  readonly tracer: Tracer.Tracer

  /** Of a run in which steps say what they touch. */
  readonly recorder: Recorder | undefined
  /** What the last step touched. */
  touched: Touched = undefined

  readonly #byFiber = new Map<Fiber.Fiber<unknown, unknown>, Agent>()
  readonly #dispatcher: Scheduler.SchedulerDispatcher
  /** Who is inside its yield primitive. */
  #yielding: Agent | undefined
  #current: Agent | undefined
  /** Whose step it is. Others that run during it were resumed inline. */
  #leader: Agent | undefined
  /** Its task has been taken and no fiber was seen yet. */
  #unclaimed = false
  /** Seen for the first time, and not by its own step. */
  #newcomer: Agent | undefined
  #disposed = false

  constructor(records: boolean) {
    const recorder = records ? new Recorder() : undefined
    this.recorder = recorder
    this.#dispatcher = { scheduleTask: (task) => this.#schedule(task), flush: () => {} }
    const see = (fiber: Fiber.Fiber<unknown, unknown>) => this.#see(fiber)
    const setYielding = (agent: Agent | undefined) => {
      this.#yielding = agent
    }
    this.tracer = Tracer.make({
      span: (options) => new Tracer.NativeSpan(options),
      context(primitive, fiber) {
        const kind = Object.getPrototypeOf(primitive)
        if (recorder !== undefined) {
          see(fiber)
          if (kind === asynchronous) return watchAsync(primitive, fiber)["~effect/Effect/evaluate"](fiber)
        }
        if (kind !== yields) return primitive["~effect/Effect/evaluate"](fiber)
        setYielding(see(fiber))
        const next = primitive["~effect/Effect/evaluate"](fiber)
        setYielding(undefined)
        return next
      }
    })
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this.#dispatcher
  }

  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    const agent = this.#see(fiber)
    // Under a tracer of its own nobody sees what it does.
    if (this.recorder !== undefined && fiber.cache.tracer !== this.tracer) this.recorder.touchEverything()
    const stops = this.#stops(agent, fiber)
    if (!stops && this.onOperation !== undefined) this.onOperation(agent, fiber)
    return stops
  }

  /** Whether what a fiber does next is the next step's. */
  #stops(agent: Agent, fiber: Fiber.Fiber<unknown, unknown>): boolean {
    const operations = fiber.currentOpCount
    if (agent === this.#newcomer) {
      // Started in the middle of its parent's step: when it begins is a choice.
      this.#newcomer = undefined
      if (fiber.cache.maxOpsBeforeYield <= fewestOperations && !isInterrupted(fiber)) return true
    }
    if (operations < fewestOperations || operations < fiber.cache.maxOpsBeforeYield) return false
    // To know what a step touches, it must not depend on what else could run how much it does.
    if (this.recorder !== undefined) return true
    return this.ready.length > 0 || agent !== this.#leader || operations >= operationsAlone
  }

  #schedule(task: () => void): void {
    if (this.#disposed) return
    this.enable(this.#yielding ?? this.newAgent(), task)
  }

  newAgent(): Agent {
    const id = this.agents.length
    const agent: Agent = {
      id,
      identity: this.recorder?.newName() ?? id,
      steps: 0,
      fiber: undefined,
      task: undefined,
      name: undefined,
      context: undefined
    }
    this.agents.push(agent)
    return agent
  }

  enable(agent: Agent, task: () => void): void {
    if (agent.task === undefined) {
      const { ready } = this
      let at = ready.length
      while (at > 0 && ready[at - 1]! > agent.id) at--
      ready.splice(at, 0, agent.id)
    }
    agent.task = task
    this.recorder?.touchAgent(agent.identity)
  }

  #disable(agent: Agent): void {
    agent.task = undefined
    this.recorder?.touchAgent(agent.identity)
    this.ready.splice(this.ready.indexOf(agent.id), 1)
  }

  step(id: number): void {
    const agent = this.agents[id]!
    const task = agent.task!
    this.#disable(agent)
    this.#leader = agent
    this.#current = undefined
    this.#unclaimed = agent.fiber === undefined
    const { recorder } = this
    if (recorder === undefined) {
      task()
      return
    }
    recorder.begin(agent.identity, agent.steps++)
    task()
    // A wake-up that went on by itself, and nobody knows to whom.
    if (agent.fiber === undefined && recorder.told === 0) recorder.touchEverything()
    this.touched = recorder.end()
  }

  agentOf(fiber: Fiber.Fiber<unknown, unknown>): Agent {
    return this.#see(fiber)
  }

  /** Drops what is left; what comes later, from a timer or a promise outside, is ignored. */
  dispose(): void {
    this.#disposed = true
    this.ready.length = 0
  }

  #see(fiber: Fiber.Fiber<unknown, unknown>): Agent {
    let agent = this.#current
    if (agent === undefined || agent.fiber !== fiber) {
      agent = this.#byFiber.get(fiber) ?? this.#claim(fiber)
      // Its task was to go on after a yield, but it runs already: it was interrupted, and the task does nothing now.
      if (agent.task !== undefined) this.#disable(agent)
      this.#current = agent
    }
    this.#unclaimed = false
    this.recorder?.touchFiber(fiber)
    if (agent.context !== fiber.context) this.#entered(agent, fiber.context)
    return agent
  }

  #claim(fiber: Fiber.Fiber<unknown, unknown>): Agent {
    const agent = this.#unclaimed ? this.#leader! : this.newAgent()
    if (!this.#unclaimed) this.#newcomer = agent
    agent.fiber = fiber
    this.#byFiber.set(fiber, agent)
    return agent
  }

  #entered(agent: Agent, context: Context.Context<never>): void {
    agent.context = context
    const scope = context.mapUnsafe.get(Scope.Scope.key)
    if (scope !== undefined) this.#enteredScope(scope as Scope.Scope)
    const span = agent.fiber!.cache.span
    if (agent.name === undefined && span?._tag === "Span") agent.name = span.name
  }

  #enteredScope(scope: Scope.Scope): void {
    this.scopes.add(scope)
    if (this.recorder !== undefined) watchScope(scope)
  }
}
