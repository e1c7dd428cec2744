/**
 * One scope: its body, its children, and what has been decided of them. All of it is synchronous; the effects around it are
 * in `run.ts` and `fork.ts`, the states in the README.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import type { Ended, Joiner, Joining, Verdict } from "../../Joiner.ts"
import { millisOf } from "../deadline.ts"
import type { PermitQueue } from "../sync/PermitQueue.ts"
import { touched } from "../touched.ts"
import { ScopeTimeout } from "./errors.ts"
import { CurrentMember, type Member, roots, type Wait } from "./Member.ts"

type AnyJoining = Joining<unknown, unknown, unknown, unknown, unknown>
type AnyExit = Exit.Exit<unknown, unknown>

export interface ScopeSettings {
  readonly name: string
  /** In milliseconds; absent without a limit of its own. */
  readonly timeout: number | undefined
  /** How many children there will be, where that is known. */
  readonly children: number | undefined
  /** Somebody wants to hear of leaks. */
  readonly watched: boolean
}

/** A child that was forked. */
export class ChildState implements Member, Ended {
  readonly name: string
  readonly index: number
  readonly scope: ScopeState
  readonly isBody = false
  readonly since: number
  readonly waits = new Set<Wait>()
  readonly scopes = new Set<ScopeState>()
  cancelled = false
  /** Somebody asked how it ended. */
  awaited = false
  fiber: Fiber.Fiber<unknown, unknown> | undefined

  constructor(scope: ScopeState, name: string, index: number, since: number) {
    this.scope = scope
    this.name = name
    this.index = index
    this.since = since
  }
}

export class ScopeState {
  readonly settings: ScopeSettings
  readonly joiner: string
  /** For whom it was opened; absent outside of all scopes. */
  readonly opener: Member | undefined
  readonly body: Member
  readonly running = new Set<ChildState>()
  /** Open while no child runs. */
  readonly idle = Latch.makeUnsafe(true)
  /** Opens when the body and all children have ended. */
  readonly ended = Latch.makeUnsafe(false)
  /** Where its members hold permits, if somebody wants to hear of leaks. */
  readonly held: Set<PermitQueue> | undefined
  /** Children that ran when the body ended and that nobody had asked for. */
  unjoined: ReadonlyArray<ChildState> = []
  readonly #siblings: Set<ScopeState>
  readonly #joining: AnyJoining
  #bodyFiber: Fiber.Fiber<unknown, unknown> | undefined
  #bodyExit: AnyExit | undefined
  #bodyWasStopped = false
  #verdict: Verdict = "continue"
  #aChildFailed = false
  #forked = 0
  #finished = 0
  /** How many waits for the result there are: the body is done but for them. */
  #joins = 0
  /** How many children there were when the result was given to the body: it has heard of these. */
  #delivered = -1
  #timedOut: ScopeTimeout | undefined
  /** What the joiner made of the end of the time. */
  #inTime: AnyExit | undefined
  #closed = false
  /** Defects of children that had been told to stop, and of the joiner. */
  readonly #defects: Array<Cause.Die> = []

  constructor(opener: Fiber.Fiber<unknown, unknown>, joiner: Joiner<any, any, any, any, any>, settings: ScopeSettings) {
    this.held = settings.watched ? new Set() : undefined
    this.settings = settings
    this.joiner = joiner.name
    this.#joining = joiner.begin(settings.children)
    const since = millisOf(opener.getRef(Clock.Clock))
    this.body = { name: "body", scope: this, isBody: true, since, waits: new Set(), scopes: new Set() }
    this.opener = opener.getRef(CurrentMember)
    this.#siblings = this.opener?.scopes ?? roots
    this.#siblings.add(this)
    touched(this, "makes")
  }

  get isClosed(): boolean {
    touched(this, "reads")
    return this.#closed
  }

  get bodyRuns(): boolean {
    return this.#bodyExit === undefined
  }

  get finished(): number {
    return this.#finished
  }

  get onFailure(): AnyJoining["onFailure"] {
    return this.#joining.onFailure
  }

  bodyBegins(fiber: Fiber.Fiber<unknown, unknown>): void {
    touched(this)
    this.#bodyFiber = fiber
  }

  bodyEnded(exit: AnyExit): void {
    touched(this)
    this.#bodyExit = exit
    if (Exit.isFailure(exit)) this.#decide("failed")
    else if (this.#verdict === "continue" && this.#delivered < this.#forked) {
      this.unjoined = [...this.running].filter((child) => !child.awaited)
    }
    this.#settle()
  }

  /** A child that may start, or one that is not to start: then it is `cancelled`, and has been accounted for. */
  childBegins(name: string | undefined, since: number): ChildState {
    touched(this)
    const index = this.#forked++
    const child = new ChildState(this, name ?? `child ${index}`, index, since)
    if (this.#verdict === "continue") {
      this.running.add(child)
      this.idle.closeUnsafe()
    } else {
      child.cancelled = true
      this.#tell(Exit.interrupt(), child)
    }
    return child
  }

  childEnded(child: ChildState, exit: AnyExit): void {
    touched(this)
    this.running.delete(child)
    this.#finished++
    if (child.cancelled && Exit.isFailure(exit)) this.#defects.push(...exit.cause.reasons.filter(Cause.isDieReason))
    this.#tell(exit, child)
    this.#settle()
  }

  /** No more is wanted of the children. */
  cancel(): void {
    touched(this)
    if (this.#verdict === "continue") this.#decide("enough")
  }

  /** Whoever opened the scope is interrupted. */
  abandon(): void {
    touched(this)
    this.#decide("failed")
  }

  timeIsUp(millis: number): void {
    touched(this)
    const isDecided = this.#verdict !== "continue" && (this.#bodyExit !== undefined || this.#joins > 0)
    const hasEnded = this.#bodyExit !== undefined && this.running.size === 0
    if (isDecided || hasEnded || this.#verdict === "failed") return
    const names = [...this.running].slice(0, 10).map(({ name }) => name)
    const counts = { unfinished: this.running.size, finished: this.#finished }
    const timeout = new ScopeTimeout({ scope: this.settings.name, millis, ...counts, names })
    const { onTimeout } = this.#joining
    if (onTimeout === undefined) {
      this.#timedOut = timeout
      this.#decide("failed")
    } else if (this.#verdict === "continue") {
      this.#inTime = caught(() => onTimeout(timeout))
      this.#decide("enough")
    }
  }

  joinBegins(): void {
    touched(this)
    this.#joins++
  }

  joinEnds(): void {
    touched(this)
    this.#joins--
  }

  /** What the joiner makes of it. Whoever asks has been told. */
  result(): AnyExit {
    touched(this)
    this.#delivered = this.#forked
    return this.#inTime ?? caught(() => this.#joining.result())
  }

  /** Body and children have ended: what the whole ends with. `outside`: why whoever opened the scope is interrupted. */
  outcome(outside: Cause.Cause<never> | undefined): AnyExit {
    const body = this.#bodyExit!
    const ofBody = Exit.isFailure(body) ? body.cause.reasons : []
    const reasons: Array<Cause.Reason<unknown>> = []
    if (outside !== undefined || this.#timedOut !== undefined) {
      // Whatever else failed in a typed way did so because it was stopped, or too late.
      if (outside !== undefined) reasons.push(...outside.reasons)
      else reasons.push(...Cause.fail(this.#timedOut).reasons)
      reasons.push(...ofBody.filter(Cause.isDieReason))
    } else {
      const isNews = Exit.isFailure(body) ? this.#aChildFailed : this.#delivered < this.#forked
      const joined = this.#bodyWasStopped || isNews ? this.result() : Exit.void
      const ofChildren = Exit.isFailure(joined) ? joined.cause.reasons : []
      const own = (all: ReadonlyArray<Cause.Reason<unknown>>) =>
        all.filter((reason) => !Cause.isInterruptReason(reason))
      if (this.#bodyWasStopped) reasons.push(...ofChildren, ...own(ofBody))
      else reasons.push(...ofBody, ...(ofBody.length > 0 ? own(ofChildren) : ofChildren))
    }
    reasons.push(...this.#defects)
    return reasons.length === 0 ? body : Exit.failCause(Cause.fromReasons(reasons))
  }

  close(): void {
    touched(this)
    this.#closed = true
    this.#siblings.delete(this)
  }

  #tell(exit: AnyExit, child: ChildState): void {
    const verdict = this.#verdictOn(exit, child)
    if (verdict === "failed") this.#aChildFailed = true
    if (verdict !== "continue" && this.#verdict === "continue") this.#decide(verdict)
  }

  #verdictOn(exit: AnyExit, child: ChildState): Verdict {
    try {
      return this.#joining.onExit(exit, child)
    } catch (thrown) {
      this.#defects.push(Cause.makeDieReason(thrown))
      return "failed"
    }
  }

  #decide(verdict: Exclude<Verdict, "continue">): void {
    if (this.#verdict === "failed") return
    this.#verdict = verdict
    const children = [...this.running].filter((child) => !child.cancelled)
    // All of them before the first is interrupted: its end may be heard in this very step.
    for (const child of children) child.cancelled = true
    if (verdict === "failed" && this.#bodyExit === undefined) {
      this.#bodyWasStopped = true
      this.#bodyFiber?.interruptUnsafe()
    }
    for (const child of children) child.fiber?.interruptUnsafe()
  }

  #settle(): void {
    if (this.running.size > 0) return
    if (this.#bodyExit !== undefined) this.ended.openUnsafe()
    this.idle.openUnsafe()
  }
}

/** A joiner of the user's may throw. */
const caught = (run: () => AnyExit): AnyExit => {
  try {
    return run()
  } catch (thrown) {
    return Exit.die(thrown)
  }
}
