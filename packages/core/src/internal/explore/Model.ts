/**
 * What the engine explores: agents that take steps, one at a time, in an order that the engine chooses. Fibers under a
 * scheduler of ours are one model, protocols over shared words another; the engine knows neither.
 *
 * @internal
 */

/** What the engine drives: something that can be started again and again, and stops wherever another agent could run. */
export interface Model {
  readonly start: () => Execution
}

export interface Execution {
  /**
   * The agents that can take a step now, ascending; ids are the same in every run that made the same choices, and small,
   * as arrays are indexed by them. Empty: the run is over. The array may be reused: the engine keeps copies.
   */
  readonly enabled: () => ReadonlyArray<number>
  /** Takes the next step of an enabled agent. Returns when the next choice is due. */
  readonly step: (agent: number) => void
  /**
   * For partial-order reduction: what the step just taken touched, with what makes others able or unable to run.
   * `undefined`: unknown, so it depends on everything. Without it nothing is left out.
   */
  readonly touched?: () => ReadonlyArray<Access> | undefined
  /** Names an agent alike in runs that differ only in the order of independent steps. Its id when absent. */
  readonly identity?: (agent: number) => number
  /** Goes on only when nothing else can run, so that what was before and what comes can't change places. */
  readonly time?: () => number
  /**
   * Whether it is enough to see how runs end, and not every state on the way. Asked of a model whose agents wait by
   * ending a step, and whoever touches them makes them able to run: none is kept from its next step by a condition.
   */
  readonly judgesEndsOnly?: () => boolean
  /** Asked after every step, and when nothing is enabled: what is wrong, if something is. When nothing is enabled: passed is `undefined`. */
  readonly finding: () => Finding | undefined
  /** Ends the run, however far it came: undo everything. */
  readonly dispose: () => void
  /** For reports. */
  readonly nameOf: (agent: number) => string
  /** Of the step just taken: a label, a source line, a span. */
  readonly describeStep: () => string | undefined
  /** How the run ended, in words that are the same for the same end: for telling whether two orders make a difference. */
  readonly outcome?: () => string
  /** A fingerprint of the state, where there is one: counts distinct states and prunes. */
  readonly state?: () => string | undefined
}

export interface Access {
  /** Compared by identity: the same in every run. */
  readonly object: string | number
  readonly writes: boolean
}

export interface Finding {
  readonly kind:
    | "failure"
    | "defect"
    | "deadlock"
    | "livelock"
    | "invariant"
    | "leak"
    | "finalizer"
    | "difference"
    | "escape"
    | "undeclared"
  readonly message: string
  readonly detail?: unknown
}
